// Time, chance and timers of a run are its seed's: whatever asks the machine for them is found out, by any seed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { escapes } from './mutants/escapes.ts';
import { type Runner, runner } from './runner.ts';

let threads: Runner;
beforeAll(() => {
  threads = runner();
});
afterAll(() => threads.close());

describe('a run finds out code that asks the machine for', () => {
  it.for(Object.keys(escapes))('%s', async (mutant) => {
    const { violations } = await threads.run({ seed: 1, traced: false, mutant });
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain(`not of the seed: ${mutant} at `);
    expect(violations[0]).toContain('(functions/acts/follow.ts');
  });
});
