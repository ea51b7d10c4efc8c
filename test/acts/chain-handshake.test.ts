// The two-sided handshake between a conditional job and its trigger (D4), from the submission on: the real acts, each
// change followed as the stream brings it, under all interleavings of their steps.
import { describe, expect, it } from 'vitest';
import { type AcceptDeps, acceptSubmission } from '../../functions/acts/accept-submission.ts';
import { adopt } from '../../functions/acts/adopt-job.ts';
import { type FollowDeps, follow } from '../../functions/acts/follow.ts';
import { observeJob } from '../../functions/acts/observe-job.ts';
import type { Leia, LeiaJob } from '../../functions/adapters/leia-api.ts';
import { effectsOf } from '../../functions/jobs/effects.ts';
import { cancelRequested, startRequested } from '../../functions/jobs/intents.ts';
import { instant, isFinished, type JobRecord, type Status } from '../../functions/jobs/job.ts';
import type { ConditionalRequest } from '../../functions/jobs/request.ts';
import { aCaller } from '../support/callers.ts';
import { everyOrder, inTurn, type Process, type Spawn, type Turn } from '../support/interleavings.ts';
import { APPLICATION, aBoundJob, aSighting, DOCUMENT, id, T0, times } from '../support/jobs.ts';
import { aSeenJob } from '../support/listing-leia.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

/** LEIA's own id of it as well: an adopted job has no other. */
const TRIGGER = id(0xaaa);

const request: ConditionalRequest = {
  kind: 'conditional',
  execute_after_id: TRIGGER,
  rules: [],
  block_processing: false,
};

/** What LEIA shows of the trigger. */
const shown = (status: Status): LeiaJob => aSeenJob(0, { id: TRIGGER, seen: aSighting(status, { leiaId: TRIGGER }) });

/** The mirror with its stream, and a LEIA that has the trigger. Of AWS, executions are what counts. */
const sceneOf = (spawn: Spawn) => {
  const mirror = memoryMirror();
  const executions = new Map<string, 'started' | 'stopped'>();
  let atLeia: Status = 'PROCESSING';
  const depsOf = (turn: Turn): FollowDeps & AcceptDeps => {
    const given = {
      mirror: inTurn(mirror, turn),
      submissions: { put: async () => {} },
      callbacks: { put: async () => {} },
      events: { publish: async () => {} },
      chains: inTurn(
        {
          start: async (job: string) => void executions.set(job, executions.get(job) ?? 'started'),
          stop: async (job: string) => void (executions.has(job) && executions.set(job, 'stopped')),
          answer: async () => {},
        },
        turn,
      ),
      leiaForKey: async () => leia as Leia,
      callbackKeys: { callbackUrl: async () => '', verify: async () => true, jobIdOf: async () => undefined },
      now: () => T0,
      sending: times,
      count: () => {},
      warn: () => {},
      maxChainDepth: 50,
      random: (bytes: number) => new Uint8Array(bytes),
    };
    return given as Partial<AcceptDeps> & FollowDeps as FollowDeps & AcceptDeps;
  };
  const leia: Partial<Leia> = { job: async () => ({ outcome: 'found', value: shown(atLeia) }) };

  // Each change is followed by a process of its own, those of one job in their order.
  const streams = new Map<string, Promise<void>>();
  let following = true;
  mirror.changes(({ before, after }) => {
    if (!following) return;
    const effects = effectsOf(before, after).filter(({ effect }) => effect !== 'publish');
    if (effects.length === 0 && after.follow_up_due === undefined) return;
    const earlier = streams.get(after.id);
    const { promise, resolve } = Promise.withResolvers<void>();
    streams.set(after.id, promise);
    spawn(async (turn) => {
      await earlier;
      await follow(depsOf(turn), after, effects);
      resolve();
    });
  });

  const end = (status: Status): void => {
    atLeia = status;
  };
  const conditional = (): JobRecord | undefined =>
    mirror.snapshot().jobs.find(({ job_type }) => job_type === 'conditional');
  /** What has happened so long ago that all that follows is done. */
  const longAgo = async (process: Process): Promise<void> => {
    following = false;
    await process(async () => {});
    following = true;
  };
  return { mirror, executions, depsOf, end, conditional, longAgo };
};
type Scene = ReturnType<typeof sceneOf>;

const submits =
  ({ depsOf }: Scene, given: Partial<ConditionalRequest> = {}): Process =>
  async (turn) =>
    void (await acceptSubmission(depsOf(turn), { caller: aCaller(), headers: {} }, { ...request, ...given }));

/** LEIA ends the trigger and tells of it. */
const ends =
  ({ depsOf, end }: Scene, status: Status): Process =>
  async (turn) => {
    end(status);
    await observeJob(depsOf(turn), { id: TRIGGER }, { ...shown(status).seen, via: 'callback' });
  };

