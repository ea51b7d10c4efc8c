// The simulation is tested itself: mistakes planted in the bundle, each with seeds that have found it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutants } from './mutants/mutants.ts';
import { MOST_RECORDED, recorded } from './mutants/search.ts';
import { type Runner, runner } from './runner.ts';

const seedsOf = recorded();

let threads: Runner;
beforeAll(() => {
  threads = runner();
});
afterAll(() => threads.close());

describe('the record of what found planted mistakes', () => {
  it('has each mistake, and no other', () => {
    expect(Object.keys(seedsOf).toSorted()).toEqual(Object.keys(mutants).toSorted());
  });

  it.for(Object.entries(seedsOf))(`has 1 to ${MOST_RECORDED} different seeds for %s`, ([, seeds]) => {
    expect(seeds.length).toBeGreaterThanOrEqual(1);
    expect(seeds.length).toBeLessThanOrEqual(MOST_RECORDED);
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});

describe('the simulation finds out, by a recorded seed, when', () => {
  it.for(Object.entries(mutants))('%s', async ([mutant, { what }]) => {
    const violations: string[] = [];
    for (const seed of seedsOf[mutant] ?? []) {
      violations.push(...(await threads.run({ seed, traced: false, mutant })).violations);
      if (violations.length > 0) break;
    }
    const told = `${what}: found by none of its seeds; npm run simulate -- --mutants --mutant ${mutant} --record`;
    expect(violations.length, told).toBeGreaterThan(0);
  });
});
