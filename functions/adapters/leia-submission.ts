// A submission in LEIA's words, and what became of it (D2, contract §3).
import type { JobRequest } from '../jobs/request.ts';
import { refusalOf, strangeReply, textOf, unreadable } from './leia-answers.ts';
import type { Leia, Submission } from './leia-api.ts';
import { type Exchange, type LeiaRequest, type Reply, segment } from './leia-http.ts';
import { leiaJobOf, type OnOddity } from './leia-job.ts';

type Submitted = Awaited<ReturnType<Leia['submit']>>;

/** Optional parameters go in the body alone, which loses nothing (contract §3.4); never the caller's callback. */
export const submissionRequest = (submission: Submission): LeiaRequest => ({
  kind: 'submit',
  method: 'POST',
  path: pathOf(submission.request),
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    ...parametersOf(submission.request),
    execute_after_id: submission.executeAfterLeiaId,
    page_range: submission.request.page_range,
    callback_url: submission.callbackUrl,
    block_processing: submission.blockProcessing,
  }),
});

const pathOf = (request: JobRequest): string => {
  const documents = segment(request.document_ids.join(','));
  return request.kind === 'apply'
    ? `/model/${segment(request.model_id)}/apply/${documents}`
    : `/document/${documents}/transform/${request.output_type}`;
};

const parametersOf = (request: JobRequest) => {
  if (request.kind === 'apply') {
    const { tag, format_type, model_params, save_result } = request;
    return { tag, format_type, model_params, save_result };
  }
  const { input_tag, output_tag, transform_params } = request;
  return { input_tag, output_tag, transform_params };
};

/** `unsent` is said only where LEIA surely has no such job; any doubt is `doubtful`. */
export const submissionOutcome = (submission: Submission, exchange: Exchange, onOddity?: OnOddity): Submitted => {
  if ('failure' in exchange) {
    const { sent, reason: _reason, ...why } = exchange.failure;
    return sent ? { outcome: 'doubtful', cause: why.cause } : { outcome: 'unsent', ...why };
  }
  const { reply } = exchange;
  if (reply.status === 200) {
    const job = leiaJobOf(textOf(reply), onOddity);
    return job ? { outcome: 'accepted', job } : { outcome: 'doubtful', cause: unreadable.cause };
  }
  const refusal = refusalOf(reply);
  if (refusal)
    return {
      outcome: 'refused',
      refusal: { status: refusal.status, detail: withoutCallbackUrl(refusal.detail, submission) },
    };
  return wasTurnedAway(reply)
    ? { outcome: 'unsent', ...strangeReply(reply) }
    : { outcome: 'doubtful', cause: strangeReply(reply).cause };
};

/** 429 and 503 say so; a 403 or 404 that LEIA did not word is a gateway's, which has passed nothing on. */
const wasTurnedAway = ({ status }: Reply): boolean =>
  status === 503 || (status >= 400 && status <= 499 && status !== 408 && status !== 425);

/** LEIA may quote our callback URL, whose MAC is a secret. */
const withoutCallbackUrl = (detail: string, { callbackUrl }: Submission): string =>
  detail.replaceAll(callbackUrl, 'callback_url');
