// read-jobs – clients poll the mirror, not LEIA (contract §2; D8).
import pMap from 'p-map';
import { type Asker, askerOf } from './acts/asker.ts';
import type { Deps } from './acts/deps.ts';
import { findJob } from './acts/find-job.ts';
import { leiaOf } from './acts/leia-of.ts';
import { ownView, strangersView, type View } from './acts/leia-views.ts';
import { type ListSnapshots, listJobs } from './acts/list-jobs.ts';
import { ageSince, recentDiscovery } from './acts/recent-discovery.ts';
import { refreshJob } from './acts/refresh-job.ts';
import type { Leia } from './adapters/leia-api.ts';
import { acceptedAge, ageOf } from './jobs/answer.ts';
import { idListOf, idOf } from './jobs/inputs.ts';
import type { JobRecord } from './jobs/job.ts';
import { type ListQuery, listQueryOf } from './jobs/list-query.ts';
import { httpFunction } from './runtime/http.ts';
import { type JobReplyDeps, jobHead, jobReply } from './runtime/job-reply.ts';
import { listReply } from './runtime/list-reply.ts';
import { notFound, Problem } from './runtime/problem.ts';
import type { CallerRequest, HttpReply } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { readDeps } from './runtime/wiring.ts';

export type ReadDeps = Pick<Deps, 'mirror' | 'access' | 'leiaForKey' | 'callbackKeys' | 'now' | 'count' | 'warn'> &
  JobReplyDeps & {
    maxDocumentIds: number;
    lists: ListSnapshots;
    adoptHistorySeconds: number;
  };

const AT_ONCE = 8;

/** `GET /job/{job_id}` and its admin twin. */
export const getJob = async (request: CallerRequest, deps: ReadDeps): Promise<HttpReply> => {
  const id = idOf('job_id', request.params.job_id ?? '');
  const asker = askerOf(request, deps);
  const job = await findJob(deps, asker, id);
  // From here on what is done may show: a large answer is kept in S3.
  await request.caller.proof;
  if (!job) throw notFound(`No job ${id} exists`);
  const fresh = await (await freshener(request, deps))(job);
  return request.method === 'HEAD' ? jobHead(deps, fresh) : jobReply(deps, await withResult(deps, asker, fresh));
};

/**
 * `GET /job/{job_ids}/status`: those that are known; a foreign one among them is 403, to the admin twin as if unknown
 * (contract §2.1, §8 row 16).
 */
export const getStatuses = async (request: CallerRequest, deps: ReadDeps): Promise<HttpReply> => {
  const ids = [...new Set(idListOf('job_ids', request.params.job_ids ?? '', deps.maxDocumentIds))];
  const asker = askerOf(request, deps);
  const found = await pMap(ids, async (id) => ({ id, job: await findJob(deps, asker, id) }), { concurrency: AT_ONCE });
  const known = found.flatMap(({ id, job }) => (job ? [{ id, job }] : []));
  if (known.length === 0) throw notFound('None of these jobs exists');
  const refresh = await freshener(request, deps);
  const fresh = await pMap(known, async ({ id, job }) => ({ id, job: await refresh(job) }), { concurrency: AT_ONCE });
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
  const { id } = request.caller.application;
  const views = viewsOf(deps, [{ id, leia: await callersLeia(request, deps) }]);
  return pageOf(request, deps, { query, views, submitters: async () => [id] });
};

/** `GET /admin/job`: the same of all applications that LEIA shows the admin, or the submitter that the query names. */
export const getAllJobs = async (request: CallerRequest, deps: ReadDeps): Promise<HttpReply> => {
  const query = listQueryOf(request.query, { admin: true });
  const { submitter_id: only } = query.filter;
  const ids = only === undefined ? await deps.access.applicationIds() : [only];
  const served = await pMap(ids, async (id) => ({ id, leia: await leiaOf(deps, id) }), { concurrency: AT_ONCE });
  const views = viewsOf(deps, served);
  if (only === undefined || views.length === 0) views.push(...(await strangersSeenBy(request, deps)));
  const submitters = async () => (only === undefined ? allSubmitters(deps) : [only]);
  return pageOf(request, deps, { query, views, submitters });
};

type MaybeServed = { id: string; leia: Leia | undefined };

const viewsOf = (deps: ReadDeps, applications: MaybeServed[]): View[] =>
  applications.flatMap(({ id, leia }) => (leia ? [ownView(deps, { submitter: id, leia })] : []));

const callersLeia = ({ caller }: CallerRequest, deps: ReadDeps): Promise<Leia | undefined> =>
  deps.leiaForKey(caller.session.key_hash);

const strangersSeenBy = async (request: CallerRequest, deps: ReadDeps): Promise<View[]> => {
  const leia = await callersLeia(request, deps);
  return leia ? [strangersView(deps, { admin: request.caller.application.id, leia })] : [];
};

const allSubmitters = async ({ access }: ReadDeps): Promise<string[]> =>
  [...new Set([...(await access.applicationIds()), ...(await access.strangers())])].toSorted();

type Asked = {
  query: ListQuery;
  views: View[];
  /** Known once LEIA was looked at: strangers may have turned up. */
  submitters: () => Promise<string[]>;
};

const pageOf = async (
  request: CallerRequest,
  deps: ReadDeps,
  { query, views, submitters }: Asked,
): Promise<HttpReply> => {
  const maxAge = acceptedAge(request.headers['cache-control']);
  const discovered = await recentDiscovery(deps, views, maxAge);
  const listed = await listJobs(deps, { submitters: await submitters(), query, discovered, maxAge });
  const headers = listed.discovered === undefined ? {} : { age: ageSince(listed.discovered, deps.now()) };
  if (listed.jobs.length === 0) throw new Problem(404, 'No job matches', { ...headers, 'content-range': '0-0/0' });
  return listReply(deps.mirror, { ...listed, first: query.page.offset }, headers);
};

/** Asks LEIA first when the client does not take an observation as old as ours. */
const freshener = async (request: CallerRequest, deps: ReadDeps): Promise<(job: JobRecord) => Promise<JobRecord>> => {
  const { leia: leiaOfAsker } = askerOf(request, deps);
  const accepted = acceptedAge(request.headers['cache-control']);
  return async (job) => {
    const tooOld = accepted !== undefined && (accepted === 0 || ageOf(job, deps.now()) > accepted);
    const leia = tooOld ? await leiaOfAsker() : undefined;
    return leia ? refreshJob(deps, leia, { job, via: 'read' }) : job;
  };
};

/** The job with its result in hand; one past its retention is LEIA's to give, as long as LEIA has it (D3). */
const withResult = async (deps: ReadDeps, { leia }: Asker, job: JobRecord): Promise<JobRecord> => {
  const kept = await resultOf(deps, job);
  if (kept !== null) return { ...job, result: kept };
  if (job.result_type === null || job.leia_id === undefined) return job;
  const answer = await (await leia())?.job(job.leia_id);
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
  'GET /admin/job': getAllJobs,
  'GET /admin/{submitter_id}/job/{job_id}': getJob,
  'GET /admin/{submitter_id}/job/{job_ids}/status': getStatuses,
};

export const handler = wired(() => httpFunction('read-jobs', readRoutes, readDeps()));
