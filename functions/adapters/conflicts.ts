// Conditional writes that lost against another writer, and their repetition.
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import pRetry from 'p-retry';

const tries = 13;

/** Pauses of 15–30 ms that grow to about a second: all of them together stay well below a request's time. */
const pauses = { retries: tries - 1, minTimeout: 15, factor: 1.4, randomize: true };

/** Reasons of a cancelled transaction that go away when it is decided anew. */
const passing = new Set([
  'None',
  'ConditionalCheckFailed',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/** Whether a write was refused because the item is not (any more) as it was thought to be, or is being written just now. */
export const isConflict = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException ||
  error instanceof TransactionConflictException ||
  (error instanceof TransactionCanceledException &&
    (error.CancellationReasons ?? []).every(({ Code }) => passing.has(Code ?? 'None')));

/**
 * Repeats `attempt`, which reads and decides anew each time, while it throws a conflict.
 * @throws Error that names `what` when others are faster every time; whatever else `attempt` throws, at once.
 */
export const againOnConflict = async <T>(what: string, attempt: () => Promise<T>): Promise<T> => {
  try {
    return await pRetry(attempt, { ...pauses, shouldRetry: ({ error }) => isConflict(error) });
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new Error(`${what} was changed by others each time in ${tries} tries`, { cause: error });
  }
};

/** A single conditional write; false when its condition did not hold. */
export const heldCondition = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
