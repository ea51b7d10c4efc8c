import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { againOnConflict, heldCondition, isConflict } from '../../functions/adapters/conflicts.ts';

const conditionFailed = () => new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'no',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

describe('a conflict', () => {
  it.each([
    ['a condition that does not hold', conditionFailed()],
    ['a transaction at work on the item', new TransactionConflictException({ message: 'no', $metadata: {} })],
    ['a transaction with such a condition', cancelled('None', 'ConditionalCheckFailed')],
    ['a transaction with such a rival', cancelled('TransactionConflict', 'None')],
  ])('is %s', (_what, error) => expect(isConflict(error)).toBe(true));

  it.each([
    ['a transaction that is wrong in itself', cancelled('ConditionalCheckFailed', 'ValidationError')],
    ['any other error', new Error('no network')],
    ['nothing', undefined],
  ])('is not %s', (_what, error) => expect(isConflict(error)).toBe(false));
});

describe('an attempt', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is made again until there is no conflict', async () => {
    const attempt = vi
      .fn(async () => 'done')
      .mockRejectedValueOnce(conditionFailed())
      .mockRejectedValueOnce(cancelled('TransactionConflict'));
    const done = againOnConflict('Job 1', attempt);
    await vi.runAllTimersAsync();
    expect(await done).toBe('done');
    expect(attempt).toHaveBeenCalledTimes(3);
  });

  it('that always meets a conflict ends with an error that says so', async () => {
    const failure = againOnConflict('Job 1', () => Promise.reject(conditionFailed())).catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    expect(String(await failure)).toBe('Error: Job 1 was changed by others each time in 13 tries');
  });

  it('that fails otherwise is not made again', async () => {
    const attempt = vi.fn(() => Promise.reject(new Error('no network')));
    await expect(againOnConflict('Job 1', attempt)).rejects.toThrow('no network');
    expect(attempt).toHaveBeenCalledTimes(1);
  });
});

describe('a condition', () => {
  it('held, did not hold, or could not be checked', async () => {
    expect(await heldCondition(Promise.resolve())).toBe(true);
    expect(await heldCondition(Promise.reject(conditionFailed()))).toBe(false);
    await expect(heldCondition(Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  });
});
