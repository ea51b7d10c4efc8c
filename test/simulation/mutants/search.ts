// Looks for seeds that find each planted mistake.
import type { Runner } from '../runner.ts';
import { mutants } from './mutants.ts';

export type Found = { mutant: string; seeds: number[]; violation: string | undefined; tried: number };

const WANTED = 3;
/** So many seeds are under way at once, for all threads to have work. */
const AT_ONCE = 4;

/** The first seeds, of 1 to `most`, that find the mistake. */
export const search = async ({ run }: Runner, mutant: string, most: number): Promise<Found> => {
  const found: Found = { mutant, seeds: [], violation: undefined, tried: 0 };
  for (let seed = 1; seed <= most && found.seeds.length < WANTED; seed += AT_ONCE) {
    const seeds = Array.from({ length: AT_ONCE }, (_, nth) => seed + nth);
    const results = await Promise.all(seeds.map((one) => run({ seed: one, traced: false, mutant })));
    for (const { seed: tried, violations } of results) {
      found.tried += 1;
      if (violations.length === 0) continue;
      found.violation ??= violations[0];
      if (found.seeds.length < WANTED) found.seeds.push(tried);
    }
  }
  return found;
};

export const names = Object.keys(mutants);
