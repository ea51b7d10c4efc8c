import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { observe } from '../../functions/jobs/observation.ts';
import {
  absenceSeen,
  afterAttempt,
  cancelUnsent,
  claim,
  doubtResolved,
  expireClaim,
  failUnsent,
  isOverdue,
  refusedUnseen,
  released,
  watchEnded,
} from '../../functions/jobs/sending.ts';
import { aBoundJob, aJob, aSighting, id, seconds, T0, times } from '../support/jobs.ts';

const claimed = aJob({ stage: 'claimed', attempt: 1, claimed_until: instant(T0 + seconds(30)) });

describe('a claim', () => {
  it('gives one sender the right to one attempt', () => {
    const job = claim(aJob(), T0, times);
    expect(job).toMatchObject({ stage: 'claimed', attempt: 1, claimed_until: instant(T0 + seconds(30)) });
    expect(job && claim(job, T0 + seconds(60), times)).toBeUndefined();
  });

  it.each([
    ['a held job', aJob({ stage: 'held', held_for: id(2) })],
    ['a job that LEIA has', aBoundJob()],
    ['a cancelled job', aJob({ status: 'CANCELED', stage: 'dropped' })],
    ['a job whose cancellation was asked for', aJob({ cancel_requested_at: instant(T0) })],
    ['a job in doubt, before LEIA was searched', aJob({ doubt_since: instant(T0) })],
    ['a job before its next attempt is due', aJob({ next_attempt_at: instant(T0 + 1) })],
  ])('is not to be had for %s', (_what, job) => {
    expect(claim(job, T0, times)).toBeUndefined();
  });

  it('that nobody answered for leaves a doubt, once it is over', () => {
    expect(expireClaim(claimed, T0 + seconds(29))).toBeUndefined();
    expect(expireClaim(claimed, T0 + seconds(30))).toMatchObject({
      stage: 'unsent',
      doubt_since: instant(T0 + seconds(30)),
    });
  });
});

describe('after an attempt', () => {
  it('that LEIA surely did not take, the job may be sent again without a search', () => {
    const job = afterAttempt(claimed, { outcome: 'unsent', cause: 'refused connection' }, T0, times);
    expect(job).toMatchObject({
      stage: 'unsent',
      next_attempt_at: instant(T0 + seconds(10)),
      last_error: 'refused connection',
    });
    expect(job).not.toHaveProperty('doubt_since');
  });

  it('waits as long as LEIA asks', () => {
    const job = afterAttempt(claimed, { outcome: 'unsent', cause: '429', retryAfterSeconds: 120 }, T0, times);
    expect(job?.next_attempt_at).toBe(instant(T0 + seconds(120)));
  });

  it('without a clear answer, LEIA must be searched first', () => {
    const job = afterAttempt(claimed, { outcome: 'doubtful', cause: 'timeout' }, T0, times);
    expect(job).toMatchObject({ stage: 'unsent', doubt_since: instant(T0) });
    expect(job && claim(job, T0 + seconds(999), times)).toBeUndefined();
  });

  it('surely not taken, after a cancel: the job is CANCELED; LEIA may have it: it is searched first', () => {
    const cancelled = { ...claimed, cancel_requested_at: instant(T0) };
    const unsent = afterAttempt(cancelled, { outcome: 'unsent', cause: 'breaker' }, T0, times);
    expect(unsent).toMatchObject({ status: 'CANCELED', stage: 'dropped', follow_up_due: instant(T0) });
    const doubtful = afterAttempt(cancelled, { outcome: 'doubtful', cause: 'timeout' }, T0, times);
    expect(doubtful).toMatchObject({ status: 'READY', stage: 'unsent', doubt_since: instant(T0) });
    const later = afterAttempt({ ...cancelled, doubt_since: instant(T0) }, { outcome: 'unsent', cause: '' }, T0, times);
    expect(later).toMatchObject({ status: 'READY', stage: 'unsent' });
  });

  it('the wait doubles up to its limit', () => {
    const waits = [1, 2, 3, 10].map((attempt) => {
      const job = afterAttempt({ ...claimed, attempt }, { outcome: 'unsent', cause: '' }, T0, times);
      return (Date.parse(job?.next_attempt_at ?? '') - T0) / 1000;
    });
    expect(waits).toEqual([10, 20, 40, 600]);
  });

  it('a job that was bound meanwhile, by its callback, stays bound', () => {
    expect(afterAttempt(aBoundJob(), { outcome: 'doubtful', cause: 'timeout' }, T0, times)).toBeUndefined();
  });

  it('that LEIA refused before the client had an id, the refusal is kept and nothing follows', () => {
    const job = refusedUnseen(claimed, { status: 404, detail: 'no such document' }, T0);
    expect(job).toMatchObject({ stage: 'dropped', refusal: { status: 404 }, status: 'FAILED' });
    expect(job).not.toHaveProperty('follow_up_due');
  });

  it('that LEIA refused after the client had an id, the job FAILS and its follow-ups are due', () => {
    expect(failUnsent(claimed, 'no such document', 400, T0)).toMatchObject({
      status: 'FAILED',
      http_code: 400,
      reason: 'no such document',
      follow_up_due: instant(T0),
    });
  });
});

