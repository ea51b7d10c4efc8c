// The lane of jobs that LEIA does not have: how a LEIA that was away is met again (D7).
import { describe, expect, it } from 'vitest';
import type { SweepDeps } from '../../functions/acts/sweep.ts';
import { sweepUnsent } from '../../functions/acts/sweep-unsent.ts';
import type { Leia } from '../../functions/adapters/leia-api.ts';
import { closed } from '../../functions/jobs/breaker.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import type { Attempt } from '../../functions/jobs/sending.ts';
import { APPLICATION, aJob, aRequest, id, seconds, T0, times } from '../support/jobs.ts';
import { aSeenJob } from '../support/listing-leia.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';
import { anApplication } from '../support/scripted-leia.ts';

const now = T0 + seconds(100);
const many = 250;

/** `many` jobs that wait, the first the oldest; LEIA answers the nth submission (from 1) as it is told. */
const scene = async (
  answer: (nth: number) => Attempt | 'taken',
  change: (nth: number) => Partial<JobRecord> = () => ({}),
) => {
  const [mirror, access] = [memoryMirror(), memoryAccess()];
  await access.saveApplication(anApplication, 'hash');
  for (let nth = many; nth > 0; nth -= 1) {
    const job = aJob({ id: id(nth), creation_time: instant(T0 + nth), next_attempt_at: instant(T0), ...change(nth) });
    await mirror.create(job, aRequest());
  }
  const asked: string[] = [];
  let [atOnce, most] = [0, 0];
  const leia: Pick<Leia, 'submit' | 'newestJobs'> = {
    submit: async ({ callbackUrl }) => {
      asked.push(callbackUrl);
      const verdict = answer(asked.length);
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 1));
      atOnce -= 1;
      return verdict === 'taken' ? { outcome: 'accepted', job: aSeenJob(1000 + asked.length) } : verdict;
    },
    newestJobs: async () => ({ outcome: 'found', value: { jobs: [], total: 0 } }),
  };
  const deps = {
    mirror,
    access,
    leiaForKey: async () => leia as Leia,
    callbackKeys: { callbackUrl: async (job: string) => job },
    now: () => now,
    sending: times,
    breaker: { failuresToOpen: 5, openSeconds: 30 },
    count: () => {},
    warn: () => {},
  } as Pick<SweepDeps, 'mirror' | 'access' | 'now' | 'sending' | 'breaker'> as SweepDeps;
  const swept = await sweepUnsent(deps, { submitter: APPLICATION, now, since: () => 0, marks: {}, leia: leia as Leia });
  const jobs = mirror.snapshot().jobs;
  return { swept, asked, most: () => most, jobs, breaker: await access.breaker(APPLICATION) };
};

const down: Attempt = { outcome: 'unsent', cause: 'connection refused' };
const silent: Attempt = { outcome: 'doubtful', cause: 'timeout' };

describe('a sweep over jobs that LEIA does not have', () => {
  it('sends them all, the oldest first and alone, then a few at once', async () => {
    const { swept, asked, most, jobs, breaker } = await scene(() => 'taken');
    expect(swept).toEqual({ complete: true, asked: many });
    expect(asked[0]).toBe(id(1));
    expect([asked.length, new Set(asked).size]).toEqual([many, many]);
    expect(jobs.every(({ stage }) => stage === 'bound')).toBe(true);
    expect(most()).toBe(5);
    expect(breaker).toEqual(closed);
  });

  it('asks a LEIA that is down once, whatever waits', async () => {
    const { swept, asked, jobs } = await scene(() => down);
    expect([swept.complete, asked]).toEqual([false, [id(1)]]);
    expect(jobs.filter(({ attempt }) => attempt > 0)).toHaveLength(1);
  });

  it('asks a LEIA that is silent about three jobs and no more', async () => {
    const { swept, asked } = await scene(() => silent);
    expect([swept.complete, asked]).toEqual([false, [id(1), id(2), id(3)]]);
  });

  it('stops where LEIA goes away again, but for what is on its way', async () => {
    const { swept, asked, jobs } = await scene((nth) => (nth < 50 ? 'taken' : down));
    expect(swept.complete).toBe(false);
    expect(asked.length).toBeGreaterThanOrEqual(50);
    expect(asked.length).toBeLessThan(50 + 5);
    expect(jobs.filter(({ stage }) => stage === 'bound')).toHaveLength(49);
  });

  it('goes on past one that LEIA cannot answer for', async () => {
    const { swept, asked } = await scene((nth) => (nth === 1 ? silent : 'taken'));
    expect([swept.complete, asked.length]).toEqual([true, many]);
  });

  it('gives up whatever has waited too long, also while LEIA is down', async () => {
    const old = instant(now - seconds(times.giveUpSeconds));
    const { jobs, asked } = await scene(
      () => down,
      (nth) => (nth > 240 ? { sendable_since: old, ...(nth > 245 ? { doubt_since: old } : {}) } : {}),
    );
    expect(asked).toHaveLength(1);
    expect(jobs.filter(({ status }) => status === 'FAILED').map(({ id: job }) => job)).toEqual(
      Array.from({ length: 10 }, (_, index) => id(250 - index)),
    );
  });
});
