// All chance of a run comes from its seed.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export type Chance = {
  /** An integer from 0 up to, but not including, `below`. */
  below(below: number): number;
  /** An integer between two, both included. */
  between(low: number, high: number): number;
  /** True with this probability. */
  happens(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  hex(digits: number): string;
  bytes(count: number): Uint8Array;
};

const FINE = 1_000_000;

export const chanceOf = (seed: number): Chance => {
  const generator = xoroshiro128plus(seed);
  const between = (low: number, high: number): number => uniformInt(generator, low, high);
  const below = (limit: number): number => between(0, limit - 1);
  return {
    below,
    between,
    // Nothing is drawn for what cannot happen: a fault that is off changes nothing else.
    happens: (probability) => probability > 0 && below(FINE) < probability * FINE,
    pick: (items) => items[below(items.length)] ?? items[0],
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(''),
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
};
