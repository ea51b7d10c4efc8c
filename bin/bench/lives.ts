// Whole lives of jobs: what LEIA and the table are asked for each.

import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBRecord } from 'aws-lambda';
import pMap from 'p-map';
import type { LeiaHooks } from '../../test/leia/hooks.ts';
import { poll } from '../local/poll.ts';
import type { Client, Work } from './client.ts';
import type { Lives } from './findings.ts';

export interface LifeStage {
  readonly ours: Client;
  readonly work: Work;
  readonly hooks: LeiaHooks;
  readonly sweep: () => Promise<void>;
  /** Ids of the jobs whose last follow-up is done. */
  readonly settled: ReadonlySet<string>;
  /** From now on loses each so-manieth callback; 0: none. */
  readonly lose: (each: number) => void;
}

const atOnce = 50;
/** Longer than a submission takes, as a rule: jobs that end before their submission is answered save a write. */
const jobMillis = 1000;
const pollMillis = 500;
/** The youngest age at which a sweep asks about a job. */
export const sweepAgeSeconds = 1;

/** Lets `jobs` live, each polled by its client; `loseEach` of their callbacks gets lost, and a sweep finds the ending. */
export const liveThrough = async (stage: LifeStage, jobs: number, loseEach: number): Promise<Lives> => {
  const { hooks } = stage;
  await hooks.script({ durationMs: jobMillis });
  // Its first look at LEIA's list is for an application's history, once.
  await stage.sweep();
  await hooks.resetCounts();
  stage.lose(loseEach);
  const lost = loseEach === 0 ? 0 : Math.floor(jobs / loseEach);
  const before = stage.settled.size;
  const from = Date.now();
  const arrived = (count: number) =>
    poll(async () => stage.settled.size - before >= count || undefined, {
      seconds: 30,
      everyMs: 50,
      what: `the ends of ${count} jobs`,
    });
  const reads = await pMap(Array.from({ length: jobs }), () => live(stage, lost > 0), { concurrency: atOnce });
  await arrived(jobs - lost);
  const sweeps = lost === 0 ? 0 : await sweepUntil(stage, before + jobs);
  await hooks.clearScripts();
  const leiaRequests = await hooks.counts();
  return { from, until: Date.now(), jobs, lost, sweeps, leiaRequests, reads: reads.reduce((sum, n) => sum + n, 0) };
};

/** Submits, and polls until it has ended or, where the end may come with a sweep only, a few times. */
const live = async ({ ours, work }: LifeStage, mayBeLost: boolean): Promise<number> => {
  const { id } = await ours.submit(work);
  for (let reads = 1; ; reads += 1) {
    await sleep(pollMillis);
    const { status } = await ours.read(id);
    if (status === 'PROCESSED' || (mayBeLost && reads === 3)) return reads;
  }
};

const sweepUntil = async ({ sweep, settled }: LifeStage, count: number): Promise<number> => {
  for (let sweeps = 1; sweeps <= 10; sweeps += 1) {
    await sleep(sweepAgeSeconds * 1000);
    await sweep();
    await sleep(500);
    if (settled.size >= count) return sweeps;
  }
  throw new Error(`After 10 sweeps ${count - settled.size} jobs have not ended`);
};

/** Whether this change is the last of a job: it has ended, and what its end causes is done. */
export const settledJobIn = ({ dynamodb }: DynamoDBRecord): string | undefined => {
  const { NewImage, OldImage } = dynamodb ?? {};
  return OldImage?.follow_up_due && !NewImage?.follow_up_due ? NewImage?.id?.S : undefined;
};
