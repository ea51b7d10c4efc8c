// A chain is cancelled in the moment in which a child of it is born (D6): the real acts, each change followed as the
// stream brings it, under all interleavings of their steps.
import { expect, it } from 'vitest';
import { type FollowDeps, follow } from '../../functions/acts/follow.ts';
import { recordStep, type StepDeps } from '../../functions/acts/record-step.ts';
import { effectsOf } from '../../functions/jobs/effects.ts';
import { cancelRequested } from '../../functions/jobs/intents.ts';
import { isFinished } from '../../functions/jobs/job.ts';
import { aRule, aTransform, CHAIN, chainScene } from '../support/chain-scene.ts';
import { everyOrder, inTurn, type Process, type Spawn, type Turn } from '../support/interleavings.ts';
import { DOCUMENT, T0 } from '../support/jobs.ts';

const text = aTransform('text', { document_ids: [DOCUMENT] });
const TOKEN = 'token';

const sceneOf = async (spawn: Spawn) => {
  const scene = await chainScene([aRule('any', [text, text])]);
  const stopped: string[] = [];
  const chains = { ...scene.deps.chains, start: async () => {}, stop: async (id: string) => void stopped.push(id) };
  const depsOf = (turn: Turn): FollowDeps & StepDeps => ({
    ...scene.deps,
    mirror: inTurn(scene.mirror, turn),
    submissions: inTurn(scene.deps.submissions, turn),
    chains: inTurn(chains, turn),
    callbacks: { put: async () => {} },
    events: { publish: async () => {} },
  });
  // Each change is followed by a process of its own, those of one job in their order.
  const streams = new Map<string, Promise<void>>();
  scene.mirror.changes(({ before, after }) => {
    const earlier = streams.get(after.id);
    const { promise, resolve } = Promise.withResolvers<void>();
    streams.set(after.id, promise);
    spawn(async (turn) => {
      await earlier;
      await follow(depsOf(turn), after, effectsOf(before, after));
      resolve();
    });
  });
  const runsStep: Process = (turn) => recordStep(depsOf(turn), { job_id: CHAIN, rule: 0, entry: 0, task_token: TOKEN });
  const cancels: Process = async (turn) =>
    void (await depsOf(turn).mirror.change(CHAIN, (job) => cancelRequested(job, T0)));
  return { ...scene, stopped, runsStep, cancels };
};

it('a child that is born while its chain is cancelled is cancelled as well, in any order', async () => {
  const outcomes = new Set<string>();
  const orders = await everyOrder(
    async (spawn) => {
      const state = await sceneOf(spawn);
      return { state, processes: [state.runsStep, state.cancels] };
    },
    async ({ mirror, stopped, chain, answers }, order) => {
      expect(await chain(), order).toMatchObject({ status: 'CANCELED' });
      expect(stopped, order).toContain(CHAIN);
      const children = await mirror.children(CHAIN);
      expect(
        children.map(({ status }) => status),
        order,
      ).toEqual(children.map(() => 'CANCELED'));
      // The step is answered, should the execution still wait.
      expect(answers, order).toContainEqual([TOKEN, false]);
      expect(
        mirror.snapshot().jobs.filter((job) => !isFinished(job) || job.follow_up_due !== undefined),
        order,
      ).toEqual([]);
      outcomes.add(children.length === 0 ? 'never born' : 'cancelled');
    },
  );
  expect(orders).toBeGreaterThan(100);
  expect(outcomes).toEqual(new Set(['never born', 'cancelled']));
});
