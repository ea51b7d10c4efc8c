// read-jobs – clients poll the mirror, not LEIA (contract §2; D8).
import pMap from 'p-map';
import type { Deps } from './acts/deps.ts';
import { findJob, mirroredJob } from './acts/find-job.ts';
import { type ListSnapshots, listJobs } from './acts/list-jobs.ts';
import { ageSince, recentDiscovery } from './acts/recent-discovery.ts';
import { refreshJob } from './acts/refresh-job.ts';
import type { Leia } from './adapters/leia-api.ts';
import { acceptedAge, ageOf } from './jobs/answer.ts';
import { idListOf, idOf } from './jobs/inputs.ts';
import type { JobRecord } from './jobs/job.ts';
import { listQueryOf } from './jobs/list-query.ts';
import { httpFunction } from './runtime/http.ts';
import { jobReply } from './runtime/job-reply.ts';
import { listReply } from './runtime/list-reply.ts';
import { notFound, notYours, Problem } from './runtime/problem.ts';
import type { CallerRequest, HttpReply } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { readDeps } from './runtime/wiring.ts';

export type ReadDeps = Pick<Deps, 'mirror' | 'access' | 'leiaForKey' | 'callbackKeys' | 'now' | 'count' | 'warn'> & {
  maxDocumentIds: number;
  lists: ListSnapshots;
  adoptHistorySeconds: number;
};

const AT_ONCE = 8;

/** `GET /job/{job_id}` */
export const getJob = async (request: CallerRequest, deps: ReadDeps): Promise<HttpReply> => {
  const id = idOf('job_id', request.params.job_id ?? '');
  const owner = ownerOf(request, deps);
  const job = await findJob(deps, owner, id);
  if (!job) throw notFound(`No job ${id} exists`);
  return jobReply(deps, await withResult(deps, owner, await freshEnough(request, deps, job)));
};

/** `GET /job/{job_ids}/status`: those that are known; a foreign one among them is 403 (contract §8 row 16). */
export const getStatuses = async (request: CallerRequest, deps: ReadDeps): Promise<HttpReply> => {
  const ids = [...new Set(idListOf('job_ids', request.params.job_ids ?? '', deps.maxDocumentIds))];
  const found = await pMap(ids, async (id) => ({ id, job: await jobOrNothing(request, deps, id) }), {
    concurrency: AT_ONCE,
  });
  const known = found.flatMap(({ id, job }) => (job ? [{ id, job }] : []));
  if (known.length === 0) throw notFound('None of these jobs exists');
  const fresh = await pMap(known, async ({ id, job }) => ({ id, job: await freshEnough(request, deps, job) }), {
    concurrency: AT_ONCE,
  });
  const age = Math.max(...fresh.map(({ job }) => ageOf(job, deps.now())));
  return {
    status: 200,
    headers: { 'content-type': 'application/json', age: String(age) },
    body: JSON.stringify(Object.fromEntries(fresh.map(({ id, job }) => [id, job.status]))),
  };
};

/** `GET /job`: the application's jobs by filter, in order, with the paging headers of contract §2.3. */
export const getJobs = async (request: CallerRequest, deps: ReadDeps): Promise<HttpReply> => {
  const query = listQueryOf(request.query);
  const maxAge = acceptedAge(request.headers['cache-control']);
  const submitter = request.caller.application.id;
  const owner = ownerOf(request, deps);
  const discovered = await recentDiscovery(deps, owner, maxAge);
  const listed = await listJobs(deps, { submitters: [submitter], query, discovered, maxAge });
  const headers = listed.discovered === undefined ? {} : { age: ageSince(listed.discovered, deps.now()) };
  if (listed.jobs.length === 0) throw new Problem(404, 'No job matches', { ...headers, 'content-range': '0-0/0' });
  return listReply(deps.mirror, { ...listed, first: query.page.offset }, headers);
};

const ownerOf = ({ caller }: CallerRequest, deps: ReadDeps) => ({
  submitter: caller.application.id,
  leia: () => deps.leiaForKey(caller.session.key_hash),
});

const jobOrNothing = async (request: CallerRequest, deps: ReadDeps, id: string): Promise<JobRecord | undefined> => {
  const job = await mirroredJob(deps.mirror, id);
  if (job && job.submitter_id !== request.caller.application.id) throw notYours(`Job ${id}`);
  return job ?? findJob(deps, ownerOf(request, deps), id);
};

/** Asks LEIA first when the client does not take an observation as old as ours. */
const freshEnough = async (request: CallerRequest, deps: ReadDeps, job: JobRecord): Promise<JobRecord> => {
  const accepted = acceptedAge(request.headers['cache-control']);
  const tooOld = accepted !== undefined && (accepted === 0 || ageOf(job, deps.now()) > accepted);
  return tooOld ? refreshed(request, deps, job) : job;
};

const refreshed = async (request: CallerRequest, deps: ReadDeps, job: JobRecord): Promise<JobRecord> => {
  const leia = await deps.leiaForKey(request.caller.session.key_hash);
  return leia ? refreshJob(deps, leia, { job, via: 'read' }) : job;
};

/** The job with its result in hand; one past its retention is LEIA's to give, as long as LEIA has it (D3). */
const withResult = async (
  deps: ReadDeps,
  owner: { leia: () => Promise<Leia | undefined> },
  job: JobRecord,
): Promise<JobRecord> => {
  const kept = await resultOf(deps, job);
  if (kept !== null) return { ...job, result: kept };
  if (job.result_type === null || job.leia_id === undefined) return job;
  const answer = await (await owner.leia())?.job(job.leia_id);
  const result = answer?.outcome === 'found' ? answer.value.seen.details?.result : null;
  // A type without its result breaks the SDKs (contract §0.9).
  return result == null ? { ...job, result_type: null } : { ...job, result };
};

const resultOf = (deps: ReadDeps, job: JobRecord): Promise<string | null> =>
  job.result_type === null ? Promise.resolve(null) : deps.mirror.result(job);

export const readRoutes = {
  'GET /job': getJobs,
  'GET /job/{job_id}': getJob,
  'GET /job/{job_ids}/status': getStatuses,
};

export const handler = wired(() => httpFunction('read-jobs', readRoutes, readDeps()));
