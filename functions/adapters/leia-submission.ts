// A submission in LEIA's words, and what became of it (D2, contract §3).
import type { JobRequest } from '../jobs/request.ts';
import { refusalOf, strangeReply, textOf, unreadable } from './leia-answers.ts';
import type { Leia, Submission } from './leia-api.ts';
import { adminPath, type Exchange, type LeiaRequest, type Reply, segment } from './leia-http.ts';
import { leiaJobOf, type OnOddity } from './leia-job.ts';

type Submitted = Awaited<ReturnType<Leia['submit']>>;

/** Optional parameters go in the body, which loses nothing (contract §3.4); never the caller's callback. */
export const submissionRequest = ({
  request,
  executeAfterLeiaId,
  callbackUrl,
  blockProcessing,
}: Submission): LeiaRequest => ({
  kind: 'submit',
  method: 'POST',
  path: adminPath(request.owner) + pathOf(request),
  headers: { 'content-type': 'application/json' },
  ...(request.owner !== undefined || request.kind === 'train' ? { forAdmins: true } : {}),
  ...(request.kind === 'transform' ? {} : { query: queryOf(request) }),
  body: JSON.stringify({
    ...parametersOf(request),
    execute_after_id: executeAfterLeiaId,
    callback_url: callbackUrl,
    ...(request.kind === 'train' ? {} : { page_range: request.page_range, block_processing: blockProcessing }),
  }),
});

const pathOf = (request: JobRequest): string => {
  if (request.kind === 'train')
    return `/model/${segment(request.model_module)}/train/${segment(request.documents_tag)}`;
  const documents = segment(request.document_ids.join(','));
  return request.kind === 'apply'
    ? `/model/${segment(request.model_id)}/apply/${documents}`
    : `/document/${documents}/transform/${request.output_type}`;
};

const parametersOf = (request: JobRequest) => {
  if (request.kind === 'train') {
    const { model_name, model_params } = request;
    return { model_name, model_params };
  }
  if (request.kind === 'apply') {
    const { tag, format_type, model_params, save_result } = request;
    return { tag, format_type, model_params, save_result };
  }
  const { input_tag, output_tag, transform_params } = request;
  return { input_tag, output_tag, transform_params };
};

/** What LEIA's schemas of the bodies leave out, it documents for the query alone. */
const queryOf = (request: Exclude<JobRequest, { kind: 'transform' }>): string => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(inQueryOf(request))) {
    for (const one of value === undefined ? [] : [value].flat()) query.append(key, String(one));
  }
  return query.toString();
};

const inQueryOf = (request: Exclude<JobRequest, { kind: 'transform' }>) => {
  if (request.kind === 'apply') return { priority: request.priority };
  const { short_name, description, ttl, allow_all_applications, allowed_application_ids, tags } = request;
  return { short_name, description, ttl, allow_all_applications, allowed_application_ids, tags };
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
  if (reply.status === 401) return { outcome: 'refused', refusal: forAdmins };
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

/** A 401 gets here only where LEIA lets nobody but admins in (see `leiaCall`), as it does to train. */
const forAdmins = { status: 401, detail: 'LEIA lets only applications of the type `admin` do this' };

/** 429 and 503 say so; a 403 or 404 that LEIA did not word is a gateway's, which has passed nothing on. */
const wasTurnedAway = ({ status }: Reply): boolean =>
  status === 503 || (status >= 400 && status <= 499 && status !== 408 && status !== 425);

/** LEIA may quote our callback URL, whose MAC is a secret. */
const withoutCallbackUrl = (detail: string, { callbackUrl }: Submission): string =>
  detail.replaceAll(callbackUrl, 'callback_url');
