import { setTimeout as sleep } from 'node:timers/promises';
import { LocalRunError } from './processes.ts';

interface Patience {
  readonly seconds: number;
  readonly everyMs: number;
  /** As in `Waited 5 s in vain for <what>`. */
  readonly what: string;
  /** Ends the wait when it fails, as when the process ends that was waited for. */
  readonly unless?: Promise<never>;
}

/**
 * Asks until the answer is not undefined, and returns it. What throws counts as not yet.
 * @throws LocalRunError after `seconds`, with the last failure; or what `unless` throws
 */
export const poll = async <T>(ask: () => Promise<T | undefined>, patience: Patience): Promise<T> => {
  const deadline = Date.now() + patience.seconds * 1000;
  let lastFailure = '';
  let ended: { error: unknown } | undefined;
  patience.unless?.catch((error: unknown) => {
    ended = { error };
  });
  while (Date.now() < deadline) {
    if (ended) throw ended.error;
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      lastFailure = error instanceof Error ? `: ${error.message}` : '';
    }
    await sleep(patience.everyMs);
  }
  throw new LocalRunError(`Waited ${patience.seconds} s in vain for ${patience.what}${lastFailure}`);
};
