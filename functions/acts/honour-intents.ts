// A start or cancel that LEIA has not confirmed yet is asked of it, until LEIA's own word settles it (D2).
import type { Answer, LeiaJob, LeiaJobs } from '../adapters/leia-api.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import type { Deps } from './deps.ts';
import { leiaForJobsOf, noteUnavailable } from './leia-of.ts';
import { observeJob } from './observe-job.ts';

type IntentDeps = Pick<Deps, 'mirror' | 'access' | 'leiaForKey' | 'now' | 'count' | 'warn'>;

/**
 * Asks LEIA to do what the client asked of a bound job. The job as it is then known; an intent that LEIA did not
 * confirm stays with it, and a sweep asks again. `instead`: LEIA for a submitter that nobody here has a key for.
 */
export const honourIntents = async (
  deps: IntentDeps,
  job: JobRecord,
  instead?: () => Promise<LeiaJobs | undefined>,
): Promise<JobRecord> => {
  const intends = job.cancel_requested_at !== undefined || job.start_requested_at !== undefined;
  if (!intends || job.leia_id === undefined || isFinished(job)) return job;
  const leia = (await leiaForJobsOf(deps, job.submitter_id)) ?? (await instead?.());
  if (!leia) return job;
  const answer = await (job.cancel_requested_at !== undefined ? cancelAtLeia : startAtLeia)(leia, job.leia_id);
  if (answer.outcome === 'found') {
    const sighting = await observeJob(deps, { id: job.id }, { ...answer.value.seen, via: 'control' });
    return sighting?.job ?? job;
  }
  if (answer.outcome === 'unavailable') noteUnavailable(deps, job.submitter_id, answer);
  return job;
};

/** LEIA's 204 says that it heard; its 404 that there is nothing left to cancel. What became of the job it tells itself. */
const cancelAtLeia = async (leia: LeiaJobs, leiaId: string): Promise<Answer<LeiaJob>> => {
  const answer = await leia.cancel(leiaId);
  return answer.outcome === 'unavailable' ? answer : leia.job(leiaId);
};

/** LEIA refuses to start what is not BLOCKED (any more). */
const startAtLeia = async (leia: LeiaJobs, leiaId: string): Promise<Answer<LeiaJob>> => {
  const answer = await leia.start(leiaId);
  return answer.outcome === 'refused' ? leia.job(leiaId) : answer;
};
