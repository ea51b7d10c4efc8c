// What must hold once a fault is over: every job is finished and right, and nothing of it is left behind anywhere.
import pMap from 'p-map';
import { expect } from 'vitest';
import { table } from '../../../bin/local/table.ts';
import type { JobRecord } from '../../../functions/jobs/job.ts';
import { isFinished } from '../../../functions/jobs/job.ts';
import { lanes } from '../../../functions/jobs/lanes.ts';
import type { RawJob } from '../../leia/hooks.ts';
import { type Client, type Ground, logIn } from '../support/ground.ts';

/** A line of the table that the faults print. */
export interface Figures {
  readonly fault: string;
  readonly jobs: number;
  /** From the end of the fault until all were finished and nothing was left to do. */
  readonly healedSeconds: number;
  readonly learntBy: Readonly<Record<string, number>>;
  /** The most that one job needed. */
  readonly attempts: number;
  /** LEIA jobs that were made for these and did not count. */
  readonly duplicates: number;
}

export const figuresTable = (all: readonly Figures[]): string => {
  const head = ['Fault', 'Jobs', 'Healed after', 'Learnt by', 'Attempts', 'Duplicates cancelled'];
  const rows = all.map(({ fault, jobs, healedSeconds, learntBy, attempts, duplicates }) => [
    fault,
    `${jobs}`,
    `${healedSeconds.toFixed(1)} s`,
    Object.entries(learntBy)
      .map(([via, count]) => `${via} ${count}`)
      .join(', '),
    `≤ ${attempts}`,
    `${duplicates}`,
  ]);
  return table(head, rows);
};

const atOnce = 4;
const patienceSeconds = 90;

/** Sweeps, as the schedule would, until these jobs are finished and in no lane; then looks at everything. */
export const heal = async (ground: Ground, fault: string, ids: readonly string[]): Promise<Figures> => {
  const start = Date.now();
  const records = await settled(ground, ids, start + patienceSeconds * 1000);
  const healedSeconds = (Date.now() - start) / 1000;
  const made = await madeAtLeia(ground);
  const duplicates = ids.map((id) => duplicatesOf(records.get(id), made.get(id) ?? []));
  await expectSame(ground, records);
  const via = [...records.values()].map(({ observed_via }) => observed_via);
  return {
    fault,
    jobs: ids.length,
    healedSeconds,
    learntBy: Object.fromEntries([...new Set(via)].map((one) => [one, via.filter((other) => other === one).length])),
    attempts: Math.max(...[...records.values()].map(({ attempt }) => attempt)),
    duplicates: duplicates.reduce((sum, count) => sum + count, 0),
  };
};

type Records = ReadonlyMap<string, JobRecord>;

const settled = async (ground: Ground, ids: readonly string[], deadline: number): Promise<Records> => {
  for (;;) {
    const jobs = await ground.mirror.jobs([...ids]);
    const open = jobs.filter((job) => !isFinished(job) || job.follow_up_due !== undefined);
    const left = await inLanes(ground, jobs);
    if (jobs.length === new Set(ids).size && open.length === 0 && left.length === 0)
      return new Map(jobs.map((job) => [job.id, job]));
    if (Date.now() > deadline)
      throw new Error(`not healed: ${JSON.stringify({ open: open.slice(0, 3), left: left.slice(0, 10) })}`);
    await ground.sweep();
    await ground.pass(0.5);
  }
};

/** `<lane> <id>` of every one of these jobs that a sweep would still look at. */
const inLanes = async ({ mirror }: Ground, jobs: readonly JobRecord[]): Promise<string[]> => {
  const ours = new Set(jobs.map(({ id }) => id));
  const submitters = [...new Set(jobs.map(({ submitter_id }) => submitter_id))];
  const found: string[] = [];
  for (const submitter of submitters)
    for (const lane of lanes)
      for await (const { id } of mirror.lane(submitter, lane, {})) if (ours.has(id)) found.push(`${lane} ${id}`);
  return found;
};

/** LEIA's jobs by ours, told by their callback URLs. */
const madeAtLeia = async ({ leia }: Ground): Promise<Map<string, RawJob[]>> =>
  Map.groupBy(await leia.jobs(), ({ callback_url }) => callback_url?.match(/\/callbacks\/([0-9a-f]{24})\//)?.[1] ?? '');

/** All but the one that counts must have been cancelled. @returns how many there were */
const duplicatesOf = (record: JobRecord | undefined, made: readonly RawJob[]): number => {
  const others = made.filter(({ id }) => id !== record?.leia_id);
  expect(others.map(({ status }) => status)).toEqual(others.map(() => 'CANCELED'));
  return others.length;
};

/** What a client reads here is what LEIA says there. */
const expectSame = async (ground: Ground, records: Records): Promise<void> => {
  const here = await logIn(ground.baseUrl, ground.apiKey);
  const there = await logIn(ground.leiaUrl, ground.leiaApiKey);
  const outcomeOf = async (client: Client, id: string) => {
    const { status, json } = await client.get(`/job/${id}`);
    const { status: of, result, result_type, http_code, reason, finished_time } = json;
    return { status, of, result, result_type, http_code, reason, finished_time };
  };
  await pMap(
    [...records.values()].filter(({ leia_id }) => leia_id !== undefined),
    async ({ id, leia_id = '' }) => expect(await outcomeOf(here, id)).toEqual(await outcomeOf(there, leia_id)),
    { concurrency: atOnce },
  );
};
