// The two-sided handshake between a job and its prerequisite (D4), under all interleavings of its steps.
import { describe, expect, it } from 'vitest';
import { type FollowDeps, follow } from '../../functions/acts/follow.ts';
import { effectsOf } from '../../functions/jobs/effects.ts';
import { startRequested } from '../../functions/jobs/intents.ts';
import { instant, type JobRecord, type Status } from '../../functions/jobs/job.ts';
import { observe } from '../../functions/jobs/observation.ts';
import { everyOrder, inTurn, type Process } from '../support/interleavings.ts';
import { aBoundJob, aJob, aRequest, aSighting, id, T0 } from '../support/jobs.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const PREREQUISITE = id(1);
const DEPENDENT = id(2);

const sceneOf = (dependent: Partial<JobRecord>) => {
  const mirror = memoryMirror();
  const released: string[] = [];
  const started: string[] = [];
  const deps: FollowDeps = {
    mirror,
    submissions: { put: async (ids) => void released.push(...ids) },
    chains: {
      start: async (job) => void started.push(job),
      stop: async () => {},
      answer: async () => {},
    },
    callbacks: { put: async () => {} },
    events: { publish: async () => {} },
    now: () => T0,
    warn: () => {},
  };
  const held = aJob({
    id: DEPENDENT,
    stage: 'held',
    held_for: PREREQUISITE,
    execute_after_id: PREREQUISITE,
    status: 'WAITING',
    ...dependent,
  });
  return { mirror, deps, released, started, held };
};
type Scene = ReturnType<typeof sceneOf>;

/** A change and, as the stream brings it, what follows from it: one process. */
const changing =
  (
    { deps }: Scene,
    change: (mirror: FollowDeps['mirror']) => Promise<{ before?: JobRecord; after?: JobRecord }>,
  ): Process =>
  async (turn) => {
    const mirror = inTurn(deps.mirror, turn);
    const { before, after } = await change(mirror);
    if (after) await follow({ ...deps, mirror }, after, effectsOf(before, after));
  };

const prerequisiteEnds = (scene: Scene, status: Status): Process =>
  changing(
    scene,
    async (mirror) => (await mirror.change(PREREQUISITE, (job) => observe(job, aSighting(status), T0).record)) ?? {},
  );

const dependentAppears = (scene: Scene): Process =>
  changing(scene, async (mirror) => {
    await mirror.create(scene.held, aRequest());
    return { after: scene.held };
  });

const dependentStarts = (scene: Scene): Process =>
  changing(scene, async (mirror) => (await mirror.change(DEPENDENT, (job) => startRequested(job, false, T0))) ?? {});

const ends: [Status, Partial<JobRecord>][] = [
  ['PROCESSED', { stage: 'unsent', status: 'WAITING' }],
  ['FAILED', { status: 'FAILED', reason: `Job ${PREREQUISITE} FAILED`, http_code: 400 }],
  ['CANCELED', { status: 'FAILED', reason: `Job ${PREREQUISITE} CANCELED`, http_code: 400 }],
];

describe('a held job and its prerequisite', () => {
  it.each(ends)('find each other in every order when it is %s', async (status, expected) => {
    const orders = await everyOrder(
      async () => {
        const scene = sceneOf({});
        await scene.mirror.create(aBoundJob({ id: PREREQUISITE }));
        return { state: scene, processes: [prerequisiteEnds(scene, status), dependentAppears(scene)] };
      },
      async ({ mirror, released }, order) => {
        expect(await mirror.job(DEPENDENT), order).toMatchObject(expected);
        expect(released.includes(DEPENDENT), order).toBe(status === 'PROCESSED');
        expect(await mirror.dependents(PREREQUISITE), order).toEqual([]);
        expect((await mirror.job(PREREQUISITE))?.follow_up_due, order).toBeUndefined();
      },
    );
    expect(orders).toBeGreaterThan(50);
  });

  it('of the conditional kind, blocked, start one execution in every order of end, appearance and start', async () => {
    const orders = await everyOrder(
      async () => {
        const scene = sceneOf({ job_type: 'conditional', status: 'BLOCKED' });
        await scene.mirror.create(aBoundJob({ id: PREREQUISITE }));
        await scene.mirror.create(scene.held, aRequest());
        return { state: scene, processes: [prerequisiteEnds(scene, 'PROCESSED'), dependentStarts(scene)] };
      },
      async (scene, order) => {
        const job = await scene.mirror.job(DEPENDENT);
        expect(job, order).toMatchObject({ stage: 'chained', status: 'PROCESSING', starting_time: instant(T0) });
      },
    );
    expect(orders).toBeGreaterThan(20);
  });
});
