import { randomBytes } from 'node:crypto';

/** 24 lower-case hex digits, ascending: seconds, a random part for each server, a counter (contract §6). */
export const objectIds = (now: () => number): (() => string) => {
  const server = randomBytes(5).toString('hex');
  let counter = 0;
  return () => {
    const seconds = Math.floor(now() / 1000) % 2 ** 32;
    counter = (counter + 1) % 2 ** 24;
    return seconds.toString(16).padStart(8, '0') + server + counter.toString(16).padStart(6, '0');
  };
};