describe('a doubt', () => {
  const doubtful = aJob({ doubt_since: instant(T0) });

  it('is resolved by a search without a find: the job is sent again and watched for a while', () => {
    const job = doubtResolved(doubtful, T0 + seconds(60));
    expect(job).toMatchObject({ watch_since: instant(T0 + seconds(60)), next_attempt_at: instant(T0 + seconds(60)) });
    expect(job && claim(job, T0 + seconds(60), times)).toBeDefined();
    expect(job && watchEnded(job)).not.toHaveProperty('watch_since');
  });

  it('is resolved by a search without a find: a cancel that came meanwhile is done', () => {
    expect(doubtResolved({ ...doubtful, cancel_requested_at: instant(T0) }, T0)).toMatchObject({ status: 'CANCELED' });
  });
});

describe('a held job', () => {
  it('may be sent once it is released, and its time to give up counts from then', () => {
    const { sendable_since: _since, ...held } = aJob({ stage: 'held', held_for: id(2), status: 'WAITING' });
    expect(isOverdue(held, T0 + seconds(999_999), times)).toBe(false);
    const job = released(held, T0 + seconds(100_000));
    expect(job).toMatchObject({ stage: 'unsent', status: 'WAITING' });
    expect(job && isOverdue(job, T0 + seconds(100_001), times)).toBe(false);
    expect(job && isOverdue(job, T0 + seconds(200_000), times)).toBe(true);
  });
});

describe('absence', () => {
  it('takes two looks, far enough apart', () => {
    const suspected = absenceSeen(aBoundJob(), T0, 60);
    expect(suspected).toMatchObject({ absent_since: instant(T0), status: 'READY' });
    expect(suspected && absenceSeen(suspected, T0 + seconds(59), 60)).toBeUndefined();
    expect(suspected && absenceSeen(suspected, T0 + seconds(60), 60)).toMatchObject({
      status: 'FAILED',
      http_code: 500,
    });
  });
});

describe('a cancel before LEIA has the job', () => {
  it('ends it at once, and a LEIA job that turns up later is a duplicate', () => {
    const job = cancelUnsent(aJob(), T0);
    expect(job).toMatchObject({ status: 'CANCELED', stage: 'dropped', follow_up_due: instant(T0) });
    expect(job && observe(job, aSighting('PROCESSED'), T0).outcome).toBe('duplicate');
  });
});

describe('a job that ends without LEIA', () => {
  const asked = { cancel_requested_at: instant(T0), start_requested_at: instant(T0) };
  const claim = { stage: 'claimed', attempt: 1, claimed_until: instant(T0 + seconds(30)) } as const;

  it.each([
    ['is cancelled', (job: JobRecord) => cancelUnsent(job, T0)],
    ['FAILS', (job: JobRecord) => failUnsent(job, 'given up', 500, T0)],
    ['was refused', (job: JobRecord) => refusedUnseen(job, { status: 400, detail: 'no' }, T0)],
  ])('and %s has no claim, start or cancel to be honoured any more', (_what, end) => {
    const job = end(aJob({ ...claim, ...asked }));
    expect(job).toMatchObject({ stage: 'dropped' });
    for (const mark of ['claimed_until', 'cancel_requested_at', 'start_requested_at'])
      expect(job).not.toHaveProperty(mark);
  });
});

describe('whatever happens to a job on its way,', () => {
  const step = fc.constantFrom('claim', 'expire', 'unsent', 'doubtful', 'resolve', 'accept', 'cancel', 'fail');

  it('it is claimed by one sender at a time, and bound or finished for good', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.integer({ min: 0, max: 100 })), { maxLength: 30 }), (steps) => {
        let now = T0;
        let job = aJob();
        for (const [what, wait] of steps) {
          now += seconds(wait);
          const before = job;
          if (what === 'claim') job = claim(job, now, times) ?? job;
          if (what === 'expire') job = expireClaim(job, now) ?? job;
          if (what === 'unsent') job = afterAttempt(job, { outcome: 'unsent', cause: '' }, now, times) ?? job;
          if (what === 'doubtful') job = afterAttempt(job, { outcome: 'doubtful', cause: '' }, now, times) ?? job;
          if (what === 'resolve') job = doubtResolved(job, now) ?? job;
          if (what === 'accept') job = observe(job, aSighting('READY'), now).record ?? job;
          if (what === 'cancel') job = cancelUnsent(job, now) ?? job;
          if (what === 'fail') job = failUnsent(job, 'x', 500, now) ?? job;
          if (before.stage === 'bound') expect(job.leia_id).toBe(before.leia_id);
          if (before.stage === 'dropped') expect(job).toEqual(before);
          if (job.attempt > before.attempt) expect(before).toMatchObject({ stage: 'unsent' });
          expect(job.claimed_until !== undefined).toBe(job.stage === 'claimed');
        }
      }),
    );
  });
});
