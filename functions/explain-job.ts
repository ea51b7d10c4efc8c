// explain-job – why a job stands where it stands, and what a conditional job would run: additions to LEIA's API.
import { askerOf } from './acts/asker.ts';
import type { Deps } from './acts/deps.ts';
import { explanationOf, outcomeOf } from './acts/explain.ts';
import { findJob } from './acts/find-job.ts';
import type { AllowList } from './jobs/callback-address.ts';
import { checkCallbackUrls, refusalOfRule } from './jobs/callback-target.ts';
import { parseLeniently } from './jobs/conditional-request.ts';
import { explainDryRun } from './jobs/explain.ts';
import { idOf } from './jobs/inputs.ts';
import type { JobRecord } from './jobs/job.ts';
import { httpFunction } from './runtime/http.ts';
import { notFound } from './runtime/problem.ts';
import type { CallerRequest, HttpReply } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { explainDeps } from './runtime/wiring.ts';

export type ExplainDeps = Pick<Deps, 'mirror' | 'access' | 'leiaForKey' | 'callbackKeys' | 'now' | 'count' | 'warn'> & {
  maxDocumentIds: number;
  maxChainEntries: number;
  /** Where callbacks may go beside public addresses. */
  allowedCallbacks: AllowList;
};

/** `GET /job/{job_id}/explain` and its admin twin. */
export const explain = async (request: CallerRequest, deps: ExplainDeps): Promise<HttpReply> => {
  const job = await jobOf(request, deps, { field: 'job_id', id: request.params.job_id ?? '' });
  return json(await explanationOf(deps, job));
};

/** `POST /job/conditional/{execute_after_id}/explain`: a dry run; nothing is recorded, nothing is sent. */
export const explainConditional = async (request: CallerRequest, deps: ExplainDeps): Promise<HttpReply> => {
  const { params, query, body } = request;
  const limits = { maxDocumentIds: deps.maxDocumentIds, maxEntries: deps.maxChainEntries };
  const { request: conditional, malformed } = withoutRefused(
    parseLeniently({ params, query, body, ...limits }),
    deps.allowedCallbacks,
  );
  const trigger = await jobOf(request, deps, { field: 'execute_after_id', id: conditional.execute_after_id });
  return json(explainDryRun({ request: conditional, trigger, malformed, ...(await outcomeOf(deps, trigger)) }));
};

type Lenient = ReturnType<typeof parseLeniently>;

/** A rule with a callback URL that we do not call is told of like one that makes no sense. */
const withoutRefused = ({ request, malformed }: Lenient, allowed: AllowList): Lenient => {
  checkCallbackUrls({ ...request, rules: [] }, allowed);
  const refused = request.rules.flatMap((rule) => {
    const error = refusalOfRule(rule, allowed);
    return error ? [{ rule: rule.id, error }] : [];
  });
  const sound = request.rules.filter(({ id }) => !refused.some(({ rule }) => rule === id));
  return { request: { ...request, rules: sound }, malformed: [...malformed, ...refused] };
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
