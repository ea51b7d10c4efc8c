// Many runs, on as many threads as there are processors.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { chainDefinition } from '../support/chain-definition.ts';
import { stepTimeoutSeconds } from './cloud/settings.ts';
import type { FaultKind } from './faults.ts';
import type { RunResult } from './run.ts';
import type { Order } from './worker.ts';

export type Runner = {
  run(order: Order): Promise<RunResult>;
  close(): Promise<void>;
};

/** Threads with nothing to say but their results: the bundle's logs are for AWS. */
export const runner = (threads = availableParallelism()): Runner => {
  const definition = chainDefinition({ stepTimeoutSeconds });
  const quiet = { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' };
  const workers = Array.from(
    { length: threads },
    () =>
      new Worker(new URL('worker.ts', import.meta.url), {
        workerData: { definition },
        env: { ...process.env, ...quiet },
        execArgv: [],
      }),
  );
  const free = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];
  const takeWorker = (): Promise<Worker> => {
    const worker = free.pop();
    return worker ? Promise.resolve(worker) : new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (worker: Worker): void => {
    const next = waiting.shift();
    if (next) next(worker);
    else free.push(worker);
  };
  return {
    run: async (order) => {
      const worker = await takeWorker();
      try {
        return await resultOf(worker, order);
      } finally {
        giveBack(worker);
      }
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
};

const resultOf = (worker: Worker, order: Order): Promise<RunResult> =>
  new Promise((resolve, reject) => {
    const told = (result: RunResult): void => {
      worker.off('error', reject);
      resolve(result);
    };
    worker.once('message', told);
    worker.once('error', reject);
    worker.postMessage(order);
  });

export type Summary = {
  runs: number;
  events: number;
  fewestEvents: number;
  jobs: number;
  leiaRequests: number;
  /** How often each fault was met, and in how many runs. */
  faults: Map<FaultKind, { times: number; runs: number }>;
  failed: RunResult[];
};

/** Runs `count` seeds from `from` on. `progress` is told of each. */
export const simulate = async (
  { run }: Runner,
  { from, count, progress = () => {} }: { from: number; count: number; progress?: (summary: Summary) => void },
): Promise<Summary> => {
  const summary: Summary = {
    runs: 0,
    events: 0,
    fewestEvents: Number.POSITIVE_INFINITY,
    jobs: 0,
    leiaRequests: 0,
    faults: new Map(),
    failed: [],
  };
  await Promise.all(
    Array.from({ length: count }, async (_, nth) => {
      add(summary, await run({ seed: from + nth, traced: false }));
      progress(summary);
    }),
  );
  summary.failed.sort((a, b) => a.seed - b.seed);
  return summary;
};

const add = (summary: Summary, result: RunResult): void => {
  summary.runs += 1;
  summary.events += result.events;
  summary.fewestEvents = Math.min(summary.fewestEvents, result.events);
  summary.jobs += result.jobs;
  summary.leiaRequests += result.leiaRequests;
  if (result.violations.length > 0) summary.failed.push(result);
  for (const [kind, times] of Object.entries(result.faults) as [FaultKind, number][]) {
    const known = summary.faults.get(kind) ?? { times: 0, runs: 0 };
    summary.faults.set(kind, { times: known.times + times, runs: known.runs + 1 });
  }
};

/** What went wrong, how, and how to see it again. */
export const reportOf = ({ seed, violations, trace }: RunResult): string =>
  [
    `Seed ${seed}:`,
    ...violations.map((one) => `  ${one}`),
    ...trace,
    `Replay: npm run simulate -- --seed ${seed} --trace`,
  ].join('\n');
