// A person wants a job tried again: an unsent one now, a FAILED one as a new job with the request that it had.
import type { Mirror } from '../adapters/mirror.ts';
import { fingerprint } from '../jobs/fingerprint.ts';
import { idOfKey } from '../jobs/ids.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import { newJob } from '../jobs/new-job.ts';
import { type JobRepair, resubmissionOf, sendableNow, toBeSent } from '../jobs/repair.ts';
import type { StoredRequest } from '../jobs/request.ts';
import { sha256 } from '../runtime/hash.ts';
import type { Deps } from './deps.ts';

export type ResubmitDeps = Pick<Deps, 'mirror' | 'submissions' | 'now'>;

/** Safe to repeat: a job has one successor. */
export const resubmit = async (deps: ResubmitDeps, job: JobRecord): Promise<JobRepair> => {
  const resubmission = resubmissionOf(job);
  if (resubmission === 'send-now') return sendNow(deps, job);
  if (resubmission === 'submit-anew') return submitAnew(deps, job);
  return nothing(job, resubmission.no);
};

const nothing = (job: JobRecord, why: string): JobRepair => ({
  job_id: job.id,
  outcome: 'nothing',
  status: job.status,
  why,
});

const sendNow = async (deps: ResubmitDeps, job: JobRecord): Promise<JobRepair> => {
  const change = await deps.mirror.change(job.id, (record) => sendableNow(record, deps.now()), job);
  const after = change?.after ?? change?.before ?? job;
  const still = resubmissionOf(after);
  if (still !== 'send-now')
    return nothing(after, typeof still === 'string' ? `it is ${after.status} by now` : still.no);
  await deps.submissions.put([after.id]);
  return { job_id: after.id, outcome: 'queued', status: after.status };
};

const submitAnew = async (deps: ResubmitDeps, job: JobRecord): Promise<JobRepair> => {
  const means = await meansOf(deps, job);
  if ('no' in means) return nothing(job, means.no);
  const { request, prerequisite } = means;
  const parts = {
    id: successorOf(job),
    submitter: job.submitter_id,
    request,
    fingerprint: fingerprint(request, sha256),
    ...(prerequisite ? { prerequisite } : {}),
  };
  const now = deps.now();
  const successor = toBeSent(newJob(parts, now, { claimSeconds: 0 }), now);
  const existing = await deps.mirror.create(successor, request);
  if (!existing && successor.stage === 'unsent') await deps.submissions.put([successor.id]);
  return {
    job_id: job.id,
    outcome: 'submitted',
    status: (existing ?? successor).status,
    new_job_id: successor.id,
    ...(existing ? { why: 'it was resubmitted before' } : {}),
  };
};

type Means = { request: StoredRequest; prerequisite?: JobRecord };
/** `behind`: it could be submitted anew once that job is. */
type NoMeans = { no: string; behind?: string };

/** What a FAILED job would be submitted anew with; reads only. */
export const meansOf = async (
  deps: { mirror: Pick<Mirror, 'job' | 'request'> },
  job: JobRecord,
): Promise<Means | NoMeans> => {
  const request = await deps.mirror.request(job);
  if (!request)
    return { no: job.fingerprint === undefined ? 'it was started at LEIA directly' : 'its request is kept no longer' };
  if (job.execute_after_id === null) return { request };
  const last = await lastSuccessor(deps.mirror, job.execute_after_id);
  if (!last) return { no: `its prerequisite, job ${job.execute_after_id}, is kept no longer` };
  // Behind a job that FAILED as well, this one would fail at once: unless that one was resubmitted.
  if (isFinished(last) && last.status !== 'PROCESSED')
    return { no: `its prerequisite, job ${last.id}, is ${last.status}: resubmit that one first`, behind: last.id };
  return { request: { ...request, execute_after_id: last.id }, prerequisite: last };
};

/** No client's Idempotency-Key has a line break: it is a header. */
const successorOf = (job: JobRecord): string => idOfKey(job.submitter_id, `\nresubmission of ${job.id}`, sha256);

/** However often somebody has tried. */
const MOST_SUCCESSORS = 20;

const lastSuccessor = async (mirror: Pick<Mirror, 'job'>, id: string): Promise<JobRecord | undefined> => {
  let last = await mirror.job(id);
  for (let step = 0; last && last.status === 'FAILED' && step < MOST_SUCCESSORS; step += 1) {
    const next = await mirror.job(successorOf(last));
    if (!next) break;
    last = next;
  }
  return last;
};
