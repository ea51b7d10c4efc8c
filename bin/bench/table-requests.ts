// What the table is asked, as it arrives there: requests of the SDK, and the writes in them.
import * as z from 'zod';
import type { Passed } from './distance.ts';

export interface TableRequest {
  /** When it came, in epoch milliseconds. */
  readonly at: number;
  readonly millis: number;
  /** By how much the table was further away than it is meant to be. */
  readonly late: number;
  /** As in `GetItem`. */
  readonly operation: string;
  /** Writes of items that belong to jobs, one by one. */
  readonly jobWrites: number;
}

const Key = z.object({ pk: z.object({ S: z.string() }) });
const Write = z.object({ Item: Key.optional(), Key: Key.optional() });
const Transaction = z.object({
  TransactItems: z.array(z.object({ Put: Write.optional(), Update: Write.optional(), Delete: Write.optional() })),
});

export const tableRequestOf = ({ headers, body, millis, late }: Passed): TableRequest => {
  const operation =
    String(headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? '';
  return {
    at: performance.timeOrigin + performance.now() - millis,
    millis,
    late,
    operation,
    jobWrites: writesIn(operation, body).filter(isOfJob).length,
  };
};

/** Keys of the items that are written. */
const writesIn = (operation: string, body: Buffer): string[] => {
  const input: unknown = JSON.parse(body.toString());
  if (operation === 'TransactWriteItems') {
    const { TransactItems } = Transaction.parse(input);
    return TransactItems.flatMap(({ Put, Update, Delete }) => keysOf(Put, Update, Delete));
  }
  return ['PutItem', 'UpdateItem', 'DeleteItem'].includes(operation) ? keysOf(Write.parse(input)) : [];
};

const keysOf = (...writes: (z.infer<typeof Write> | undefined)[]): string[] =>
  writes.flatMap((write) => (write?.Item ?? write?.Key)?.pk.S ?? []);

const isOfJob = (key: string): boolean => key.startsWith('JOB#');

/**
 * What whoever waits for these requests, one after the other or side by side, waits longer for them than if each had been
 * answered when it was due. In milliseconds.
 */
export const lateness = (requests: readonly TableRequest[]): number => {
  const sorted = requests.toSorted((a, b) => a.at - b.at);
  let [sum, end, due] = [0, 0, 0];
  for (const { at, millis, late } of sorted) {
    if (at > end) {
      sum += end - due;
      due = 0;
    }
    end = Math.max(end, at + millis);
    due = Math.max(due, at + millis - Math.max(0, late));
  }
  return sum + end - due;
};

/** What was asked in a stretch of time, for each of `times` things done in it: `1 PutItem, 2 GetItem`. */
export const perTime = (requests: readonly TableRequest[], times: number): string => {
  const byOperation = Map.groupBy(requests, ({ operation }) => operation);
  const parts = [...byOperation].map(([operation, asked]) => `${round(asked.length / times)} ${operation}`);
  return parts.toSorted().join(', ');
};

const round = (value: number): string => value.toFixed(2).replace(/\.?0+$/, '');