/** Sweeps that find the trigger in LEIA's list, and then its end. */
const discovers =
  (scene: Scene, status: Status): Process =>
  async (turn) => {
    await adopt(scene.depsOf(turn), { submitter: APPLICATION }, shown('PROCESSING'));
    await turn();
    await ends(scene, status)(turn);
  };

const starts =
  ({ depsOf, conditional }: Scene): Process =>
  async (turn) =>
    void (await depsOf(turn).mirror.change(conditional()?.id ?? '', (job) => startRequested(job, false, T0)));

const cancels =
  ({ depsOf, conditional }: Scene): Process =>
  async (turn) =>
    void (await depsOf(turn).mirror.change(conditional()?.id ?? '', (job) => cancelRequested(job, T0)));

const finished: Status[] = ['PROCESSED', 'FAILED', 'CANCELED'];

/** The conditional job runs, in one execution, or it FAILED with its trigger; nobody waits for anybody any more. */
const expectSettled = async (scene: Scene, status: Status, order: string): Promise<void> => {
  const { mirror, executions, conditional } = scene;
  const job = conditional();
  const expected =
    status === 'PROCESSED'
      ? { stage: 'chained', status: 'PROCESSING', starting_time: instant(T0) }
      : { status: 'FAILED', reason: `Job ${TRIGGER} ${status}`, http_code: 400 };
  expect(job, order).toMatchObject({ ...expected, execute_after_id: TRIGGER, document_ids: [DOCUMENT] });
  expect([...executions], order).toEqual(status === 'PROCESSED' ? [[job?.id, 'started']] : []);
  await expectNobodyWaits(scene, order);
  expect(await mirror.job(TRIGGER), order).toMatchObject({ status });
};

const expectNobodyWaits = async ({ mirror }: Scene, order: string): Promise<void> => {
  expect(await mirror.dependents(TRIGGER), order).toEqual([]);
  expect(
    mirror.snapshot().jobs.filter(({ follow_up_due }) => follow_up_due !== undefined),
    order,
  ).toEqual([]);
};

/** LEIA has the trigger as a job of ours; what follows from its record has been done, but for what is due. */
const withTrigger = async (spawn: Spawn, status: Status = 'PROCESSING'): Promise<Scene> => {
  const scene = sceneOf(spawn);
  scene.end(status);
  const due = isFinished({ status }) ? { follow_up_due: instant(T0) } : {};
  await scene.mirror.create(aBoundJob({ id: TRIGGER, leia_id: TRIGGER, status, ...due }));
  return scene;
};

/** Its processes are made of the scene; `check` is done after each order. Gives how many orders there were. */
const inEveryOrder = (
  prepare: (spawn: Spawn) => Promise<Scene>,
  processes: (scene: Scene) => Process[],
  check: (scene: Scene, order: string) => Promise<void>,
): Promise<number> =>
  everyOrder(async (spawn) => {
    const scene = await prepare(spawn);
    return { state: scene, processes: processes(scene) };
  }, check);

describe('a conditional job and its trigger find each other in every order', () => {
  it.each(finished)('when that is %s in the moment of the submission', async (status) => {
    const orders = await inEveryOrder(
      withTrigger,
      (scene) => [submits(scene), ends(scene, status)],
      (scene, order) => expectSettled(scene, status, order),
    );
    expect(orders).toBeGreaterThan(500);
  });

  it.each(finished)('when that was %s before, and what follows from it is being done', async (status) => {
    const orders = await inEveryOrder(
      (spawn) => withTrigger(spawn, status),
      (scene) => [submits(scene)],
      (scene, order) => expectSettled(scene, status, order),
    );
    expect(orders).toBeGreaterThan(50);
  });

  it.each(finished)('when that is adopted from LEIA, and %s, in the moment of the submission', async (status) => {
    const orders = await inEveryOrder(
      async (spawn) => sceneOf(spawn),
      (scene) => [submits(scene), discovers(scene, status)],
      (scene, order) => expectSettled(scene, status, order),
    );
    expect(orders).toBeGreaterThan(500);
  });

  it.each(finished)('when that is %s while a blocked one is started', async (status) => {
    const orders = await inEveryOrder(
      async (spawn) => {
        const scene = await withTrigger(spawn);
        await scene.longAgo(submits(scene, { block_processing: true }));
        return scene;
      },
      (scene) => [starts(scene), ends(scene, status)],
      (scene, order) => expectSettled(scene, status, order),
    );
    expect(orders).toBeGreaterThan(50);
  });
});

it('a conditional job that is cancelled while its trigger ends leaves no execution running, in any order', async () => {
  const orders = await inEveryOrder(
    async (spawn) => {
      const scene = await withTrigger(spawn);
      await scene.longAgo(submits(scene));
      return scene;
    },
    (scene) => [cancels(scene), ends(scene, 'PROCESSED')],
    async (scene, order) => {
      expect(scene.conditional(), order).toMatchObject({ status: 'CANCELED' });
      expect([...scene.executions.values()], order).not.toContain('started');
      await expectNobodyWaits(scene, order);
    },
  );
  expect(orders).toBeGreaterThan(50);
});
