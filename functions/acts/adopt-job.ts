// A job that LEIA shows and the mirror does not know yet becomes a job of the mirror (D1, D7, D8).
import type { LeiaJob } from '../adapters/leia-api.ts';
import { instant, isFinished, type JobRecord, type Source } from '../jobs/job.ts';
import type { Deps } from './deps.ts';
import { observeJob, translateIds } from './observe-job.ts';

export type AdoptDeps = Pick<Deps, 'mirror' | 'now' | 'count' | 'warn' | 'callbackKeys'>;

/** Whose list or token showed the job, and what is known of our ids before an index may tell them. */
export type Adopter = { submitter: string; ourIds?: ReadonlyMap<string, string> };

/**
 * One record for a LEIA job: the one whose callback URL it carries, else a new one under LEIA's own id.
 * Undefined for a duplicate of a job of ours, which does not count (D2).
 */
export const adopt = async (deps: AdoptDeps, adopter: Adopter, seen: LeiaJob): Promise<JobRecord | undefined> => {
  const ours = seen.callback_url === null ? undefined : await deps.callbackKeys.jobIdOf(seen.callback_url);
  const sighting = ours && (await observeJob(deps, { id: ours }, { ...seen.seen, via: 'adoption' }));
  if (sighting) return sighting.outcome === 'duplicate' ? undefined : sighting.job;
  const record = await adopted(deps, adopter, { ...seen, callback_url: ours ? null : seen.callback_url });
  const existing = await deps.mirror.create(record);
  if (!existing) deps.count('JobAdopted');
  return existing ?? record;
};

const adopted = async (deps: AdoptDeps, adopter: Adopter, seen: LeiaJob): Promise<JobRecord> => {
  const { details } = seen.seen;
  const now = instant(deps.now());
  return {
    ...pick(seen),
    submitter_id: seen.submitter_id || adopter.submitter,
    execute_after_id: await ourId(deps, adopter, seen.execute_after_id),
    parent_job_id: await ourId(deps, adopter, seen.parent_job_id),
    status: seen.seen.status,
    model_id: details?.model_id ?? null,
    starting_time: details?.starting_time ?? null,
    finished_time: details?.finished_time ?? (isFinished(seen.seen) ? now : null),
    reason: details?.reason ? await translateIds(deps.mirror, details.reason) : null,
    http_code: details?.http_code ?? null,
    result_type: details?.result_type ?? null,
    ...(details?.result != null ? { result: details.result } : {}),
    ...(isFinished(seen.seen) ? { follow_up_due: now } : {}),
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

const ourId = async (deps: AdoptDeps, { ourIds }: Adopter, leiaId: string | null): Promise<string | null> =>
  leiaId === null ? null : (ourIds?.get(leiaId) ?? (await deps.mirror.jobByLeiaId(leiaId))?.id ?? leiaId);
