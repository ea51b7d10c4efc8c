// A step of a chain: its entry becomes one job, however often the step runs (D6).
import { describe, expect, it } from 'vitest';
import { recordStep } from '../../functions/acts/record-step.ts';
import { effectsOf } from '../../functions/jobs/effects.ts';
import { cancelRequested } from '../../functions/jobs/intents.ts';
import { instant } from '../../functions/jobs/job.ts';
import {
  anApply,
  aRule,
  aTransform,
  CHAIN,
  type ChainScene,
  chainScene,
  PAGES,
  pages,
  stepId,
  TRIGGER,
} from '../support/chain-scene.ts';
import { inTurn } from '../support/interleavings.ts';
import { DOCUMENT, T0 } from '../support/jobs.ts';

const run = ({ deps }: Pick<ChainScene, 'deps'>, entry: number, task_token = `token ${entry}`): Promise<void> =>
  recordStep(deps, { job_id: CHAIN, rule: 0, entry, task_token });

describe('a step', () => {
  it('records a child that belongs to the chain, and hands it on to be sent', async () => {
    const scene = await chainScene([aRule('any', [aTransform('text')])], { trigger: pages });
    await run(scene, 0);
    expect(await scene.step(0, 0)).toMatchObject({
      parent_job_id: CHAIN,
      execute_after_id: TRIGGER,
      step: { rule: 0, entry: 0 },
      task_token: 'token 0',
      status: 'READY',
      stage: 'unsent',
      document_ids: PAGES,
      job_type: 'image-text',
      sendable_since: instant(T0),
    });
    expect((await scene.mirror.children(CHAIN)).map((child) => child.id)).toEqual([stepId(0, 0)]);
    expect([scene.queue, scene.answers]).toEqual([[stepId(0, 0)], []]);
  });

  it('follows the step before it, and works on what that made', async () => {
    const scene = await chainScene([aRule('row', [aTransform('text', { document_ids: [DOCUMENT] }), anApply()])]);
    await run(scene, 0);
    await scene.leiaSays(0, 0, 'PROCESSED', '{"id":"a text","original_id":"507f191e810c19729de860ea"}');
    await run(scene, 1);
    expect(await scene.step(0, 1)).toMatchObject({ execute_after_id: stepId(0, 0), document_ids: ['a text'] });
    const child = await scene.step(0, 1);
    expect(child && (await scene.mirror.request(child))).toMatchObject({
      kind: 'apply',
      execute_after_id: stepId(0, 0),
    });
  });

  it('records a child that calls back where its entry says so, with its headers, and never where the chain does', async () => {
    const callback = { callback_url: 'https://entry.example/', callback_headers: { 'X-Entry': '1' } };
    const rules = [aRule('row', [aTransform('text', callback), aTransform('merge')])];
    const scene = await chainScene(rules, { chain: { callback_url: 'https://chain.example/' } });
    await run(scene, 0);
    await scene.leiaSays(0, 0, 'PROCESSED');
    await run(scene, 1);
    const [first, second] = [await scene.step(0, 0), await scene.step(0, 1)];
    expect([first?.callback_url, second?.callback_url]).toEqual(['https://entry.example/', null]);
    expect(first && (await scene.mirror.request(first))).toMatchObject(callback);
    expect(second && (await scene.mirror.request(second))).not.toHaveProperty('callback_headers');
  });

  it('reads no job of the rule but those that its inputs follow from, however long the rule is', async () => {
    const scene = await chainScene([
      aRule(
        'row',
        Array.from({ length: 30 }, () => aTransform('text')),
      ),
    ]);
    const reads: number[] = [];
    for (let entry = 0; entry < 30; entry += 1) {
      let read = 0;
      const counting = inTurn(scene.mirror, async () => {
        read += 1;
      });
      await run({ deps: { ...scene.deps, mirror: counting } }, entry);
      await scene.leiaSays(0, entry, 'PROCESSED');
      reads.push(read);
    }
    expect(new Set(reads).size).toBe(1);
  });

  it('on nothing records a child that FAILED, whose end answers the token', async () => {
    const scene = await chainScene([aRule('any', [aTransform('text')])], { trigger: { document_ids: [] } });
    await run(scene, 0);
    const child = await scene.step(0, 0);
    expect(child).toMatchObject({ status: 'FAILED', http_code: 400, reason: expect.stringContaining('No document') });
    expect(child && effectsOf(undefined, child)).toContainEqual({ effect: 'answer-step', token: 'token 0', ok: false });
    expect([scene.queue, scene.answers]).toEqual([[], []]);
  });

  it('on nothing leaves a request that can be read: its caller is told, with the headers that it asked for', async () => {
    const callback = { callback_url: 'https://entry.example/', callback_headers: { 'X-Entry': '1' } };
    const rules = [aRule('any', [aTransform('text', callback)])];
    const scene = await chainScene(rules, { trigger: { document_ids: [] } });
    await run(scene, 0);
    const child = await scene.step(0, 0);
    expect(child).toMatchObject({ status: 'FAILED', callback: { state: 'asked' } });
    expect(child && (await scene.mirror.request(child))).toMatchObject(callback);
  });

  it('of a chain that has ended is answered as failed, and leaves nothing', async () => {
    const scene = await chainScene([aRule('any', [aTransform('text')])], { chain: { status: 'CANCELED' } });
    await run(scene, 0);
    expect([await scene.step(0, 0), scene.queue]).toEqual([undefined, []]);
    expect(scene.answers).toEqual([['token 0', false]]);
  });

  it('of a chain that ends while its child is being born is answered as failed, and leaves nothing', async () => {
    const scene = await chainScene([aRule('any', [aTransform('text')])]);
    const { mirror } = scene;
    const createChild: typeof mirror.createChild = async (...child) => {
      await mirror.change(CHAIN, (chain) => cancelRequested(chain, T0));
      return mirror.createChild(...child);
    };
    await run({ deps: { ...scene.deps, mirror: { ...mirror, createChild } } }, 0);
    expect([await scene.step(0, 0), scene.queue]).toEqual([undefined, []]);
    expect(scene.answers).toEqual([['token 0', false]]);
  });
});

