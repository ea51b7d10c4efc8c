import type { Asker, JobFilter } from '../rules/jobs.ts';
import { findJob, jobStatuses, listJobs } from '../rules/jobs.ts';
import type { Job } from '../rules/model.ts';
import { statuses } from '../rules/model.ts';
import { badRequest } from '../rules/refusal.ts';
import { showJob } from '../rules/show.ts';
import { cancelJob, settle, startJob } from '../rules/transitions.ts';
import { json, jsonText, noContent, pageAnswer } from './answer.ts';
import type { Leia, LeiaApp, LeiaContext, Standing } from './leia.ts';
import { adminOf, callerOf, pathList, pathPart, route, twin } from './leia.ts';
import { createdOf, oneOf, pagingOf, queryOf, scalar } from './query.ts';

const jobTypes = ['predict', 'pdf-images', 'image-text', 'transform'];

/** A member of the enum, or `predict-<model id>` (contract §2.2, §3.10). */
const jobType = (query: URLSearchParams): string | undefined => {
  const text = scalar(query, 'job_type');
  return text?.startsWith('predict-') ? text : oneOf(query, 'job_type', jobTypes);
};

const filterOf = (query: URLSearchParams): JobFilter => ({
  jobId: scalar(query, 'job_id'),
  applicationId: scalar(query, 'application_id'),
  jobType: jobType(query),
  modelId: scalar(query, 'model_id'),
  documentId: scalar(query, 'document_id'),
  executeAfterId: scalar(query, 'execute_after_id'),
  parentJobId: scalar(query, 'parent_job_id'),
  status: oneOf(query, 'status', statuses),
  ...createdOf(query),
});

const askerOf = ({ subjectId, admin }: Standing): Asker => ({ submitterId: subjectId, admin });

/** Reads, lists, statuses, start and cancel, with their admin twins (contract §2.1). */
export const addJobRoutes = (leia: Leia, app: LeiaApp): void => {
  const { world } = leia;
  const show = (job: Job): string => showJob(job, world.switches.echoCallbackUrl);
  const list = (c: LeiaContext, submitterId: string | undefined): Response => {
    const query = queryOf(c);
    const page = () => listJobs(world, { ...filterOf(query), submitterId }, scalar(query, 'sort'), pagingOf(query));
    return pageAnswer('job', page, show);
  };

  route(app, '/job', { GET: (c) => list(c, callerOf(leia, c).id) });
  route(app, '/admin/job', {
    GET: (c) => {
      adminOf(leia, c);
      return list(c, scalar(queryOf(c), 'submitter_id'));
    },
  });
  twin(leia, app, '/job/:job_ids/status', {
    GET: (c, standing) => {
      const ids = pathList(c, 'job_ids');
      if (ids.length === 0) throw badRequest('job_ids: at least one is needed');
      return json(jobStatuses(world, askerOf(standing), ids));
    },
  });
  twin(leia, app, '/job/:job_id/start', {
    POST: (c, standing) => {
      const job = findJob(world, askerOf(standing), pathPart(c, 'job_id'));
      startJob(world, job);
      return jsonText(show(job));
    },
  });
  twin(leia, app, '/job/:job_id', {
    GET: (c, standing) => jsonText(show(findJob(world, askerOf(standing), pathPart(c, 'job_id')))),
    DELETE: (c, standing) => {
      cancelJob(world, findJob(world, askerOf(standing), pathPart(c, 'job_id')));
      settle(world);
      return noContent();
    },
  });
};
