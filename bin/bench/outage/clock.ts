// Simulated time: everybody waits on this clock, and it moves on as soon as nobody has anything left to do.
import type { Timer } from '../../../functions/adapters/leia-deadline.ts';

export interface SimulatedClock {
  /** Epoch milliseconds. */
  now(): number;
  sleep(millis: number): Promise<void>;
  /** Lets time pass until `work` is done. */
  run<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export const simulatedClock = (start: number): SimulatedClock => {
  let time = start;
  /** The next to wake comes last. */
  const sleepers: Sleeper[] = [];

  const sleep = (millis: number): Promise<void> =>
    new Promise((wake) => {
      const at = time + millis;
      const place = sleepers.findLastIndex((sleeper) => sleeper.at > at) + 1;
      sleepers.splice(place, 0, { at, wake });
    });
  const run = async <T>(work: Promise<T>): Promise<T> => {
    let done = false;
    const end = (): void => {
      done = true;
    };
    work.then(end, end);
    while (!done) {
      await new Promise(setImmediate);
      const next = done ? undefined : sleepers.pop();
      time = next?.at ?? time;
      next?.wake();
    }
    return work;
  };
  return { now: () => time, sleep, run };
};

/** The deadlines and pauses of calls of LEIA, in this time. */
export const timerOf = ({ now, sleep }: SimulatedClock): Timer => ({
  now,
  timeout: (millis) => {
    const controller = new AbortController();
    let cleared = false;
    void sleep(millis).then(() => {
      if (!cleared) controller.abort();
    });
    const clear = (): void => {
      cleared = true;
    };
    return { signal: controller.signal, clear };
  },
  pause: sleep,
  random: Math.random,
});
