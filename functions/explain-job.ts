// explain-job – why a job stands where it stands, and what a conditional job would run: additions to LEIA's API.
import { askerOf } from './acts/asker.ts';
import type { Deps } from './acts/deps.ts';
import { findJob } from './acts/find-job.ts';
import { parseLeniently } from './jobs/conditional-request.ts';
import { causesOf, explainDryRun, explainJob, type JobFacts, type Relatives } from './jobs/explain.ts';
import type { RuleFacts } from './jobs/explain-rules.ts';
import { idOf } from './jobs/inputs.ts';
import { isFinished, type JobRecord } from './jobs/job.ts';
import { httpFunction } from './runtime/http.ts';
import { notFound } from './runtime/problem.ts';
import type { CallerRequest, HttpReply } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { explainDeps } from './runtime/wiring.ts';

export type ExplainDeps = Pick<Deps, 'mirror' | 'leiaForKey' | 'callbackKeys' | 'now' | 'count' | 'warn'> & {
  maxDocumentIds: number;
  maxChainEntries: number;
};

/** `GET /job/{job_id}/explain` and its admin twin. */
export const explain = async (request: CallerRequest, deps: ExplainDeps): Promise<HttpReply> => {
  const job = await jobOf(request, deps, { field: 'job_id', id: request.params.job_id ?? '' });
  const prerequisite = await prerequisiteOf(deps, job);
  const causes = await causesFor(deps, job);
  const rules = await rulesOf(deps, job, prerequisite);
  return json(explainJob({ job, causes, ...(prerequisite ? { prerequisite } : {}), ...(rules ? { rules } : {}) }));
};

/** `POST /job/conditional/{execute_after_id}/explain`: a dry run; nothing is recorded, nothing is sent. */
export const explainConditional = async (request: CallerRequest, deps: ExplainDeps): Promise<HttpReply> => {
  const { params, query, body } = request;
  const limits = { maxDocumentIds: deps.maxDocumentIds, maxEntries: deps.maxChainEntries };
  const { request: conditional, malformed } = parseLeniently({ params, query, body, ...limits });
  const trigger = await jobOf(request, deps, { field: 'execute_after_id', id: conditional.execute_after_id });
  return json(explainDryRun({ request: conditional, trigger, malformed, ...(await outcomeOf(deps, trigger)) }));
};

const jobOf = async (
  request: CallerRequest,
  deps: ExplainDeps,
  { field, id }: { field: string; id: string },
): Promise<JobRecord> => {
  const job = await findJob(deps, askerOf(request, deps), idOf(field, id));
  if (!job) throw notFound(`${field}: no job ${id} exists`);
  return job;
};

const prerequisiteOf = async (deps: ExplainDeps, job: JobRecord): Promise<JobRecord | undefined> =>
  job.execute_after_id === null ? undefined : deps.mirror.job(job.execute_after_id);

const outcomeOf = async (deps: ExplainDeps, trigger: JobRecord | undefined): Promise<Pick<RuleFacts, 'outcome'>> => {
  if (!trigger || !isFinished(trigger)) return {};
  return { outcome: { result_type: trigger.result_type, result: await deps.mirror.result(trigger) } };
};

/** A chain may be long; nobody reads more of it than this. */
const MAX_CAUSES = 100;

const causesFor = async (deps: ExplainDeps, job: JobRecord): Promise<JobRecord[]> => {
  const known = new Map<string, Relatives>();
  for (let step = 0; step < MAX_CAUSES; step += 1) {
    const { causes, read } = causesOf(job.id, known);
    const next = read === undefined ? undefined : read === job.id ? job : await deps.mirror.job(read);
    if (!next) return causes;
    known.set(next.id, await relativesOf(deps, next));
  }
  return causesOf(job.id, known).causes;
};

const relativesOf = async (deps: ExplainDeps, job: JobRecord): Promise<Relatives> => {
  const prerequisite = await prerequisiteOf(deps, job);
  const children = job.job_type === 'conditional' ? await deps.mirror.children(job.id) : [];
  return { job, children, ...(prerequisite ? { prerequisite } : {}) };
};

const rulesOf = async (
  deps: ExplainDeps,
  job: JobRecord,
  trigger: JobRecord | undefined,
): Promise<JobFacts['rules']> => {
  const request = job.job_type === 'conditional' ? await deps.mirror.request(job) : undefined;
  if (request?.kind !== 'conditional' || !trigger) return undefined;
  const children = (await deps.mirror.children(job.id)).map((child) => ({
    ...(child.step ?? { rule: 0, entry: 0 }),
    child,
  }));
  return { request, trigger, children, status: job.status, ...(await outcomeOf(deps, trigger)) };
};

const json = (value: unknown): HttpReply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

export const explainRoutes = {
  'GET /job/{job_id}/explain': explain,
  'GET /admin/{submitter_id}/job/{job_id}/explain': explain,
  'POST /job/conditional/{execute_after_id}/explain': explainConditional,
};

export const handler = wired(() => httpFunction('explain-job', explainRoutes, explainDeps()));
