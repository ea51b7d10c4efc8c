// npm test: every check there is, in lanes side by side, each up to its first check that fails. Ends with a line
// of its own that counts them all: `N passed, M failed`.
//   npm test          everything
//   npm test -- unit  only what needs no emulated AWS
import process from 'node:process';
import { add, type Check, type Count, type Lane, tests, tool, yielding } from './test/checks.ts';
import { held, shown } from './test/output.ts';

/** What keeps the processor busy, in the order of how soon it tells. */
const busy: readonly Check[] = [
  tool('tsc'),
  tool('biome', 'ci', '--error-on-warnings', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.'),
  tool('knip'),
  tests('unit'),
  tests('alone'),
  tests('simulation'),
];
/** Needs no AWS either. Behind the lane that is done first, and no more urgent there. */
const atLast: readonly Check[] = [tests('sdk'), tests('fuzz')];
/** What mostly waits, for an emulated AWS of its own and for time to pass. */
const waiting: readonly (readonly Check[])[] = [
  [tests('flow'), tests('start')],
  [tests('faults'), tests('restart'), ...atLast.map(yielding)],
];

/** Runs checks one after the other. The first that fails ends everything, the other lanes as well. */
const runLane = async (checks: readonly Check[], lane: Lane, stop: AbortController): Promise<Count> => {
  let total: Count = { passed: 0, failed: 0 };
  for (const check of checks) {
    if (lane.signal.aborted) break;
    const count = await check(lane);
    // What did not get to its end because everything was to end has not failed.
    total = add(total, lane.signal.aborted ? { ...count, failed: 0 } : count);
    if (total.failed > 0) stop.abort();
  }
  return total;
};

const main = async (): Promise<Count> => {
  const stop = new AbortController();
  let stopped = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopped = 1;
      stop.abort();
    });
  }
  const { signal } = stop;
  const all = process.argv[2] !== 'unit';
  const lanes = [runLane(all ? busy : [...busy, ...atLast], { output: shown, yields: true, signal }, stop)];
  const turns: Promise<void>[] = [];
  for (const checks of all ? waiting : []) {
    const output = held();
    // Its turn comes when the lanes before it have ended.
    turns.push(Promise.allSettled([...lanes]).then(output.release));
    lanes.push(runLane(checks, { output, yields: false, signal }, stop));
  }
  const counts = await Promise.all(lanes);
  await Promise.all(turns);
  return counts.reduce(add, { passed: 0, failed: stopped });
};

const { passed, failed } = await main();
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
