// AWS batch calls take some of their entries and leave others: those are sent again.
import pRetry from 'p-retry';

/** Pauses of 50–100 ms that grow to a few hundred. */
const pauses = { retries: 5, minTimeout: 50, factor: 1.6, randomize: true };

class LeftOver extends Error {}

/**
 * Sends `items` in batches of `size`, one after the other, each until nothing of it is left over.
 * `send` answers the items that were not taken.
 * @throws Error that says how many of `what` were never taken; whatever `send` throws, at once.
 */
export const untilAllTaken = async <T>(
  { what, size }: { what: string; size: number },
  items: readonly T[],
  send: (batch: T[]) => Promise<T[]>,
): Promise<void> => {
  for (let start = 0; start < items.length; start += size) {
    let batch = items.slice(start, start + size);
    const attempt = async (): Promise<void> => {
      batch = await send(batch);
      if (batch.length > 0) throw new LeftOver(`${batch.length} ${what} were not taken, again and again`);
    };
    await pRetry(attempt, { ...pauses, shouldRetry: ({ error }) => error instanceof LeftOver });
  }
};
