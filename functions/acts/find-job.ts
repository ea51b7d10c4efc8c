// From any id that a client may hold to the one record of that job (D1): ours, LEIA's, or one we never saw.
import type { Leia, LeiaJob } from '../adapters/leia-api.ts';
import { instant, isFinished, type JobRecord, type Source } from '../jobs/job.ts';
import { leiaUnavailable, notYours } from '../runtime/problem.ts';
import type { Deps } from './deps.ts';
import { observeJob } from './observe-job.ts';

type FindDeps = Pick<Deps, 'mirror' | 'now' | 'count' | 'warn' | 'callbackKeys'>;

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
  deps: FindDeps,
  owner: { submitter: string; leia: () => Promise<Leia | undefined> },
  id: string,
): Promise<JobRecord | undefined> => {
  const job = (await mirroredJob(deps.mirror, id)) ?? (await askLeia(deps, owner, id));
  if (job && job.submitter_id !== owner.submitter) throw notYours(`Job ${id}`);
  return job;
};

const askLeia = async (
  deps: FindDeps,
  owner: { submitter: string; leia: () => Promise<Leia | undefined> },
  id: string,
): Promise<JobRecord | undefined> => {
  const answer = await (await owner.leia())?.job(id);
  if (!answer || answer.outcome === 'unavailable') throw leiaUnavailable();
  if (answer.outcome === 'refused') {
    if (answer.status === 403) throw notYours(`Job ${id}`);
    return undefined;
  }
  return adopt(deps, owner.submitter, answer.value);
};

/**
 * One record for a LEIA job: the one whose callback URL it carries, else a new one under LEIA's own id.
 * Undefined for a duplicate of a job of ours, which does not count (D2).
 */
export const adopt = async (deps: FindDeps, submitter: string, seen: LeiaJob): Promise<JobRecord | undefined> => {
  const ours = seen.callback_url === null ? undefined : await deps.callbackKeys.jobIdOf(seen.callback_url);
  const sighting = ours && (await observeJob(deps, { id: ours }, { ...seen.seen, via: 'adoption' }));
  if (sighting) return sighting.outcome === 'duplicate' ? undefined : sighting.job;
  const record = await adopted(deps, submitter, { ...seen, callback_url: ours ? null : seen.callback_url });
  return (await deps.mirror.create(record)) ?? record;
};

const adopted = async (deps: FindDeps, submitter: string, seen: LeiaJob): Promise<JobRecord> => {
  const { details } = seen.seen;
  const now = instant(deps.now());
  return {
    ...pick(seen),
    submitter_id: seen.submitter_id || submitter,
    execute_after_id: await ourId(deps, seen.execute_after_id),
    parent_job_id: await ourId(deps, seen.parent_job_id),
    status: seen.seen.status,
    model_id: details?.model_id ?? null,
    starting_time: details?.starting_time ?? null,
    finished_time: details?.finished_time ?? (isFinished(seen.seen) ? now : null),
    reason: details?.reason ?? null,
    http_code: details?.http_code ?? null,
    result_type: details?.result_type ?? null,
    ...(details?.result != null ? { result: details.result } : {}),
    leia_id: seen.id,
    stage: 'bound',
    version: 1,
    attempt: 0,
    sent_at: now,
    observed_at: now,
    observed_via: 'adoption' satisfies Source,
  };
};

const pick = ({ id, application_id, creation_time, document_ids, job_type, callback_url, page_range }: LeiaJob) => ({
  id,
  application_id,
  creation_time,
  document_ids,
  job_type,
  callback_url,
  page_range,
});

const ourId = async (deps: FindDeps, leiaId: string | null): Promise<string | null> =>
  leiaId === null ? null : ((await deps.mirror.jobByLeiaId(leiaId))?.id ?? leiaId);
