// A submission is recorded while its token is looked up (docs/decisions/0024): whatever comes between, and wherever its
// function dies, LEIA hears of no job whose token had ended, and of each other one once.
import { randomBytes } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import type { SweepDeps } from '../../functions/acts/sweep.ts';
import { sweepUnsent } from '../../functions/acts/sweep-unsent.ts';
import { withMemory } from '../../functions/adapters/access-memory.ts';
import type { Leia } from '../../functions/adapters/leia-api.ts';
import { effectsOf } from '../../functions/jobs/effects.ts';
import { isListed } from '../../functions/jobs/job.ts';
import { authentication } from '../../functions/runtime/authentication.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { httpFunction } from '../../functions/runtime/http.ts';
import { logger } from '../../functions/runtime/log.ts';
import { type SubmitDeps, submitRoutes } from '../../functions/submit-job.ts';
import { API_KEY, anApplication, TOKEN } from '../support/callers.ts';
import { type Answer, send } from '../support/gateway.ts';
import { everyOrder, inTurn, type Spawn, type Turn } from '../support/interleavings.ts';
import { APPLICATION, DOCUMENT, MODEL, seconds, T0, times } from '../support/jobs.ts';
import { aSeenJob, listingLeia } from '../support/listing-leia.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

vi.hoisted(() => vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true'));
for (const level of ['info', 'error'] as const) vi.spyOn(logger, level).mockReturnValue();

const tokenHash = sha256(TOKEN);
const atOnce: Turn = async () => {};
const path = `/leia/1.0.0/model/${MODEL}/apply/${DOCUMENT}`;

/** A container that knows the token, its table and LEIA; `turns` come before each request to the table, and LEIA’s answer. */
const warmContainer = async () => {
  const [mirror, access, leia] = [memoryMirror(), memoryAccess(), listingLeia([], T0)];
  await access.saveApplication(anApplication(), sha256(API_KEY));
  const session = { application_id: APPLICATION, key_hash: sha256(API_KEY), expires_at: T0 / 1000 + 86_400 };
  await access.openSession(tokenHash, session);
  const turns = { mirror: atOnce, access: atOnce, leia: atOnce };
  const clock = { now: T0 };
  const submit = async ({ callbackUrl }: { callbackUrl: string }) => {
    const job = aSeenJob(leia.jobs.length + 1, { callback_url: callbackUrl });
    leia.jobs.push(job);
    await turns.leia();
    return { outcome: 'accepted', job } as const;
  };
  const now = () => clock.now;
  const deps = {
    mirror: inTurn(mirror, () => turns.mirror()),
    access: withMemory(
      inTurn(access, () => turns.access()),
      now,
    ),
    leiaForKey: async () => ({ ...leia, submit }) as unknown as Leia,
    callbackKeys: { callbackUrl: async (job: string) => job, jobIdOf: async (url: string) => url },
    now,
    sending: times,
    breaker: { failuresToOpen: 5, openSeconds: 30 },
    count: () => {},
    warn: () => {},
    fail: () => {},
    maxDocumentIds: 10,
    maxChainEntries: 10,
    maxChainDepth: 5,
    random: randomBytes,
  };
  const secrets = { keyByHash: async () => ({}) };
  const authenticate = authentication({ access: deps.access, secrets, now, sessionSeconds: 86_400 });
  const lambda = httpFunction('submit-job', submitRoutes, { ...deps, authenticate } as unknown as SubmitDeps & {
    authenticate: typeof authenticate;
  });
  const post = (body = '{}', headers = {}): Promise<Answer> =>
    send(lambda, {
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', token: TOKEN, ...headers },
      body,
    });
  const logOut = () => access.closeSession(tokenHash);
  const sweep = async () => {
    clock.now += seconds(times.claimSeconds + 1);
    const of = { submitter: APPLICATION, now: clock.now, since: () => 0, marks: {}, leia: await deps.leiaForKey() };
    await sweepUnsent({ ...deps, mirror, access } as unknown as SweepDeps, of);
  };
  expect((await post()).status).toBe(200);
  leia.jobs.length = 0;
  const published: string[] = [];
  mirror.changes(({ before, after }) => {
    for (const { effect } of effectsOf(before, after)) if (effect === 'publish') published.push(after.id);
  });
  const [first] = mirror.snapshot().jobs;
  /** All but the one that made the container warm. */
  const jobs = () => mirror.snapshot().jobs.filter(({ id }) => id !== first?.id);
  return { mirror, access, leia, turns, clock, post, logOut, sweep, published, jobs };
};
type Scene = Awaited<ReturnType<typeof warmContainer>>;

/** Two processes for one function: the requests that it makes at once can go either way. */
const giveTurns = (spawn: Spawn, { turns }: Scene, around: (turn: Turn) => Turn = (turn) => turn): void => {
  spawn(async (turn) => void Object.assign(turns, { mirror: around(turn) }));
  spawn(async (turn) => void Object.assign(turns, { access: around(turn) }));
};

const leavesNoTrace = ({ leia, published, jobs }: Scene, order: string): void =>
  expect([leia.jobs, published, jobs()], order).toEqual([[], [], []]);

/** As a sweep does, which cannot know whether LEIA has heard of it. */
const isTakenBack = ({ leia, published, jobs }: Scene, order: string): void => {
  expect([leia.jobs, published, jobs().filter(isListed)], order).toEqual([[], [], []]);
  expect(
    jobs().map(({ status, stage, refusal, unproven }) => ({ status, stage, code: refusal?.status, unproven })),
    order,
  ).toEqual(jobs().map(() => ({ status: 'FAILED', stage: 'dropped', code: 401, unproven: undefined })));
};

const isSentOnce = ({ leia, published, jobs }: Scene, order: string): void => {
  const [job, ...others] = jobs();
  expect([leia.jobs.length, others, new Set(published)], order).toEqual([1, [], new Set([job?.id])]);
  expect(job, order).toMatchObject({ stage: 'bound', leia_id: leia.jobs[0]?.id });
  expect(job && isListed(job) && job.unproven, order).toBeUndefined();
};

it('a logout beside it takes it away, or comes too late, in any order', async () => {
  const statuses = new Set<number>();
  const orders = await everyOrder(
    async (spawn) => {
      const scene = await warmContainer();
      giveTurns(spawn, scene);
      const state = { scene, status: 0 };
      const submits = async () => {
        state.status = (await scene.post()).status;
      };
      return { state, processes: [submits, () => scene.logOut()] };
    },
    async ({ scene, status }, order) => {
      statuses.add(status);
      if (status === 401) leavesNoTrace(scene, order);
      else isSentOnce(scene, order);
    },
  );
  expect(orders).toBeGreaterThan(10);
  expect([...statuses].toSorted()).toEqual([200, 401]);
});

it('a sweep finishes what its function did not, wherever that died, as the token has it', async () => {
  const ends = new Set<string>();
  for (let dieAt = 1; dieAt <= 5; dieAt += 1) {
    await everyOrder(
      async (spawn) => {
        const scene = await warmContainer();
        let requests = 0;
        giveTurns(spawn, scene, (turn) => async () => {
          requests += 1;
          if (requests >= dieAt) await new Promise(() => {});
          return turn();
        });
        return { state: scene, processes: [async () => void (await scene.post()), () => scene.logOut()] };
      },
      async (scene, order) => {
        const had = scene.leia.jobs.length;
        await scene.sweep();
        const [job] = scene.jobs();
        ends.add(job ? `${job.stage}, LEIA had ${had}` : 'none');
        // What LEIA had heard of had a token that lived; its client never got an id.
        if (had === 0) isTakenBack(scene, `${dieAt} ${order}`);
        expect(scene.leia.jobs, `${dieAt} ${order}`).toHaveLength(had);
      },
    );
  }
  expect([...ends].toSorted()).toEqual(['bound, LEIA had 1', 'dropped, LEIA had 0', 'dropped, LEIA had 1', 'none']);
});

/** The table fails at the nth request to the mirror from now. */
const failAt = ({ turns }: Scene, nth: number): void => {
  let requests = 0;
  turns.mirror = async () => {
    requests += 1;
    if (requests === nth) throw new Error('the table is away');
  };
};

it('what could not be taken away, the sweep takes back', async () => {
  const scene = await warmContainer();
  await scene.logOut();
  failAt(scene, 2);
  expect((await scene.post()).status).toBe(401);
  expect(scene.jobs()).toMatchObject([{ stage: 'claimed', unproven: tokenHash }]);
  await scene.sweep();
  expect(scene.jobs()).toHaveLength(1);
  isTakenBack(scene, 'after the sweep');
});

it('no sweep takes back what a client holds, though its token ends before LEIA’s answer could be noted', async () => {
  const scene = await warmContainer();
  failAt(scene, 2);
  const { status, text } = await scene.post();
  expect([status, scene.jobs()]).toMatchObject([200, [{ id: JSON.parse(text).id, stage: 'claimed' }]]);
  await scene.logOut();
  await scene.sweep();
  isSentOnce(scene, 'after the sweep');
});

it('a client gets no job that a sweep of another time has taken back while LEIA was asked', async () => {
  const scene = await warmContainer();
  scene.turns.leia = async () => {
    await scene.logOut();
    await scene.sweep();
  };
  expect((await scene.post()).status).toBe(401);
  expect([scene.jobs(), scene.leia.cancelled]).toMatchObject([
    [{ refusal: { status: 401 } }],
    [scene.leia.jobs[0]?.id],
  ]);
});

it.each([
  ['a request that is wrong as well', '{"format_type":"novel"}', {}],
  ['one under a key, whose second attempt shall find nothing', '{}', { 'idempotency-key': 'k' }],
])('a token that has ended leaves no record of %s', async (_what, body, headers) => {
  const scene = await warmContainer();
  await scene.logOut();
  expect((await scene.post(body, headers)).status).toBe(401);
  expect(scene.jobs()).toEqual([]);
});
