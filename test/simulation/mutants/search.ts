// Looks for seeds that find each planted mistake, and keeps a record of them.
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import type { Runner } from '../runner.ts';
import { mutants } from './mutants.ts';

export type Found = { mutant: string; seeds: number[]; violation: string | undefined; tried: number };

/** The more, the likelier that one of them still finds the mistake when a change of the code has made other runs of them. */
export const MOST_RECORDED = 20;
/** So many seeds are under way at once, for all threads to have work. */
const AT_ONCE = 4;

/** The first seeds, of 1 to `most`, that find the mistake, and nothing without it. */
export const search = async ({ run }: Runner, mutant: string, most: number): Promise<Found> => {
  const found: Found = { mutant, seeds: [], violation: undefined, tried: 0 };
  for (let seed = 1; seed <= most && found.seeds.length < MOST_RECORDED; seed += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, most - seed + 1) }, (_, nth) => seed + nth);
    const results = await Promise.all(seeds.map((one) => run({ seed: one, traced: false, mutant })));
    for (const { seed: tried, violations } of results) {
      found.tried += 1;
      if (violations.length === 0 || (await run({ seed: tried, traced: false })).violations.length > 0) continue;
      found.violation ??= violations[0];
      if (found.seeds.length < MOST_RECORDED) found.seeds.push(tried);
    }
  }
  return found;
};

export const names = Object.keys(mutants);

const file = new URL('seeds.json', import.meta.url);

/** Seeds that have found each mistake, by its name. */
export const recorded = (): Record<string, number[]> =>
  z.record(z.string(), z.array(z.int())).parse(JSON.parse(readFileSync(file, 'utf8')));

/** Records the seeds of these mistakes; of others, if they still are there, what was recorded before. */
export const record = (found: Record<string, number[]>): void => {
  const all = { ...recorded(), ...found };
  const lines = names.map((name) => `  "${name}": [${(all[name] ?? []).join(', ')}]`);
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
};
