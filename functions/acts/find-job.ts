// From any id that a client may hold to the one record of that job (D1): ours, LEIA's, or one we never saw.
import type { Leia } from '../adapters/leia-api.ts';
import type { JobRecord } from '../jobs/job.ts';
import { leiaUnavailable, notYours } from '../runtime/problem.ts';
import { type AdoptDeps, adopt } from './adopt-job.ts';
import type { Deps } from './deps.ts';

/**
 * The job with this id in the mirror, by our id or LEIA's. A refused submission is none.
 */
export const mirroredJob = async (mirror: Deps['mirror'], id: string): Promise<JobRecord | undefined> => {
  const job = (await mirror.job(id)) ?? (await mirror.jobByLeiaId(id));
  return job?.refusal ? undefined : job;
};

/**
 * The job of this submitter with this id; one that the mirror does not know is asked of LEIA once and adopted (D8).
 * Undefined when nobody knows it.
 * @throws Problem 403 for another application's job; 503 when only LEIA could tell and it does not answer.
 */
export const findJob = async (
  deps: AdoptDeps,
  owner: { submitter: string; leia: () => Promise<Leia | undefined> },
  id: string,
): Promise<JobRecord | undefined> => {
  const job = (await mirroredJob(deps.mirror, id)) ?? (await askLeia(deps, owner, id));
  if (job && job.submitter_id !== owner.submitter) throw notYours(`Job ${id}`);
  return job;
};

const askLeia = async (
  deps: AdoptDeps,
  owner: { submitter: string; leia: () => Promise<Leia | undefined> },
  id: string,
): Promise<JobRecord | undefined> => {
  const answer = await (await owner.leia())?.job(id);
  if (!answer || answer.outcome === 'unavailable') throw leiaUnavailable();
  if (answer.outcome === 'refused') {
    if (answer.status === 403) throw notYours(`Job ${id}`);
    return undefined;
  }
  return adopt(deps, owner, answer.value);
};
