// Tells a caller of the end of its job (contract §4.7, D11), once more than once rather than never.
import type { Callers } from '../adapters/callers.ts';
import type { Secrets } from '../adapters/secrets.ts';
import { webhookHeaders } from '../adapters/webhook-signature.ts';
import {
  afterTry,
  type CallbackTimes,
  type CallbackTry,
  deliveryId,
  mayBeTold,
  mayUseDefault,
  nobodyToTell,
  waitAfter,
} from '../jobs/callback.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import { jobTextOf } from '../runtime/job-reply.ts';
import type { DefaultCallbacks } from './default-callbacks.ts';
import type { Deps, Metric } from './deps.ts';

export type DeliverDeps = Pick<Deps, 'mirror' | 'access' | 'leiaForKey' | 'now' | 'count' | 'warn'> & {
  callers: Callers;
  defaultCallbacks: DefaultCallbacks;
  secrets: Pick<Secrets, 'webhookSecrets'>;
  callbackTimes: CallbackTimes;
};

/** `again`: after so many seconds; undefined: never. */
export type Delivery = { done: true } | { done: false; againSeconds: number | undefined };

const done: Delivery = { done: true };

/** One try. `receives`: how often the message of this job has been received, this time included. */
export const deliverCallback = async (deps: DeliverDeps, id: string, receives: number): Promise<Delivery> => {
  const job = await deps.mirror.job(id);
  if (!job || !isFinished(job))
    deps.warn('a callback is due for a job that does not exist, or has not ended', { job_id: id });
  if (!job || !mayBeTold(job)) return done;
  const url = job.callback_url ?? (mayUseDefault(job) ? await deps.defaultCallbacks(deps, job.submitter_id) : null);
  if (url === null) {
    if (job.callback) await deps.mirror.change(id, (record) => nobodyToTell(record, deps.now()), job);
    return done;
  }
  const last = receives >= deps.callbackTimes.tries;
  const tried = url === undefined ? notSaid : await post(deps, job, url);
  // That LEIA does not say whether there is anybody to tell is no try, unless it never will.
  if (url !== undefined || last)
    await deps.mirror.change(id, (record) => afterTry(record, tried, { last, now: deps.now() }));
  note(deps, job, { ...tried, last });
  if (tried.outcome !== 'failed') return done;
  return { done: false, againSeconds: last ? undefined : waitAfter(receives, deps.callbackTimes) };
};

const notSaid: CallbackTry = { outcome: 'failed', answer: 'LEIA does not answer' };

const post = async (deps: DeliverDeps, job: JobRecord, url: string): Promise<CallbackTry> => {
  const request = await deps.mirror.request(job);
  const body = await jobTextOf(deps, job);
  const keyHash = await deps.access.keyHashOf(job.submitter_id);
  const secrets = keyHash === undefined ? [] : await deps.secrets.webhookSecrets(keyHash);
  const ours = {
    'content-type': 'application/json',
    ...webhookHeaders(secrets, { id: deliveryId(job), at: deps.now(), body }),
  };
  return deps.callers.post({ url, headers: headersOf(request?.callback_headers ?? {}, ours), body });
};

const AGENT = { 'user-agent': 'leia-jobs' };

/** Ours win, whatever the case in which the caller wrote its own. */
const headersOf = (theirs: Record<string, string>, ours: Record<string, string>): Record<string, string> => {
  const kept = Object.entries(theirs).filter(([name]) => !Object.hasOwn(ours, name.toLowerCase()));
  const named = new Set(kept.map(([name]) => name.toLowerCase()));
  return { ...(named.has('user-agent') ? {} : AGENT), ...Object.fromEntries(kept), ...ours };
};

const note = (deps: DeliverDeps, job: JobRecord, { outcome, answer, last }: CallbackTry & { last: boolean }): void => {
  const { metric, says } = outcome === 'failed' && last ? givenUp : told[outcome];
  deps.count(metric);
  if (says !== undefined) deps.warn(says, { job_id: job.id, application_id: job.application_id, answer });
};

type Told = { metric: Metric; says?: string };
const told: Record<CallbackTry['outcome'], Told> = {
  acknowledged: { metric: 'CallbackDelivered' },
  refused: { metric: 'CallbackRefused', says: 'a callback URL leads to where we do not call' },
  failed: { metric: 'CallbackRetried', says: 'a callback was not acknowledged' },
};
const givenUp: Told = { metric: 'CallbackGivenUp', says: 'a callback is given up' };
