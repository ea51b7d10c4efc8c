// All chance of a run comes from its seed.
import { createHash } from 'node:crypto';
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
  /** Chance of its own for one part of a run, which does not change when other parts draw more or less than before. */
  of(part: string): Chance;
};

const FINE = 1_000_000;

export const chanceOf = (seed: number, part = ''): Chance => {
  const generator = xoroshiro128plus(part === '' ? seed : seedOf(seed, part));
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
    of: (name) => chanceOf(seed, `${part}/${name}`),
  };
};

/** A whole number of 32 bits. */
const seedOf = (seed: number, part: string): number =>
  createHash('sha256').update(`${seed}${part}`).digest().readInt32BE();
