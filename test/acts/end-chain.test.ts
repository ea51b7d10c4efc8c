// The end of a conditional job: by its rules, or because its execution died (contract §4.5, §4.6; D6).
import { describe, expect, it } from 'vitest';
import { endChain, failDeadChain } from '../../functions/acts/end-chain.ts';
import { type FollowDeps, follow } from '../../functions/acts/follow.ts';
import { recordStep } from '../../functions/acts/record-step.ts';
import { effectsOf } from '../../functions/jobs/effects.ts';
import { instant, type JobRecord, type Status } from '../../functions/jobs/job.ts';
import { aRule, aTransform, CHAIN, type ChainScene, chainScene, stepId } from '../support/chain-scene.ts';
import { DOCUMENT, T0, TEXT_RESULT } from '../support/jobs.ts';

const text = aTransform('text', { document_ids: [DOCUMENT] });

/** Two rules that ran, of two entries and one; how the steps that were run have ended, rule by rule. */
const ended = async (steps: Status[][], given: Partial<JobRecord> = {}): Promise<ChainScene> => {
  const rules = [aRule('r "1"', [text, text]), aRule('never', [text]), aRule('2', [text])];
  const scene = await chainScene(rules, { chain: { matched: [0, 2], ...given } });
  for (const [index, statuses] of steps.entries()) {
    const rule = index * 2;
    for (const [entry, status] of statuses.entries()) {
      await recordStep(scene.deps, { job_id: CHAIN, rule, entry, task_token: `${rule}.${entry}` });
      await scene.leiaSays(rule, entry, status);
    }
  }
  return scene;
};

describe('a chain whose rules have ended', () => {
  it('is PROCESSED with the results of the rules that ran, as LEIA wrote them', async () => {
    const scene = await ended([['PROCESSED', 'PROCESSED'], ['PROCESSED']]);
    await endChain(scene.deps, CHAIN);
    const chain = await scene.chain();
    expect(chain).toMatchObject({
      status: 'PROCESSED',
      result_type: 'conditional',
      http_code: 200,
      finished_time: instant(T0),
      observed_via: 'chain',
      follow_up_due: instant(T0),
    });
    const element = (rule: number, entry: number) =>
      `{"result_type":"document","result":${TEXT_RESULT},"job_id":"${stepId(rule, entry)}","job_type":"image-text"}`;
    expect(chain?.result).toBe(`{"r \\"1\\"":[${element(0, 0)},${element(0, 1)}],"2":[${element(2, 0)}]}`);
  });

  it('is PROCESSED with an empty result when none ran', async () => {
    const scene = await ended([], { matched: [] });
    await endChain(scene.deps, CHAIN);
    expect(await scene.chain()).toMatchObject({ status: 'PROCESSED', result: '{}', result_type: 'conditional' });
  });

  it('FAILED with rule, child and reason when a step failed', async () => {
    const scene = await ended([['PROCESSED', 'FAILED'], ['CANCELED']]);
    await endChain(scene.deps, CHAIN);
    expect(await scene.chain()).toMatchObject({
      status: 'FAILED',
      http_code: 400,
      reason: `Rule "r \\"1\\"", entry 2 of 2: job ${stepId(0, 1)} FAILED: unreadable; Rule "2", entry 1 of 1: job ${stepId(2, 0)} CANCELED`,
    });
    expect((await scene.chain())?.result).toBeUndefined();
  });

  it('FAILED when a step timed out, and what follows cancels its child', async () => {
    const scene = await ended([['PROCESSED', 'PROCESSING'], ['PROCESSED']]);
    await endChain(scene.deps, CHAIN);
    const chain = await scene.chain();
    expect(chain).toMatchObject({ status: 'FAILED', http_code: 500, reason: expect.stringContaining('timed out') });
    await follows(scene, chain);
    expect(await scene.step(0, 1)).toMatchObject({ status: 'PROCESSING', cancel_requested_at: instant(T0) });
  });

  it('FAILED when an entry could not be run at all', async () => {
    const scene = await ended([['PROCESSED'], ['PROCESSED']]);
    await endChain(scene.deps, CHAIN);
    expect(await scene.chain()).toMatchObject({
      status: 'FAILED',
      http_code: 500,
      reason: 'Rule "r \\"1\\"", entry 2 of 2 could not be run',
    });
  });

  it.each(['CANCELED', 'FAILED', 'PROCESSED'] as const)('stays %s when it was before', async (status) => {
    const scene = await ended([], { status, matched: [] });
    await endChain(scene.deps, CHAIN);
    expect(await scene.chain()).toMatchObject({ status, version: 1 });
  });
});

const noQueue = { put: async () => {} };

/** What follows from the end of a chain; what it stopped. */
const follows = async ({ deps, mirror }: ChainScene, chain: JobRecord | undefined): Promise<string[]> => {
  const stopped: string[] = [];
  const chains = { ...deps.chains, start: async () => {}, stop: async (name: string) => void stopped.push(name) };
  const followDeps: FollowDeps = { ...deps, chains, callbacks: noQueue, events: { publish: async () => {} } };
  const before = { ...chain, status: 'PROCESSING' } as JobRecord;
  if (chain) await follow(followDeps, chain, effectsOf(before, chain));
  expect((await mirror.job(CHAIN))?.follow_up_due).toBeUndefined();
  return stopped;
};

describe('a chain whose execution died', () => {
  it('FAILED, counted, and its children are cancelled', async () => {
    const scene = await ended([['PROCESSING'], ['PROCESSED']]);
    await failDeadChain(scene.deps, CHAIN);
    const chain = await scene.chain();
    expect(chain).toMatchObject({
      status: 'FAILED',
      http_code: 500,
      reason: 'The execution of this conditional job ended before its rules did',
      finished_time: instant(T0),
    });
    expect(scene.counted).toEqual(['ChainDied']);
    expect(await follows(scene, chain)).toEqual([CHAIN]);
    expect(await scene.step(0, 0)).toMatchObject({ cancel_requested_at: instant(T0) });
    expect(await scene.step(2, 0)).toMatchObject({ status: 'PROCESSED' });
  });

  it.each([
    ['has ended before', { status: 'CANCELED' }],
    ['waits for its prerequisite still', { stage: 'held', status: 'WAITING' }],
  ] as const)('stays as it is when it %s', async (_, given) => {
    const scene = await ended([], given);
    await failDeadChain(scene.deps, CHAIN);
    expect(await scene.chain()).toMatchObject({ ...given, version: 1 });
    expect(scene.counted).toEqual([]);
  });

  it('is nothing to a job that does not exist', async () => {
    const scene = await ended([]);
    await failDeadChain(scene.deps, 'no such job');
    expect(scene.counted).toEqual([]);
  });
});
