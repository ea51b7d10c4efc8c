// Asks LEIA about one job and brings the answer into the mirror.
import type { LeiaJobs } from '../adapters/leia-api.ts';
import { isFinished, type JobRecord, type Source } from '../jobs/job.ts';
import type { Deps } from './deps.ts';
import { noteUnavailable } from './leia-of.ts';
import { observeJob } from './observe-job.ts';

/**
 * The job after a look at LEIA; as it was when LEIA has nothing to say of it (not there yet, finished, or LEIA does
 * not answer).
 */
export const refreshJob = async (
  deps: Pick<Deps, 'mirror' | 'now' | 'count' | 'warn'>,
  leia: Pick<LeiaJobs, 'job'>,
  { job, via }: { job: JobRecord; via: Source },
): Promise<JobRecord> => {
  if (job.leia_id === undefined || isFinished(job)) return job;
  const answer = await leia.job(job.leia_id);
  if (answer.outcome === 'unavailable') noteUnavailable(deps, job.submitter_id, answer);
  if (answer.outcome !== 'found') return job;
  return (await observeJob(deps, { id: job.id, known: job }, { ...answer.value.seen, via }))?.job ?? job;
};
