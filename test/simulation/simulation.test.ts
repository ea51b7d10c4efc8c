// Nothing lost, nothing twice, under every fault that can be thought of: seeds, each a run of its own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Runner, reportOf, runner, simulate } from './runner.ts';

const SEEDS = 1000;
/** Three, where nothing else runs. */
const TEN_MINUTES = 600_000;

let threads: Runner;
beforeAll(() => {
  threads = runner();
});
afterAll(() => threads.close());

describe('the simulation', () => {
  it('the same seed gives the same trace, byte by byte', async () => {
    const [one, other] = await Promise.all([17, 17].map((seed) => threads.run({ seed, traced: true })));
    expect(one?.trace.length).toBeGreaterThan(200);
    expect(other?.trace.join('\n')).toBe(one?.trace.join('\n'));
  });

  it(
    `finds nothing wrong in ${SEEDS} runs of at least 200 events`,
    async () => {
      const { failed, fewestEvents } = await simulate(threads, { from: 1, count: SEEDS });
      const [first] = failed;
      if (first) expect.fail(reportOf(await threads.run({ seed: first.seed, traced: true })));
      expect(fewestEvents).toBeGreaterThanOrEqual(200);
    },
    TEN_MINUTES,
  );
});
