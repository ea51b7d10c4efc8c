// The simulation is tested itself: mistakes planted in the bundle, each with seeds that have found it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { mutants } from './mutants/mutants.ts';
import recorded from './mutants/seeds.json' with { type: 'json' };
import { type Runner, runner } from './runner.ts';

/** By `npm run simulate -- --mutants`. */
const seedsOf = z.record(z.string(), z.array(z.number()).max(20)).parse(recorded);

const others = Array.from({ length: 150 }, (_, nth) => nth + 1);

let threads: Runner;
beforeAll(() => {
  threads = runner();
});
afterAll(() => threads.close());

describe('the simulation finds out when', () => {
  it.for(Object.entries(mutants))('%s', async ([mutant, { what }]) => {
    const seeds = seedsOf[mutant] ?? [];
    const violations: string[] = [];
    // One more request of a function, and a seed means another run: then some more have their chance.
    for (const seed of [...seeds, ...others]) {
      violations.push(...(await threads.run({ seed, traced: false, mutant })).violations);
      if (violations.length > 0) break;
    }
    const told = `${what}: found by none of the seeds [${seeds}], nor by 1 to 150; npm run simulate -- --mutants --mutant ${mutant}`;
    expect(violations.length, told).toBeGreaterThan(0);
  });
});
