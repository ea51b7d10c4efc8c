// npm start is stopped in the middle of 50 jobs and 10 chains, and started again where it has kept everything.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { plainEnvironment } from '../../bin/local/environment.ts';
import { poll } from '../../bin/local/poll.ts';
import { createProcesses, root, type StartedProcess } from '../../bin/local/processes.ts';
import { type Figures, figuresTable, heal } from '../flow/faults/aftermath.ts';
import { newWorker, submitMany, type Worker } from '../flow/faults/load.ts';
import { groundOf } from '../flow/support/emulated-ground.ts';
import { awaitStatus, type Ground } from '../flow/support/ground.ts';

/** What npm start tells programs. */
const Endpoint = z.object({
  base_url: z.string(),
  api_key: z.string(),
  leia_url: z.string(),
  leia_api_key: z.string(),
  aws_endpoint_url: z.string(),
  region: z.string(),
  service_stack: z.string(),
  table_name: z.string(),
  webhook_secret: z.string(),
  callbacks_queue_url: z.string(),
  sweep_function: z.string(),
});

const startSeconds = 150;
const processes = createProcesses();
let folder: string;

const start = async (): Promise<{ ground: Ground; stop(): Promise<number> }> => {
  const run = processes.start({
    name: 'npm start',
    command: process.execPath,
    args: [join(root, 'bin', 'local.ts'), '--no-demo', '--keep', folder],
    env: plainEnvironment(),
    logFile: join(root, '.local', 'logs', 'restart', 'npm-start.log'),
  });
  return { ground: await groundIn(folder, run), stop: run.stop };
};

const groundIn = async (where: string, run: StartedProcess): Promise<Ground> => {
  const told = await poll(async () => JSON.parse(await readFile(join(where, 'endpoint.json'), 'utf8')) as unknown, {
    seconds: startSeconds,
    everyMs: 200,
    what: 'npm start to be ready',
    unless: run.failIfItEnds(),
  });
  const its = Endpoint.parse(told);
  return groundOf({
    baseUrl: its.base_url,
    apiKey: its.api_key,
    leiaUrl: its.leia_url,
    leiaApiKey: its.leia_api_key,
    adminApiKey: '',
    webhookSecret: its.webhook_secret,
    aws: {
      endpoint: its.aws_endpoint_url,
      region: its.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
    serviceStack: its.service_stack,
    tableName: its.table_name,
    callbacksQueueUrl: its.callbacks_queue_url,
    sweepFunction: its.sweep_function,
  });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leia-jobs-restart-'));
});
afterAll(async () => {
  await processes.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('npm start, stopped in the middle of things and started again', () => {
  const chain = async (worker: Worker, trigger: string): Promise<string> => {
    const step = { job_type: 'transform', output_type: 'text' };
    const { json } = await worker.post(`/job/conditional/${trigger}`, {
      rules: { any: { conditions: {}, jobs: [step, step] } },
    });
    return String(json.id);
  };
  const runs = async (ground: Ground, id: string): Promise<true | undefined> =>
    (await ground.mirror.children(id)).some(({ stage }) => stage === 'bound') || undefined;
  const statusesOf = async (ground: Ground, ids: string[]): Promise<string[]> =>
    (await ground.mirror.jobs(ids)).map(({ status }) => status);

  it('has kept every job, and brings all of them to their ends', async () => {
    const first = await start();
    const worker = await newWorker(first.ground);
    const done = await submitMany(worker, 5);
    for (const id of done) await awaitStatus(worker, id);
    const before = await pMap(done, async (id) => (await worker.get(`/job/${id}`)).text);

    // LEIA holds whatever is new: executions wait in the midst of their first entry, others for their triggers.
    await first.ground.leia.holdJobs(true);
    const midst = await pMap(done, (trigger) => chain(worker, trigger));
    const triggers = await submitMany(worker, 5);
    const waiting = await pMap(triggers, (trigger) => chain(worker, trigger));
    const jobs = await submitMany(worker, 50);
    await pMap(midst, (id) =>
      poll(() => runs(first.ground, id), { seconds: 60, everyMs: 200, what: 'the chain to run' }),
    );
    expect(await first.stop()).toBe(0);

    const second = await start();
    const again = await newWorker(second.ground);
    expect(await pMap(done, async (id) => (await again.get(`/job/${id}`)).text)).toEqual(before);
    const figures: Figures = await heal(second.ground, 'npm start stopped and started again', [
      ...[...triggers, ...jobs],
      ...[...midst, ...waiting],
    ]);
    console.log(figuresTable([figures]));
    expect(new Set(await statusesOf(second.ground, [...triggers, ...jobs]))).toEqual(new Set(['PROCESSED']));
    expect(await statusesOf(second.ground, waiting)).toEqual(Array(5).fill('PROCESSED'));
    // MiniStack ends executions when it ends (docs/ministack.md); such a chain FAILS (D6), and its children are ended.
    for (const { status, reason } of await second.ground.mirror.jobs(midst))
      expect([status, reason]).toEqual(['FAILED', expect.stringContaining('execution')]);
    const children = (await Promise.all(midst.map((id) => second.ground.mirror.children(id)))).flat();
    expect(children.every(({ status }) => ['CANCELED', 'PROCESSED'].includes(status))).toBe(true);
    expect(await second.stop()).toBe(0);
  });
});
