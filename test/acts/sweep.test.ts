// What a sweep tells of itself: whether it came to its end, and how long the oldest have waited.
import { beforeEach, expect, it } from 'vitest';
import type { Metric } from '../../functions/acts/deps.ts';
import { type SweepDeps, sweepApplication } from '../../functions/acts/sweep.ts';
import type { Leia } from '../../functions/adapters/leia-api.ts';
import { instant } from '../../functions/jobs/job.ts';
import { APPLICATION, aBoundJob, aJob, aRequest, id, seconds, T0, times } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

let mirror = memoryMirror();
let access = memoryAccess();
beforeEach(async () => {
  mirror = memoryMirror();
  access = memoryAccess();
  const names = { application_type: 'developer', email: '', first_name: '', last_name: '' };
  await access.saveApplication({ id: APPLICATION, ...names }, 'hash');
});

const away = async () => ({ outcome: 'unavailable', cause: 'away' }) as const;
/** LEIA does not answer. */
const absent: Partial<Leia> = {
  statuses: away,
  job: away,
  newestJobs: away,
  submit: async () => ({ outcome: 'unsent', cause: 'away' }),
};

/** One sweep at T0 + 1000 s; how often each thing was counted, measures as they are. */
const sweep = async (leia: Partial<Leia> | undefined, given: Partial<SweepDeps> = {}) => {
  const counted: Partial<Record<Metric, number>> = {};
  const nothing = async (): Promise<void> => {};
  const deps: Partial<SweepDeps> = {
    mirror,
    access,
    leiaForKey: async () => leia as Leia | undefined,
    callbackKeys: {
      callbackUrl: async () => 'https://x.test/',
      verify: async () => false,
      jobIdOf: async () => undefined,
    },
    submissions: { put: nothing },
    callbacks: { put: nothing },
    events: { publish: nothing },
    now: () => T0 + seconds(1000),
    sending: times,
    breaker: { failuresToOpen: 100, openSeconds: 30 },
    ages: { firstSeconds: 60, thenSeconds: 600 },
    leaseSeconds: 60,
    statusBatch: 200,
    followUpOverdueSeconds: 300,
    watchSeconds: 60,
    discoveryIntervalSeconds: 60,
    adoptHistorySeconds: 60,
    count: (metric, value = 1) => {
      counted[metric] = (counted[metric] ?? 0) + value;
    },
    warn: () => {},
    ...given,
  };
  await sweepApplication(deps as SweepDeps, APPLICATION, 'me').catch(() => {});
  return counted;
};

it('says how long the oldest job has waited to be sent', async () => {
  for (const [number, since] of [100, 300, 200].entries()) {
    const at = instant(T0 + seconds(since));
    await mirror.create(aJob({ id: id(number), sendable_since: at, next_attempt_at: at }), aRequest());
  }
  expect(await sweep(absent)).toMatchObject({ OldestUnsent: 900 });
});

it('says how long the oldest follow-up has been due, once it is overdue', async () => {
  const due = (since: number) => ({ status: 'PROCESSED', follow_up_due: instant(T0 + seconds(since)) }) as const;
  await mirror.create(aBoundJob({ id: id(1), leia_id: id(11), ...due(750) }));
  expect((await sweep(absent)).OldestFollowUp).toBeUndefined();
  await mirror.create(aBoundJob({ id: id(2), leia_id: id(12), ...due(400) }));
  await mirror.create(aBoundJob({ id: id(3), leia_id: id(13), ...due(500) }));
  expect(await sweep(absent)).toMatchObject({ OldestFollowUp: 600, FollowUpRepeated: 2 });
});

it('says that it did not come to its end while LEIA is away', async () => {
  expect(await sweep(absent)).toMatchObject({ SweepIncomplete: 1 });
});

it('says so when a lane fails', async () => {
  const broken = { ...mirror, oldestInLane: () => Promise.reject(new Error('the table is gone')) };
  expect(await sweep(undefined, { mirror: broken })).toMatchObject({ SweepIncomplete: 1 });
});

it('has come to its end without a key, where nobody waits', async () => {
  expect((await sweep(undefined)).SweepIncomplete).toBeUndefined();
});

it('has not come to its end without a key, where somebody does', async () => {
  await mirror.create(aBoundJob());
  expect(await sweep(undefined)).toMatchObject({ SweepIncomplete: 1 });
});
