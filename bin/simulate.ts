// npm run simulate: the bundle under every fault that can be thought of, in as many runs as one likes.
//   npm run simulate -- --seeds 10000           seeds 1 to 10000
//   npm run simulate -- --seeds 10 --seed 500   ten seeds from 500 on
//   npm run simulate -- --seed 17 --trace       one run, with everything that happens in it
//   npm run simulate -- --mutants               which seeds find each of the mistakes that can be planted

import process from 'node:process';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { faultKinds } from '../test/simulation/faults.ts';
import { names, search } from '../test/simulation/mutants/search.ts';
import { type Runner, reportOf, runner, type Summary, simulate } from '../test/simulation/runner.ts';
import type { Order } from '../test/simulation/worker.ts';

const whole = z.coerce.number().int().min(0);
const Options = z.object({
  seed: whole.optional(),
  seeds: whole.optional(),
  trace: z.boolean().default(false),
  mutants: z.boolean().default(false),
  mutant: z.string().optional(),
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

/** True when each was found. */
const searchMutants = async (threads: Runner, wanted: string[], most: number): Promise<boolean> => {
  const seeds: Record<string, number[]> = {};
  for (const name of wanted) {
    const found = await search(threads, name, most);
    const isFound = found.seeds.length > 0;
    const said = isFound ? `seeds ${found.seeds}: ${found.violation}` : `not found in ${found.tried} runs`;
    console.log(`${isFound ? '✔' : '✖'} ${name}: ${said}`);
    seeds[name] = found.seeds;
  }
  console.log(`\nFor test/simulation/mutants/seeds.json:\n${JSON.stringify(seeds)}`);
  return Object.values(seeds).every(({ length }) => length > 0);
};

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    trace: { type: 'boolean' },
    mutants: { type: 'boolean' },
    mutant: { type: 'string' },
  },
});
const { seed, seeds, trace, mutants, mutant } = Options.parse(values);
const threads = runner();
const act = (): Promise<boolean> => {
  if (mutants) return searchMutants(threads, mutant === undefined ? names : [mutant], seeds ?? 1000);
  if (seed === undefined || seeds !== undefined) return runMany(threads, seed ?? 1, seeds ?? 1000);
  return runOne(threads, { seed, traced: true, ...(mutant === undefined ? {} : { mutant }) }, trace);
};
const isRight = await act();
await threads.close();
process.exitCode = isRight ? 0 : 1;
