// npm run simulate: the bundle under every fault that can be thought of, in as many runs as one likes.
//   npm run simulate -- --seeds 10000           seeds 1 to 10000
//   npm run simulate -- --seeds 10 --seed 500   ten seeds from 500 on
//   npm run simulate -- --seed 17 --trace       one run, with everything that happens in it
//   npm run simulate -- --mutants               which seeds find each of the mistakes that can be planted
//   npm run simulate -- --mutants --record      likewise, and npm test replays these from then on

import process from 'node:process';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { faultKinds } from '../test/simulation/faults.ts';
import { names, record, search } from '../test/simulation/mutants/search.ts';
import { type Runner, reportOf, runner, type Summary, simulate } from '../test/simulation/runner.ts';
import type { Order } from '../test/simulation/worker.ts';

const whole = z.coerce.number().int().min(0);
const Options = z.object({
  seed: whole.optional(),
  seeds: whole.optional(),
  trace: z.boolean().default(false),
  mutants: z.boolean().default(false),
  mutant: z.string().optional(),
  record: z.boolean().default(false),
});

const progressOf = (count: number): ((summary: Summary) => void) => {
  const began = performance.now();
  let told = 0;
  return ({ runs, events, failed }) => {
    const now = performance.now();
    if (now - told < 1000 && runs < count) return;
    told = now;
    const seconds = (now - began) / 1000;
    const line = `${runs} of ${count} runs, ${failed.length} failed; ${(events / runs).toFixed(0)} events a run, ${seconds.toFixed(0)} s`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}` : `${line}\n`);
  };
};

const tell = ({ runs, events, jobs, leiaRequests, faults }: Summary): void => {
  console.log(
    `\n${runs} runs, ${events} events, ${jobs} jobs, ${(leiaRequests / jobs).toFixed(1)} requests to LEIA a job`,
  );
  for (const kind of faultKinds) {
    const { times = 0, runs: of = 0 } = faults.get(kind) ?? {};
    console.log(`  ${kind.padEnd(20)} ${String(times).padStart(8)} times in ${of} runs`);
  }
};

const runMany = async (threads: Runner, from: number, count: number): Promise<boolean> => {
  const summary = await simulate(threads, { from, count, progress: progressOf(count) });
  tell(summary);
  const [first] = summary.failed;
  if (!first) return true;
  console.log(reportOf(await threads.run({ seed: first.seed, traced: true })));
  console.log(
    `${summary.failed.length} of ${summary.runs} runs failed: seeds ${summary.failed.map(({ seed }) => seed).slice(0, 20)}`,
  );
  return false;
};

const runOne = async (threads: Runner, order: Order, trace: boolean): Promise<boolean> => {
  const result = await threads.run(order);
  const isRight = result.violations.length === 0;
  if (trace || !isRight) console.log(reportOf(result));
  if (isRight) console.log(`Seed ${order.seed}: nothing wrong in ${result.events} events`);
  return isRight;
};

/** The seeds that find each of these mistakes. */
const searchMutants = async (threads: Runner, wanted: string[], most: number): Promise<Record<string, number[]>> => {
  const seeds: Record<string, number[]> = {};
  for (const name of wanted) {
    const { seeds: found, tried, violation } = await search(threads, name, most);
    const told = `by ${found.length} of ${tried} seeds (${found}): ${violation}`;
    console.log(found.length > 0 ? `✔ ${name} found ${told}` : `✖ ${name} not found in ${tried} runs`);
    seeds[name] = found;
  }
  return seeds;
};

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    trace: { type: 'boolean' },
    mutants: { type: 'boolean' },
    mutant: { type: 'string' },
    record: { type: 'boolean' },
  },
});
const { seed, seeds, trace, mutants, mutant, record: toBeRecorded } = Options.parse(values);
const threads = runner();
const act = async (): Promise<boolean> => {
  if (mutants) {
    const found = await searchMutants(threads, mutant === undefined ? names : [mutant], seeds ?? 1000);
    if (toBeRecorded) record(found);
    return Object.values(found).every(({ length }) => length > 0);
  }
  if (seed === undefined || seeds !== undefined) return runMany(threads, seed ?? 1, seeds ?? 1000);
  return runOne(threads, { seed, traced: true, ...(mutant === undefined ? {} : { mutant }) }, trace);
};
const isRight = await act();
await threads.close();
process.exitCode = isRight ? 0 : 1;
