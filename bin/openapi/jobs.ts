// The operations on jobs: read, list, start, cancel, explain, and their twins for admins (contract §2).
import type { RouteKey } from '../../functions/runtime/routes.ts';
import { answers, emptyPage, refusals } from './answers.ts';
import { bodies, queries } from './bodies.ts';
import { jobId, jobIds, submitterId } from './inputs.ts';
import { adminListQuery, listQuery } from './list-query.ts';
import { asAdmin, fresh, type Operation, taking } from './operation.ts';

const tags = ['jobs'];
const submitter = { submitter_id: submitterId };

const getJob: Operation = {
  operationId: 'get_job',
  tags,
  summary: 'A job.',
  ...taking({ path: { job_id: jobId }, header: fresh }),
  responses: { 200: answers.job, 303: answers.elsewhere, ...refusals(400, 401, 403, 404, 503) },
};
const getJobs: Operation = {
  operationId: 'get_jobs',
  tags,
  summary: 'The jobs of the application, page by page.',
  description:
    'All filters must hold. A page may be shorter than asked for, where its results are large: `Content-Range` tells. A result that is too large even alone is left out together with its type.',
  ...taking({ query: listQuery, header: fresh }),
  responses: { 200: answers.jobs, 404: emptyPage, ...refusals(400, 401) },
};
const getStatuses: Operation = {
  operationId: 'get_job_statuses',
  tags,
  summary: 'The statuses of several jobs.',
  ...taking({ path: { job_ids: jobIds }, header: fresh }),
  responses: { 200: answers.statuses, ...refusals(400, 401, 403, 404, 503) },
};
const start: Operation = {
  operationId: 'start_job',
  tags,
  summary: 'Starts a job that is BLOCKED.',
  ...taking({ path: { job_id: jobId } }),
  responses: { 200: answers.job, 303: answers.elsewhere, ...refusals(400, 401, 403, 404, 503) },
};
const cancel: Operation = {
  operationId: 'cancel_job',
  tags,
  summary: 'Cancels a job that is not finished.',
  ...taking({ path: { job_id: jobId } }),
  responses: { 204: answers.nothing, ...refusals(400, 401, 403, 404, 503) },
};
const explain: Operation = {
  operationId: 'explain_job',
  tags: ['additions'],
  summary: 'An addition to LEIA’s API: why a job stands where it stands.',
  description: 'What it waits for, why it failed, and which rules of a conditional job matched.',
  ...taking({ path: { job_id: jobId } }),
  responses: { 200: answers.explanation, ...refusals(400, 401, 403, 404, 503) },
};
const explainConditional: Operation = {
  operationId: 'explain_conditional_job',
  tags: ['additions'],
  summary: 'An addition to LEIA’s API: what a conditional job would run. Nothing is recorded, nothing is sent.',
  ...taking({ path: { execute_after_id: jobId }, query: queries.conditional, body: bodies.dryRun }),
  responses: { 200: answers.dryRun, ...refusals(400, 401, 403, 404, 503) },
};

export const jobOperations: Record<RouteKey<'read-jobs' | 'control-job' | 'explain-job'>, Operation> = {
  'GET /job': getJobs,
  'GET /job/{job_id}': getJob,
  'GET /job/{job_ids}/status': getStatuses,
  'POST /job/{job_id}/start': start,
  'DELETE /job/{job_id}': cancel,
  'GET /job/{job_id}/explain': explain,
  'POST /job/conditional/{execute_after_id}/explain': explainConditional,
  'GET /admin/job': asAdmin({
    operation: { ...getJobs, ...taking({ query: adminListQuery, header: fresh }) },
    description: `${getJobs.description} Of all applications, or of the submitter named. Jobs of applications that this bundle does not serve are LEIA's own list, merged in every few minutes with an admin's key: \`Age\` says when that was done last, \`Cache-Control\` has it done first.`,
  }),
  'GET /admin/{submitter_id}/job/{job_id}': asAdmin({ operation: getJob, path: submitter }),
  'GET /admin/{submitter_id}/job/{job_ids}/status': asAdmin({ operation: getStatuses, path: submitter }),
  'POST /admin/{submitter_id}/job/{job_id}/start': asAdmin({ operation: start, path: submitter }),
  'DELETE /admin/{submitter_id}/job/{job_id}': asAdmin({ operation: cancel, path: submitter }),
  'GET /admin/{submitter_id}/job/{job_id}/explain': asAdmin({ operation: explain, path: submitter }),
};
