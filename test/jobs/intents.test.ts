import { describe, expect, it } from 'vitest';
import { cancelRequested, startRequested } from '../../functions/jobs/intents.ts';
import { instant } from '../../functions/jobs/job.ts';
import { aBoundJob, aJob, id, seconds, T0 } from '../support/jobs.ts';

const now = T0 + seconds(1);

describe('a start', () => {
  it('makes a blocked job READY, or WAITING while its prerequisite runs', () => {
    expect(startRequested(aJob({ status: 'BLOCKED' }), false, now)).toMatchObject({
      status: 'READY',
      start_requested_at: instant(now),
    });
    const behind = aJob({ status: 'BLOCKED', execute_after_id: id(2) });
    expect(startRequested(behind, false, now)?.status).toBe('WAITING');
    expect(startRequested(behind, true, now)?.status).toBe('READY');
  });

  it('of a job that is not BLOCKED is none', () => {
    expect(startRequested(aBoundJob({ status: 'PROCESSING' }), false, now)).toBeUndefined();
  });
});

describe('a cancel', () => {
  it('ends a job at once that LEIA cannot have', () => {
    expect(cancelRequested(aJob(), now)).toMatchObject({ status: 'CANCELED', finished_time: instant(now) });
    expect(cancelRequested(aJob({ stage: 'held', held_for: id(2) }), now)?.status).toBe('CANCELED');
  });

  it.each([
    ['has the job', aBoundJob()],
    ['is being sent the job', aJob({ stage: 'claimed', claimed_until: instant(T0) })],
    ['may have taken the job', aJob({ doubt_since: instant(T0) })],
  ])('is an intent while LEIA %s', (_what, job) => {
    expect(cancelRequested(job, now)).toEqual({ ...job, cancel_requested_at: instant(now) });
  });

  it('of a finished job, or a second one, is none', () => {
    expect(cancelRequested(aBoundJob({ status: 'PROCESSED' }), now)).toBeUndefined();
    expect(cancelRequested(aBoundJob({ cancel_requested_at: instant(T0) }), now)).toBeUndefined();
  });
});
