// npm test: every check there is, in two lanes side by side, each up to its first check that fails. Ends with a line
// of its own that counts them all: `N passed, M failed`.
//   npm test          everything
//   npm test -- unit  only what needs no emulated AWS
import process from 'node:process';
import { add, type Check, type Count, type Lane, tests, tool } from './test/checks.ts';
import { held, shown } from './test/output.ts';

/** What keeps the processor busy, in the order of how soon it tells. */
const busy: readonly Check[] = [
  tool('tsc'),
  tool('biome', 'ci', '--error-on-warnings', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.'),
  tool('knip'),
  tests('unit'),
  tests('sdk'),
  tests('fuzz'),
  tests('start'),
  tests('simulation'),
];
/** What mostly waits: for the emulated AWS, for time to pass. */
const waiting: readonly Check[] = [tests('flow')];
/** On an emulated AWS of its own: behind the shorter lane. */
const behind: readonly Check[] = [tests('restart')];

/** Runs checks one after the other. The first that fails ends everything, the other lane as well. */
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
  const output = held();
  const all = process.argv[2] !== 'unit';
  const shownChecks = all ? [...busy, ...behind] : busy;
  const lanes = [runLane(shownChecks, { output: shown, yields: true, signal }, stop).finally(output.release)];
  if (all) lanes.push(runLane(waiting, { output, yields: false, signal }, stop));
  return (await Promise.all(lanes)).reduce(add, { passed: 0, failed: stopped });
};

const { passed, failed } = await main();
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
