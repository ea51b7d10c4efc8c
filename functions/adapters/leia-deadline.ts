// How long a call of LEIA may take, login and repeats included; and the clock, timers and chance that this needs.
import { setTimeout as pause } from 'node:timers/promises';

/** What the machine gives to calls of LEIA; a simulation has its own. Milliseconds. */
export type Timer = {
  /** Of no particular origin. */
  now(): number;
  /** Aborts with a `TimeoutError`, as `AbortSignal.timeout`. */
  timeout(millis: number): AbortSignal;
  pause(millis: number): Promise<unknown>;
  /** From 0 up to, but not including, 1. */
  random(): number;
};

export const machineTimer: Timer = {
  now: () => performance.now(),
  timeout: (millis) => AbortSignal.timeout(millis),
  pause,
  random: Math.random,
};

export type Deadline = { signal: AbortSignal; millisLeft(): number };

export const deadlineIn = (seconds: number, timer: Timer): Deadline => {
  const endsAt = timer.now() + seconds * 1000;
  return { signal: timer.timeout(seconds * 1000), millisLeft: () => endsAt - timer.now() };
};

/** `work`, or undefined if the deadline comes first; the work goes on for others who wait for it. */
export const inTime = <T>(work: Promise<T>, { signal }: Deadline): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const giveUp = () => resolve(undefined);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
