// How long a call of LEIA may take, login and repeats included; and the clock, timers and chance that this needs.
import { setTimeout as pause } from 'node:timers/promises';

/** What the machine gives to calls of LEIA; a simulation has its own. Milliseconds. */
export type Timer = {
  /** Of no particular origin. */
  now(): number;
  /** Aborts when the time is over, unless that was cleared before. */
  timeout(millis: number): { signal: AbortSignal; clear(): void };
  pause(millis: number): Promise<unknown>;
  /** From 0 up to, but not including, 1. */
  random(): number;
};

export const machineTimer: Timer = {
  now: () => performance.now(),
  timeout: (millis) => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), millis);
    return { signal: controller.signal, clear: () => clearTimeout(timer) };
  },
  pause,
  random: Math.random,
};

export type Deadline = { signal: AbortSignal; millisLeft(): number };

/** Gives `work` a deadline, which ends with it: whatever comes of it, no timer is left behind. */
export type Within = <T>(seconds: number, work: (deadline: Deadline) => Promise<T>) => Promise<T>;

export const deadlinesBy =
  (timer: Timer): Within =>
  async (seconds, work) => {
    const endsAt = timer.now() + seconds * 1000;
    const { signal, clear } = timer.timeout(seconds * 1000);
    try {
      return await work({ signal, millisLeft: () => endsAt - timer.now() });
    } finally {
      clear();
    }
  };

/** `work`, or undefined if the deadline comes first; the work goes on for others who wait for it. */
export const inTime = <T>(work: Promise<T>, { signal }: Deadline): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const giveUp = () => resolve(undefined);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
