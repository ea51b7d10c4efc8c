// Start and cancel as intents (D2): what a client's wish does to a job at each point of its way. Pure.
import { type GivenUp, instant, isFinished, type JobRecord, mayBeAtLeia } from './job.ts';
import { cancelUnsent } from './sending.ts';

/**
 * The job once its start is asked for; undefined when it is not BLOCKED.
 * `prerequisiteDone`: nothing holds it back any more, so that it is READY rather than WAITING (contract §3.9); a
 * conditional job waits until its rules are looked at.
 */
export const startRequested = (job: JobRecord, prerequisiteDone: boolean, now: number): JobRecord | undefined => {
  if (job.status !== 'BLOCKED' || job.cancel_requested_at !== undefined) return undefined;
  const ready = job.execute_after_id === null || (prerequisiteDone && job.job_type !== 'conditional');
  const status = ready ? 'READY' : 'WAITING';
  return { ...job, status, start_requested_at: instant(now) };
};

/** The job once its cancellation is asked for: done at once if LEIA cannot have it; undefined when there is nothing to cancel. */
export const cancelRequested = (job: JobRecord, now: number): JobRecord | undefined => {
  if (isFinished(job) || job.cancel_requested_at !== undefined) return undefined;
  return mayBeAtLeia(job) ? { ...job, cancel_requested_at: instant(now) } : cancelUnsent(job, now);
};

/**
 * A child whose step ended without it: that is kept, whatever becomes of it, and it is to be cancelled. Undefined when it
 * was given up before, or has failed of itself, which says more than that its step broke off.
 */
export const givenUp = (child: JobRecord, why: GivenUp, now: number): JobRecord | undefined => {
  const hasFailed = isFinished(child) && child.status !== 'PROCESSED';
  if (child.given_up || (hasFailed && why === 'broke off')) return undefined;
  const noted = { ...child, given_up: { why, at: instant(now) } };
  return cancelRequested(noted, now) ?? noted;
};
