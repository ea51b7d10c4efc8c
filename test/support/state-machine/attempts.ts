// Attempts of tasks that are under way: what they wait for, and what ends them from outside.
import type { Json } from './definition.ts';
import { StateError } from './state-error.ts';

export type Attempt = {
  /** Absent when the function's reply is the task's result. */
  token?: string;
  timeoutSeconds: number;
  invoke: () => Promise<Json>;
  /** The function has replied, and the token is awaited. */
  submitted: () => void;
  /** Aborted when the execution, or the Map around, is over. */
  signal: AbortSignal;
};

type Pending = { deadline: number; succeed: (output: Json) => void; fail: (error: StateError) => void };

/** All attempts of a state machine. Times are epoch milliseconds. */
export const attempts = (now: () => number) => {
  const pending = new Set<Pending>();
  const byToken = new Map<string, Pending>();
  /** Calls of the function that have not returned; those of attempts that are over run on. */
  const calls = new Set<Promise<void>>();

  const call = (invoke: Attempt['invoke']): Promise<Json> => {
    const reply = invoke();
    const over: Promise<void> = reply.then(noted, noted).finally(() => calls.delete(over));
    calls.add(over);
    return reply;
  };

  const run = async (attempt: Attempt): Promise<Json> => {
    const { token, signal } = attempt;
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    /** The first thing that ends it ends it, for good and at once. */
    const ending =
      <T>(how: (value: T) => void) =>
      (value: T): void => {
        if (!pending.delete(own)) return;
        if (token !== undefined) byToken.delete(token);
        how(value);
      };
    const own: Pending = {
      deadline: now() + attempt.timeoutSeconds * 1000,
      succeed: ending(resolve),
      fail: ending(reject),
    };
    const abort = () => ending(reject)(signal.reason);
    pending.add(own);
    if (token !== undefined) byToken.set(token, own);
    signal.addEventListener('abort', abort);
    call(attempt.invoke).then((reply) => (token === undefined ? own.succeed(reply) : attempt.submitted()), own.fail);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };

  /** Ends the attempt that waits with a token; false if none does. A token serves once. */
  const end = (token: string, how: (its: Pending) => void): boolean => {
    const waiting = byToken.get(token);
    if (!waiting) return false;
    how(waiting);
    return true;
  };

  return {
    run,
    succeed: (token: string, output: Json) => end(token, (waiting) => waiting.succeed(output)),
    fail: (token: string, error: StateError) => end(token, (waiting) => waiting.fail(error)),
    /** Ends all whose time is up; how many. */
    timeOut: (): number => {
      const late = [...pending].filter(({ deadline }) => deadline <= now());
      for (const attempt of late) attempt.fail(new StateError('States.Timeout', ''));
      return late.length;
    },
    /** Resolves when no function is at work, and nobody can go on without being told to. */
    settled: async (): Promise<void> => {
      do {
        if (calls.size > 0) await Promise.race(calls);
        await nothingElseToDo();
      } while (calls.size > 0);
    },
  };
};

const noted = (): void => {};

/** Whatever is to happen without anything from outside has happened by the next turn of the event loop. */
const nothingElseToDo = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
