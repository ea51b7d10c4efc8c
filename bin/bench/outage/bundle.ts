// The bundle during an outage: submit-job in several containers and the sweeps, on a mirror in memory that is as far
// away as a table, in simulated time.
import { randomBytes } from 'node:crypto';
import { acceptSubmission } from '../../../functions/acts/accept-submission.ts';
import type { SweepDeps } from '../../../functions/acts/sweep.ts';
import type { Access } from '../../../functions/adapters/access.ts';
import { withMemory } from '../../../functions/adapters/access-memory.ts';
import { callbackKeys } from '../../../functions/adapters/callback-keys.ts';
import { leiaForKey } from '../../../functions/adapters/leia-for-key.ts';
import type { Mirror } from '../../../functions/adapters/mirror.ts';
import { sha256 } from '../../../functions/runtime/hash.ts';
import { sweepJobs } from '../../../functions/sweep-jobs.ts';
import { API_KEY, aCaller, anApplication } from '../../../test/support/callers.ts';
import { aRequest } from '../../../test/support/jobs.ts';
import { memoryAccess } from '../../../test/support/memory-access.ts';
import { memoryMirror } from '../../../test/support/memory-mirror.ts';
import { defaults, defaultTimes } from '../times.ts';
import { type SimulatedClock, timerOf } from './clock.ts';

interface Options {
  readonly clock: SimulatedClock;
  readonly leia: { readonly url: string; readonly fetch: typeof globalThis.fetch };
  readonly tableMillis: number;
  readonly containers: number;
}

export const outageBundle = async ({ clock, leia, tableMillis, containers }: Options) => {
  const memory = memoryMirror();
  const away = () => clock.sleep(tableMillis);
  const mirror = distantMirror(memory, away);
  const access = memoryAccess();
  await access.saveApplication(anApplication(), sha256(API_KEY));
  const secrets = {
    keyByHash: async () => ({ api_key: API_KEY, leia_api_key: 'leia-api-key' }),
    callbackSecrets: async () => ({ current: 'a secret of the bench, long enough' }),
  };
  /** One container of a function: what it remembers is its own. */
  const container = (): SweepDeps => ({
    mirror,
    access: withMemory(distantAccess(access, away), clock.now),
    leiaForKey: leiaForKey(secrets, {
      url: leia.url,
      fetch: leia.fetch,
      timeoutSeconds: defaults.leiaTimeoutSeconds,
      timer: timerOf(clock),
    }),
    callbackKeys: callbackKeys({ secrets, baseUrl: 'https://ours.example' }),
    submissions: { put: async () => {} },
    callbacks: { put: async () => {} },
    chains: noChains,
    events: { publish: async () => {} },
    now: clock.now,
    count: () => {},
    warn: () => {},
    ...defaultTimes,
  });
  const submitters = Array.from({ length: containers }, container);
  const sweeper = container();

  const submit = async (nth: number): Promise<void> => {
    const deps = {
      ...(submitters[nth % containers] ?? sweeper),
      largeAnswers: { keep: async () => '' },
      maxChainDepth: defaults.maxChainDepth,
      random: randomBytes,
      fail: (_message: string, error: unknown) => {
        throw error;
      },
    };
    await acceptSubmission(deps, { caller: aCaller(), headers: {} }, aRequest());
  };
  const sweep = () => sweepJobs(sweeper, randomBytes(4).toString('hex'));
  return { submit, sweep, jobs: () => memory.snapshot().jobs };
};

const noChains = {
  start: async () => {},
  stop: async () => {},
  answer: async () => {},
  running: async () => new Set<string>(),
  state: async () => 'absent' as const,
};

/** What submissions and sweeps ask of the mirror takes a way there and back. */
const distantMirror = (mirror: Mirror, away: () => Promise<void>): Mirror => ({
  ...mirror,
  create: async (job, request) => {
    await away();
    return mirror.create(job, request);
  },
  job: async (id) => {
    await away();
    return mirror.job(id);
  },
  jobs: async (ids) => {
    await away();
    return mirror.jobs(ids);
  },
  request: async (job) => {
    await away();
    return mirror.request(job);
  },
  change: async (id, decide, known) => {
    if (!known) await away();
    return mirror.change(id, decide, known ?? (await mirror.job(id))).then(async (change) => {
      if (change?.after) await away();
      return change;
    });
  },
  async *lane(submitter, lane, range) {
    await away();
    yield* mirror.lane(submitter, lane, range);
  },
  oldestInLane: async (...asked) => {
    await away();
    return mirror.oldestInLane(...asked);
  },
});

const distantAccess = (access: Access, away: () => Promise<void>): Access => ({
  ...access,
  keyHashOf: async (id) => {
    await away();
    return access.keyHashOf(id);
  },
  breaker: async (id) => {
    await away();
    return access.breaker(id);
  },
  changeBreaker: async (id, decide) => {
    await away();
    await away();
    return access.changeBreaker(id, decide);
  },
});
