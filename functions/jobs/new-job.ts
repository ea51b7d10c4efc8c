// A job at the moment of its submission, before LEIA hears of it (D1, D2). Pure.
import { instant, isFinished, type JobRecord, type Status } from './job.ts';
import { type JobRequest, jobTypeOf } from './request.ts';
import type { SendingTimes } from './sending.ts';

export type NewJob = {
  id: string;
  submitter: string;
  application: string;
  request: JobRequest;
  fingerprint: string;
  /** The job named by `execute_after_id`, as the mirror knows it. */
  prerequisite?: JobRecord;
};

/** Whether a job must wait here: its prerequisite has no LEIA id that LEIA could order by (D5). */
export const mustBeHeld = (prerequisite: JobRecord | undefined): prerequisite is JobRecord =>
  prerequisite !== undefined && prerequisite.leia_id === undefined;

/** The record of a new job: held, or claimed for its first attempt by the very write that records it. */
export const newJob = (job: NewJob, now: number, times: Pick<SendingTimes, 'claimSeconds'>): JobRecord => ({
  ...asAsked(job),
  ...(mustBeHeld(job.prerequisite) ? heldFor(job.prerequisite) : firstClaim(now, times)),
  status: firstStatus(job),
  creation_time: instant(now),
  observed_at: instant(now),
  observed_via: 'ours',
  version: 1,
});

const asAsked = ({ id, submitter, application, request, fingerprint, prerequisite }: NewJob) => ({
  id,
  submitter_id: submitter,
  application_id: application,
  document_ids: request.document_ids,
  job_type: jobTypeOf(request),
  model_id: request.kind === 'apply' ? request.model_id : null,
  callback_url: request.callback_url ?? null,
  execute_after_id: prerequisite?.id ?? null,
  page_range: request.page_range ?? null,
  parent_job_id: null,
  starting_time: null,
  finished_time: null,
  reason: null,
  http_code: null,
  result_type: null,
  fingerprint,
});

const heldFor = (prerequisite: JobRecord) => ({ stage: 'held', held_for: prerequisite.id, attempt: 0 }) as const;

const firstClaim = (now: number, { claimSeconds }: Pick<SendingTimes, 'claimSeconds'>) =>
  ({
    stage: 'claimed',
    attempt: 1,
    claimed_until: instant(now + claimSeconds * 1000),
    sendable_since: instant(now),
  }) as const;

/** contract §3.9; provisional until LEIA has told its own. */
const firstStatus = ({ request, prerequisite }: NewJob): Status => {
  if (request.block_processing) return 'BLOCKED';
  return prerequisite && !(isFinished(prerequisite) && prerequisite.leia_id) ? 'WAITING' : 'READY';
};

/** What a repeated Idempotency-Key gets (D1). */
export const repeated = (
  existing: JobRecord,
  fingerprint: string,
  now: number,
): 'other-request' | 'still-being-sent' | 'refused' | 'the-job' => {
  if (existing.fingerprint !== fingerprint) return 'other-request';
  if (existing.refusal) return 'refused';
  const underWay =
    existing.stage === 'claimed' && existing.attempt === 1 && (existing.claimed_until ?? '') > instant(now);
  return underWay ? 'still-being-sent' : 'the-job';
};
