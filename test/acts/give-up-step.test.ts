// A step ends without its child: that is kept, and the child is cancelled now (D6).
import { describe, expect, it } from 'vitest';
import { endChain } from '../../functions/acts/end-chain.ts';
import { giveUpStep } from '../../functions/acts/give-up-step.ts';
import { recordStep } from '../../functions/acts/record-step.ts';
import { instant, type Status } from '../../functions/jobs/job.ts';
import { aRule, aTransform, CHAIN, type ChainScene, chainScene, stepId } from '../support/chain-scene.ts';
import { DOCUMENT, T0 } from '../support/jobs.ts';

const text = aTransform('text', { document_ids: [DOCUMENT] });

/** A rule of one entry, whose child LEIA has told this status of, if any. */
const scene = async (status?: Status): Promise<ChainScene> => {
  const made = await chainScene([aRule('r', [text])], { chain: { matched: [0] } });
  await recordStep(made.deps, { job_id: CHAIN, rule: 0, entry: 0, task_token: 'token' });
  if (status) await made.leiaSays(0, 0, status);
  made.queue.splice(0);
  return made;
};
const giveUp = ({ deps }: ChainScene, why: 'timed out' | 'broke off' = 'timed out'): Promise<void> =>
  giveUpStep(deps, { job_id: CHAIN, rule: 0, entry: 0, why });

describe('giving a step up', () => {
  it('asks for the cancellation of a child that LEIA has, at once', async () => {
    const given = await scene('PROCESSING');
    await giveUp(given);
    expect(await given.step(0, 0)).toMatchObject({
      status: 'PROCESSING',
      given_up: { why: 'timed out', at: instant(T0) },
      cancel_requested_at: instant(T0),
    });
    expect(given.queue).toEqual([stepId(0, 0)]);
  });

  it('cancels a child that LEIA never had', async () => {
    const given = await scene();
    await giveUp(given);
    expect(await given.step(0, 0)).toMatchObject({ status: 'CANCELED', given_up: { why: 'timed out' } });
    expect(given.queue).toEqual([]);
  });

  it.each<Status>(['PROCESSED', 'FAILED', 'CANCELED'])('is kept with a child that is %s by then', async (status) => {
    const given = await scene(status);
    await giveUp(given);
    expect(await given.step(0, 0)).toMatchObject({ status, given_up: { why: 'timed out' } });
    expect(given.queue).toEqual([]);
  });

  it('says less than a child’s own failure when the step only broke off', async () => {
    const given = await scene('FAILED');
    await giveUp(given, 'broke off');
    expect((await given.step(0, 0))?.given_up).toBeUndefined();
  });

  it('is nothing where the entry became no child', async () => {
    const given = await chainScene([aRule('r', [text])]);
    await giveUp(given, 'broke off');
    expect([await given.step(0, 0), given.queue]).toEqual([undefined, []]);
  });

  it('again changes nothing, and asks for the cancellation again', async () => {
    const given = await scene('PROCESSING');
    await giveUp(given);
    const before = await given.step(0, 0);
    await giveUp(given, 'broke off');
    expect(await given.step(0, 0)).toEqual(before);
    expect(given.queue).toEqual([stepId(0, 0), stepId(0, 0)]);
  });
});

describe('a chain of which a step timed out', () => {
  it.each<Status>(['PROCESSED', 'CANCELED', 'PROCESSING'])(
    'FAILS of that, also when the child of its last entry is %s in the end',
    async (status) => {
      const given = await scene('PROCESSING');
      await giveUp(given);
      await given.leiaSays(0, 0, status);
      await endChain(given.deps, CHAIN);
      expect(await given.chain()).toMatchObject({
        status: 'FAILED',
        reason: `Rule "r", entry 1 of 1: job ${stepId(0, 0)} timed out`,
        http_code: 500,
      });
    },
  );
});
