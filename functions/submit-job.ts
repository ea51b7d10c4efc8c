// submit-job – a client wants a model applied or trained, documents transformed (contract §3), or that decided later (§4);
// an admin, for any application (contract §2.1).
import { type AcceptDeps, acceptSubmission } from './acts/accept-submission.ts';
import type { AllowList } from './jobs/callback-address.ts';
import { checkCallbackUrls } from './jobs/callback-target.ts';
import { parseConditional } from './jobs/conditional-request.ts';
import type { JobRequest } from './jobs/request.ts';
import { parseSubmission } from './jobs/submission.ts';
import { httpFunction } from './runtime/http.ts';
import type { CallerRequest, HttpReply } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { submitDeps } from './runtime/wiring.ts';

export type SubmitDeps = AcceptDeps & {
  maxDocumentIds: number;
  maxChainEntries: number;
  /** Where callbacks may go beside public addresses. */
  allowedCallbacks: AllowList;
};

/** Apply, transform and train, and their admin twins. */
export const submitJob =
  (kind: JobRequest['kind']) =>
  async (asked: CallerRequest, deps: SubmitDeps): Promise<HttpReply> => {
    const { params, query, body } = asked;
    const { request, warnings } = parseSubmission({ kind, params, query, body, maxDocumentIds: deps.maxDocumentIds });
    checkCallbackUrls(request, deps.allowedCallbacks);
    warnAll(deps, asked, warnings);
    return acceptSubmission(deps, asked, request);
  };

/** `POST /job/conditional/{execute_after_id}` and its admin twin. */
export const submitConditional = async (asked: CallerRequest, deps: SubmitDeps): Promise<HttpReply> => {
  const { params, query, body } = asked;
  const limits = { maxDocumentIds: deps.maxDocumentIds, maxEntries: deps.maxChainEntries };
  const { request, warnings } = parseConditional({ params, query, body, ...limits });
  checkCallbackUrls(request, deps.allowedCallbacks);
  warnAll(deps, asked, warnings);
  return acceptSubmission(deps, asked, request);
};

const warnAll = (deps: SubmitDeps, { caller }: CallerRequest, warnings: string[]): void => {
  for (const warning of warnings) deps.warn(warning, { application_id: caller.application.id });
};

export const submitRoutes = {
  'POST /model/{model_id}/apply/{document_ids}': submitJob('apply'),
  'POST /model/{model_module}/train/{documents_tag}': submitJob('train'),
  'POST /document/{document_ids}/transform/{output_type}': submitJob('transform'),
  'POST /job/conditional/{execute_after_id}': submitConditional,
  'POST /admin/{application_id}/model/{model_id}/apply/{document_ids}': submitJob('apply'),
  'POST /admin/{application_id}/model/{model_module}/train/{documents_tag}': submitJob('train'),
  'POST /admin/{application_id}/document/{document_ids}/transform/{output_type}': submitJob('transform'),
  'POST /admin/{application_id}/job/conditional/{execute_after_id}': submitConditional,
};

export const handler = wired(() => httpFunction('submit-job', submitRoutes, submitDeps()));
