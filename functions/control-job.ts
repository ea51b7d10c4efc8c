// control-job – a client starts a blocked job or cancels one (contract §3.9, §5; D2).
import { askerOf } from './acts/asker.ts';
import { cancel } from './acts/cancel.ts';
import type { Deps } from './acts/deps.ts';
import { findJob } from './acts/find-job.ts';
import { honourIntents } from './acts/honour-intents.ts';
import { idOf } from './jobs/inputs.ts';
import { startRequested } from './jobs/intents.ts';
import type { JobRecord } from './jobs/job.ts';
import { httpFunction } from './runtime/http.ts';
import { type JobReplyDeps, jobReply } from './runtime/job-reply.ts';
import { notFound } from './runtime/problem.ts';
import type { CallerRequest, HttpReply } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { controlDeps } from './runtime/wiring.ts';

export type ControlDeps = Pick<Deps, 'mirror' | 'access' | 'leiaForKey' | 'callbackKeys' | 'now' | 'count' | 'warn'> &
  JobReplyDeps;

/** `POST /job/{job_id}/start` and its admin twin. */
export const startJob = async (request: CallerRequest, deps: ControlDeps): Promise<HttpReply> => {
  const job = await jobOf(request, deps);
  const prerequisite = job.execute_after_id === null ? undefined : await deps.mirror.job(job.execute_after_id);
  const done = prerequisite?.status === 'PROCESSED';
  const change = await deps.mirror.change(job.id, (record) => startRequested(record, done, deps.now()), job);
  if (!change?.after) throw notFound(`Job ${job.id} is not BLOCKED but ${change?.before.status ?? 'gone'}`);
  return jobReply(deps, await honourIntents(deps, change.after, askerOf(request, deps).leia));
};

/** `DELETE /job/{job_id}` and its admin twin. */
export const cancelJob = async (request: CallerRequest, deps: ControlDeps): Promise<HttpReply> => {
  const job = await jobOf(request, deps);
  const { asked, job: after } = await cancel(deps, job, askerOf(request, deps).leia);
  if (!asked) throw notFound(`Job ${job.id} is ${finishedOrCancelled(after)}`);
  if (after.status === 'PROCESSED' || after.status === 'FAILED')
    throw notFound(`Job ${job.id} is ${after.status} already`);
  return { status: 204 };
};

const finishedOrCancelled = (job: JobRecord | undefined): string =>
  job?.cancel_requested_at === undefined ? `${job?.status ?? 'gone'} already` : 'being cancelled already';

const jobOf = async (request: CallerRequest, deps: ControlDeps): Promise<JobRecord> => {
  const id = idOf('job_id', request.params.job_id ?? '');
  const job = await findJob(deps, askerOf(request, deps), id);
  if (!job) throw notFound(`No job ${id} exists`);
  return job;
};

export const controlRoutes = {
  'POST /job/{job_id}/start': startJob,
  'DELETE /job/{job_id}': cancelJob,
  'POST /admin/{submitter_id}/job/{job_id}/start': startJob,
  'DELETE /admin/{submitter_id}/job/{job_id}': cancelJob,
};

export const handler = wired(() => httpFunction('control-job', controlRoutes, controlDeps()));
