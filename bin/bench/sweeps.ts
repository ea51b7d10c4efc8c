// What a sweep costs over many jobs in flight of which none has changed (D7): requests, CPU, memory.
import process from 'node:process';
import { S3Client } from '@aws-sdk/client-s3';
import { type SweepDeps, sweepApplication } from '../../functions/acts/sweep.ts';
import { accessTable } from '../../functions/adapters/access-table.ts';
import { jobTable } from '../../functions/adapters/job-table.ts';
import { leiaForKey } from '../../functions/adapters/leia-for-key.ts';
import { tableClient } from '../../functions/adapters/table-client.ts';
import { APPLICATION } from '../../test/support/jobs.ts';
import { collectGarbage } from './garbage.ts';
import { leiaMillis, tableMillis } from './ground.ts';
import { atMost, beside, type Line, type Section } from './report.ts';
import { laneAtSize } from './sweeps/lane-at-size.ts';
import { statusesOnly } from './sweeps/statuses-only.ts';
import { defaults, defaultTimes } from './times.ts';

const sizes = [10_000, 100_000] as const;
/** Of the requests that there must be. */
const goal = { requests: 1.05, microseconds: 50, megabytes: 8 };
/** Garbage is collected at every so many requests to LEIA when memory is measured. */
const collectEvery = 10;

interface Course {
  readonly jobs: number;
  readonly asked: number;
  readonly leiaRequests: number;
  readonly reads: number;
  readonly writes: number;
  readonly writesOfJobs: number;
  readonly cpuMicros: number;
  readonly seconds: number;
  /** The most that was in use at once, beyond what was before. */
  readonly megabytes: number;
}

const now = Date.UTC(2026, 0, 1);

const sweepOver = async (jobs: number): Promise<Course> => {
  const shards = defaults.indexShards;
  const { count, client } = laneAtSize({ jobs, shards, millisPerRequest: tableMillis, now });
  const table = { client: tableClient(client as Parameters<typeof tableClient>[0]), tableName: 'jobs' };
  let leiaRequests = 0;
  let atRequest = (): void => {};
  const leia = statusesOnly({
    millis: leiaMillis,
    onRequest: () => {
      leiaRequests += 1;
      atRequest();
    },
  });
  const nothing = async (): Promise<void> => {};
  const deps: SweepDeps = {
    ...defaultTimes,
    mirror: jobTable({
      ...table,
      s3: new S3Client({}),
      bucketName: 'none',
      shards,
      retentionSeconds: 1,
      refusalMemorySeconds: 1,
      now: () => now,
    }),
    access: accessTable(table),
    leiaForKey: leiaForKey(
      { keyByHash: async () => ({ leia_api_key: 'leia-api-key' }) },
      { url: leia.url, fetch: leia.fetch, timeoutSeconds: defaults.leiaTimeoutSeconds },
    ),
    callbackKeys: { callbackUrl: async () => '', verify: async () => false, jobIdOf: async () => undefined },
    submissions: { put: nothing },
    callbacks: { put: nothing },
    chains: {
      start: nothing,
      stop: nothing,
      answer: nothing,
      running: async () => new Set(),
      state: async () => 'absent',
    },
    events: { publish: nothing },
    now: () => now,
    count: () => {},
    warn: () => {},
  };
  const sweep = () => sweepApplication(deps, APPLICATION, 'the bench');

  // The first one logs in, finds cold code, and has the answers made up.
  await sweep();
  Object.assign(count, { reads: 0, writes: 0, writesOfJobs: 0 });
  leiaRequests = 0;
  collectGarbage();
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  const { lanes } = await sweep();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  const figures = { ...count, leiaRequests };

  const heap = () => process.memoryUsage().heapUsed;
  collectGarbage();
  const before = heap();
  let most = before;
  let nth = 0;
  atRequest = () => {
    nth += 1;
    if (nth % collectEvery !== 1) return;
    collectGarbage();
    most = Math.max(most, heap());
  };
  await sweep();
  const megabytes = (most - before) / 1_000_000;
  return { jobs, asked: lanes?.sent?.asked ?? 0, ...figures, cpuMicros: user + system, seconds, megabytes };
};

const linesOf = ({ jobs, asked, leiaRequests, cpuMicros, seconds, megabytes, ...table }: Course): Line[] => {
  if (asked !== jobs) throw new Error(`The sweep asked about ${asked} of ${jobs} jobs`);
  const batches = Math.ceil(jobs / defaults.statusBatch);
  const factor = (value: number): string => value.toFixed(3);
  return [
    atMost(`${jobs} jobs: requests to LEIA, of ${batches}`, leiaRequests / batches, goal.requests, factor),
    beside(`${jobs} jobs: reads of the table`, `${table.reads}`),
    beside(`${jobs} jobs: writes to the table`, `${table.writes}, of the application`),
    atMost(`${jobs} jobs: writes of jobs`, table.writesOfJobs, 0, String),
    atMost(`${jobs} jobs: CPU a job`, cpuMicros / jobs, goal.microseconds, (value) => `${value.toFixed(1)} µs`),
    atMost(`${jobs} jobs: memory`, megabytes, goal.megabytes, (value) => `${value.toFixed(1)} MB`),
    beside(`${jobs} jobs: time`, `${seconds.toFixed(1)} s`),
  ];
};

export const sweepSection = async (): Promise<Section> => {
  const lines: Line[] = [];
  for (const jobs of sizes) lines.push(...linesOf(await sweepOver(jobs)));
  return {
    title: 'A sweep over jobs in flight, none of which has changed',
    lines,
    notes: [
      `LEIA ${leiaMillis} ms away, the table ${tableMillis} ms; the answers of both are made up ahead.`,
      'Memory: what is in use after a collection in the midst of the sweep, beyond what was in use before it.',
    ],
  };
};
