// A job at the moment of its submission, before LEIA hears of it (D1, D2). Pure.
import { chainDepth } from './chain.ts';
import { instant, type JobRecord, type Status } from './job.ts';
import { type JobRequest, jobTypeOf, type StoredRequest } from './request.ts';
import type { SendingTimes } from './sending.ts';

export type NewJob = {
  id: string;
  submitter: string;
  request: StoredRequest;
  fingerprint: string;
  /** The job named by `execute_after_id`, as the mirror knows it. */
  prerequisite?: JobRecord;
  /** Hash of a token that is still being looked up. */
  unproven?: string;
};

/**
 * The prerequisite that a job must wait for here, if it must: LEIA knows no conditional jobs (D6), and orders only by
 * jobs that it has (D5).
 */
export const heldBy = ({ kind }: Pick<StoredRequest, 'kind'>, prerequisite?: JobRecord): JobRecord | undefined =>
  kind === 'conditional' || prerequisite?.leia_id === undefined ? prerequisite : undefined;

/** The record of a new job: held, or claimed for its first attempt by the very write that records it. */
export const newJob = (job: NewJob, now: number, times: Pick<SendingTimes, 'claimSeconds'>): JobRecord => {
  const holder = heldBy(job.request, job.prerequisite);
  const depth = chainDepth(job.request.kind, job.prerequisite?.chain_depth ?? 0);
  return {
    ...asAsked({ ...job, application: job.request.owner ?? job.submitter }),
    ...(holder ? heldFor(holder) : firstClaim(now, times)),
    ...(depth > 0 ? { chain_depth: depth } : {}),
    ...(job.unproven === undefined ? {} : { unproven: job.unproven }),
    fingerprint: job.fingerprint,
    status: firstStatus(job),
    ...born(now),
  };
};

export type NewChild = {
  id: string;
  chain: JobRecord;
  step: { rule: number; entry: number };
  taskToken: string;
  /** Id of the job of the entry before, or of the trigger. */
  after: string;
  request: JobRequest;
};

/** The record of an entry of a chain whose turn has come, still to be sent (contract §4.6). */
export const newChild = ({ id, chain, step, taskToken, after, request }: NewChild, now: number): JobRecord => ({
  ...asAsked({ id, submitter: chain.submitter_id, application: chain.application_id, request }),
  execute_after_id: after,
  parent_job_id: chain.id,
  step,
  task_token: taskToken,
  stage: 'unsent',
  attempt: 0,
  sendable_since: instant(now),
  next_attempt_at: instant(now),
  status: 'READY',
  ...born(now),
});

const born = (now: number) => ({
  creation_time: instant(now),
  observed_at: instant(now),
  observed_via: 'ours' as const,
  version: 1,
});

const notYetTold = { state: 'asked', tries: 0 } as const;

type Asked = Omit<NewJob, 'fingerprint'> & { application: string };

const asAsked = ({ id, submitter, application, request, prerequisite }: Asked) => ({
  id,
  submitter_id: submitter,
  application_id: application,
  document_ids: request.kind === 'conditional' ? (prerequisite?.document_ids ?? []) : request.document_ids,
  job_type: jobTypeOf(request),
  model_id: request.kind === 'apply' ? request.model_id : null,
  callback_url: request.callback_url ?? null,
  execute_after_id: prerequisite?.id ?? null,
  page_range: 'page_range' in request ? (request.page_range ?? null) : null,
  ...(request.callback_url === undefined && request.callback_headers === undefined ? {} : { callback: notYetTold }),
  parent_job_id: null,
  starting_time: null,
  finished_time: null,
  reason: null,
  http_code: null,
  result_type: null,
});

const heldFor = (prerequisite: JobRecord) => ({ stage: 'held', held_for: prerequisite.id, attempt: 0 }) as const;

const firstClaim = (now: number, { claimSeconds }: Pick<SendingTimes, 'claimSeconds'>) =>
  ({
    stage: 'claimed',
    attempt: 1,
    claimed_until: instant(now + claimSeconds * 1000),
    sendable_since: instant(now),
  }) as const;

/** contract §3.9; provisional until LEIA has told its own, which is no less: behind a job that FAILED it is WAITING first. */
const firstStatus = ({ request, prerequisite }: NewJob): Status => {
  if (request.block_processing) return 'BLOCKED';
  if (request.kind === 'conditional') return 'WAITING';
  return prerequisite && !(prerequisite.status === 'PROCESSED' && prerequisite.leia_id) ? 'WAITING' : 'READY';
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