describe('a step that runs again', () => {
  const scene = () => chainScene([aRule('any', [aTransform('text', { document_ids: [DOCUMENT] })])]);

  it('gives its child the new token, and hands it on once more while LEIA does not have it', async () => {
    const again = await scene();
    await run(again, 0, 'first');
    await run(again, 0, 'second');
    expect(await again.step(0, 0)).toMatchObject({ task_token: 'second', stage: 'unsent' });
    expect([again.queue, again.answers]).toEqual([[stepId(0, 0), stepId(0, 0)], []]);
  });

  it('only gives it the new token when LEIA has it', async () => {
    const again = await scene();
    await run(again, 0, 'first');
    await again.leiaSays(0, 0, 'PROCESSING');
    await run(again, 0, 'second');
    expect(await again.step(0, 0)).toMatchObject({ task_token: 'second', stage: 'bound', status: 'PROCESSING' });
    expect(again.queue).toHaveLength(1);
  });

  it.each([
    ['PROCESSED', true],
    ['FAILED', false],
    ['CANCELED', false],
  ] as const)('is answered at once when its child is %s', async (status, ok) => {
    const again = await scene();
    await run(again, 0, 'first');
    await again.leiaSays(0, 0, status);
    await run(again, 0, 'second');
    expect(again.answers).toEqual([['second', ok]]);
    expect(await again.step(0, 0)).toMatchObject({ task_token: 'first', status });
  });

  it('makes up for what the first run left undone, wherever it died', async () => {
    let died = 0;
    for (let steps = 0; ; steps += 1, died += 1) {
      const again = await scene();
      let left = steps;
      const step = async (): Promise<void> => {
        left -= 1;
        if (left < 0) throw new Error('the function dies');
      };
      const { mirror, submissions } = again.deps;
      const dying = { ...again.deps, mirror: inTurn(mirror, step), submissions: inTurn(submissions, step) };
      const survived = await run({ deps: dying }, 0, 'first').then(
        () => true,
        () => false,
      );
      if (survived) break;
      await run(again, 0, 'second');
      expect(await again.step(0, 0)).toMatchObject({ task_token: 'second' });
      expect(again.queue).toEqual([stepId(0, 0)]);
    }
    expect(died).toBeGreaterThan(4);
  });
});
