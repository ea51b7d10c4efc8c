// submit-job – a client wants a model applied, documents transformed (contract §3), or that decided later (§4).
import { type AcceptDeps, acceptSubmission } from './acts/accept-submission.ts';
import { parseConditional } from './jobs/conditional-request.ts';
import type { JobRequest } from './jobs/request.ts';
import { parseSubmission } from './jobs/submission.ts';
import { httpFunction } from './runtime/http.ts';
import type { CallerRequest, HttpReply } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { submitDeps } from './runtime/wiring.ts';

export type SubmitDeps = AcceptDeps & { maxDocumentIds: number; maxChainEntries: number };

/** `POST /model/{model_id}/apply/{document_ids}` and `POST /document/{document_ids}/transform/{output_type}`. */
export const submitJob =
  (kind: JobRequest['kind']) =>
  async (asked: CallerRequest, deps: SubmitDeps): Promise<HttpReply> => {
    const { params, query, body } = asked;
    const { request, warnings } = parseSubmission({ kind, params, query, body, maxDocumentIds: deps.maxDocumentIds });
    warnAll(deps, asked, warnings);
    return acceptSubmission(deps, asked, request);
  };

/** `POST /job/conditional/{execute_after_id}` */
export const submitConditional = async (asked: CallerRequest, deps: SubmitDeps): Promise<HttpReply> => {
  const { params, query, body } = asked;
  const limits = { maxDocumentIds: deps.maxDocumentIds, maxEntries: deps.maxChainEntries };
  const { request, warnings } = parseConditional({ params, query, body, ...limits });
  warnAll(deps, asked, warnings);
  return acceptSubmission(deps, asked, request);
};

const warnAll = (deps: SubmitDeps, { caller }: CallerRequest, warnings: string[]): void => {
  for (const warning of warnings) deps.warn(warning, { application_id: caller.application.id });
};

export const submitRoutes = {
  'POST /model/{model_id}/apply/{document_ids}': submitJob('apply'),
  'POST /document/{document_ids}/transform/{output_type}': submitJob('transform'),
  'POST /job/conditional/{execute_after_id}': submitConditional,
};

export const handler = wired(() => httpFunction('submit-job', submitRoutes, submitDeps()));
