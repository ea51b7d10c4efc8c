// From any id that a client may hold to the one record of that job (D1): ours, LEIA's, or one we never saw.
import type { JobRecord } from '../jobs/job.ts';
import { leiaUnavailable, notYours } from '../runtime/problem.ts';
import { type AdoptDeps, adopt } from './adopt-job.ts';
import type { Asker } from './asker.ts';
import type { Deps } from './deps.ts';

/**
 * The job with this id in the mirror, by our id or LEIA's. A refused submission is none.
 */
export const mirroredJob = async (mirror: Deps['mirror'], id: string): Promise<JobRecord | undefined> => {
  const job = (await mirror.job(id)) ?? (await mirror.jobByLeiaId(id));
  return job?.refusal ? undefined : job;
};

type FindDeps = AdoptDeps & { access: Pick<Deps['access'], 'noteStranger'> };

/**
 * The job with this id of the submitter that the asker may ask for; one that the mirror does not know is asked of LEIA
 * once and adopted (D8). Undefined when nobody knows it, and to an admin when it is another submitter's.
 * @throws Problem 403 for another application's job; 503 when only LEIA could tell and it does not answer.
 */
export const findJob = async (deps: FindDeps, asker: Asker, id: string): Promise<JobRecord | undefined> => {
  const job = (await mirroredJob(deps.mirror, id)) ?? (await askLeia(deps, asker, id));
  return job && job.submitter_id !== asker.submitter ? foreign(asker, id) : job;
};

/** What an admin finds is followed from then on, if need be by that admin's key. */
const askLeia = async (deps: FindDeps, asker: Asker, id: string): Promise<JobRecord | undefined> => {
  const answer = await (await asker.leia())?.job(id);
  if (!answer || answer.outcome === 'unavailable') throw leiaUnavailable();
  if (answer.outcome === 'refused') return answer.status === 403 ? foreign(asker, id) : undefined;
  if (asker.admin !== undefined) await deps.access.noteStranger(asker.submitter, asker.admin);
  return adopt(deps, asker, answer.value);
};

const foreign = ({ admin }: Asker, id: string): undefined => {
  if (admin === undefined) throw notYours(`Job ${id}`);
};
