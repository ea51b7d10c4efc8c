// CPU and wall time of one submission, callback and read, and of the same asked of LEIA directly.
import process from 'node:process';
import pMap from 'p-map';
import type { LeiaHooks } from '../../test/leia/hooks.ts';
import type { Sent } from '../../test/support/gateway.ts';
import { poll } from '../local/poll.ts';
import type { Client, Work } from './client.ts';
import type { Findings, Samples } from './findings.ts';

export interface Stage {
  readonly ours: Client;
  readonly direct: Client;
  readonly work: Work;
  readonly hooks: LeiaHooks;
  /** LEIA's callbacks that have arrived and wait to be delivered. */
  readonly inbox: Sent[];
  readonly deliver: (callback: Sent) => Promise<unknown>;
}

/** So often what takes LEIA's time is measured, one after the other. */
const rounds = 100;
/** So often everything is done, before that, to measure CPU. */
const crowd = 200;
/**
 * Whatever else the machine does adds to what a crowd takes; the one that it added least to is nearest to the truth. In
 * the first of them V8 is still compiling, as in the first minutes of a container.
 */
const crowds = 10;
const crowdAtOnce = 20;

export const measureLatencies = async (stage: Stage): Promise<Pick<Findings, 'direct' | 'ours'>> => {
  await stage.hooks.script({ durationMs: null });
  // The first crowd finds cold code and no connections, as after a cold start.
  await measureCpu(stage);
  const cpu = least(await pMap(Array.from({ length: crowds }), () => measureCpu(stage), { concurrency: 1 }));
  const wall = await measureWall(stage);
  await stage.hooks.clearScripts();
  return {
    direct: {
      submission: { ...wall.directSubmission, cpu: cpu.directSubmission },
      read: { ...wall.directRead, cpu: cpu.directRead },
    },
    ours: {
      submission: { ...wall.submission, cpu: cpu.submission },
      callback: { ...wall.callback, cpu: cpu.callback },
      read: { ...wall.read, cpu: cpu.read },
    },
  };
};

const measureCpu = async ({ ours, direct, work, ...stage }: Stage) => {
  const all = Array.from({ length: crowd });
  const directSubmission = await cpuOf(all, () => direct.submit(work));
  const submission = await cpuOf(all, () => ours.submit(work));
  const callback = await cpuOf(await callbacksOf(stage, crowd), stage.deliver);
  const directRead = await cpuOf(directSubmission.values, ({ id }) => direct.read(id));
  const read = await cpuOf(submission.values, ({ id }) => ours.read(id));
  // Each crowd finds LEIA as the one before found it.
  for (const { id } of await stage.hooks.jobs()) await stage.hooks.forgetJob(id);
  return {
    directSubmission: directSubmission.cpu,
    submission: submission.cpu,
    callback: callback.cpu,
    directRead: directRead.cpu,
    read: read.cpu,
  };
};

type Cpu = Awaited<ReturnType<typeof measureCpu>>;

const least = (all: readonly Cpu[]): Cpu => {
  const of = (what: keyof Cpu): number => Math.min(...all.map((each) => each[what]));
  return {
    directSubmission: of('directSubmission'),
    submission: of('submission'),
    callback: of('callback'),
    directRead: of('directRead'),
    read: of('read'),
  };
};

const cpuOf = async <T, R>(
  things: readonly T[],
  act: (thing: T) => Promise<R>,
): Promise<{ cpu: number; values: R[] }> => {
  const before = process.cpuUsage();
  const values = await pMap(things, act, { concurrency: crowdAtOnce });
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000 / things.length, values };
};

/** Ours and theirs by turns, so that whatever else the machine does falls on both. */
const measureWall = async ({ ours, direct, work, ...stage }: Stage) => {
  const submissions = { direct: stopwatch(), ours: stopwatch() };
  const jobs: { direct: string; ours: string }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const theirs = await submissions.direct.time(() => direct.submit(work));
    const own = await submissions.ours.time(() => ours.submit(work));
    jobs.push({ direct: theirs.id, ours: own.id });
  }
  const callback = stopwatch();
  for (const each of await callbacksOf(stage, rounds)) await callback.time(() => stage.deliver(each));
  const reads = { direct: stopwatch(), ours: stopwatch() };
  for (const ids of jobs) {
    await reads.direct.time(() => direct.read(ids.direct));
    await reads.ours.time(() => ours.read(ids.ours));
  }
  return {
    directSubmission: submissions.direct.taken(),
    submission: submissions.ours.taken(),
    callback: callback.taken(),
    directRead: reads.direct.taken(),
    read: reads.ours.taken(),
  };
};

/** Ends our jobs at LEIA, which alone have a callback, and waits for those. */
const callbacksOf = async ({ hooks, inbox }: Pick<Stage, 'hooks' | 'inbox'>, count: number): Promise<Sent[]> => {
  const result = { category: 'letter', accuracy: 0.97, score: 0.5 };
  for (const { id, status, callback_url } of await hooks.jobs()) {
    if (status === 'PROCESSED' || callback_url === null) continue;
    await hooks.forceJob(id, { status: 'PROCESSED', result_type: 'classification', result });
  }
  await poll(async () => inbox.length >= count || undefined, { seconds: 20, everyMs: 50, what: `${count} callbacks` });
  return inbox.splice(0);
};

const stopwatch = () => {
  const wall: number[] = [];
  const began: number[] = [];
  const from = Date.now();
  let until = from;
  return {
    time: async <T>(act: () => Promise<T>): Promise<T> => {
      began.push(performance.timeOrigin + performance.now());
      const start = performance.now();
      const value = await act();
      wall.push(performance.now() - start);
      until = Date.now();
      return value;
    },
    taken: (): Omit<Samples, 'cpu'> => ({ wall, began, from, until }),
  };
};
