import type { Created, Page, Paging } from './list.ts';
import { createdWithin, pageOf, sorted } from './list.ts';
import type { Job, Status } from './model.ts';
import { notFound, notOwner } from './refusal.ts';
import type { World } from './world.ts';
import { visibleJob } from './world.ts';

/**
 * Who asks for a job: its submitter, or an admin on behalf of the submitter in the path. A job of someone else is 403
 * to the first and 404 to the second (contract §8.17).
 */
export type Asker = { submitterId: string; admin: boolean };

/** contract §2.1 */
export const findJob = (world: World, { submitterId, admin }: Asker, id: string): Job => {
  const job = visibleJob(world, id);
  if (!job || (admin && job.submitter_id !== submitterId)) throw notFound(`Job ${id} not found`);
  if (job.submitter_id !== submitterId) throw notOwner('job');
  return job;
};

/** The statuses of those jobs that are known; 404 only if none is (contract §8.16). */
export const jobStatuses = (world: World, asker: Asker, ids: string[]): Record<string, Status> => {
  const known = ids
    .flatMap((id) => visibleJob(world, id) ?? [])
    .filter((job) => !asker.admin || job.submitter_id === asker.submitterId);
  if (known.length === 0) throw notFound('Job not found');
  return Object.fromEntries(known.map(({ id }) => [id, findJob(world, asker, id).status]));
};

export type JobFilter = Created & {
  jobId?: string | undefined;
  submitterId?: string | undefined;
  applicationId?: string | undefined;
  jobType?: string | undefined;
  modelId?: string | undefined;
  documentId?: string | undefined;
  executeAfterId?: string | undefined;
  parentJobId?: string | undefined;
  status?: string | undefined;
};

const sortFields = [
  'submitter_id',
  'application_id',
  'creation_time',
  'starting_time',
  'finished_time',
  'job_type',
  'model_id',
  'document_ids',
  'status',
  'parent_job_id',
] as const;

/** `predict-<model id>` names a worker queue and is accepted for its jobs (contract §3.10). */
const ofType = (job: Job, type: string): boolean =>
  job.job_type === type || (job.job_type === 'predict' && type === `predict-${job.model_id}`);

const matches = (job: Job, filter: JobFilter): boolean => {
  const is = (wanted: string | undefined, value: string | null): boolean => wanted === undefined || wanted === value;
  return (
    is(filter.jobId, job.id) &&
    is(filter.submitterId, job.submitter_id) &&
    is(filter.applicationId, job.application_id) &&
    (filter.jobType === undefined || ofType(job, filter.jobType)) &&
    is(filter.modelId, job.model_id) &&
    (filter.documentId === undefined || job.document_ids.includes(filter.documentId)) &&
    is(filter.executeAfterId, job.execute_after_id) &&
    is(filter.parentJobId, job.parent_job_id) &&
    is(filter.status, job.status) &&
    createdWithin(job, filter)
  );
};

/** A page of jobs by filter, all conditions together (contract §2.2–2.4). */
export const listJobs = (world: World, filter: JobFilter, sort: string | undefined, paging: Paging): Page<Job> => {
  const found = [...world.jobs.values()].filter((job) => job.visible_at <= world.time && matches(job, filter));
  return pageOf('job', sorted(found, sort, sortFields), paging);
};
