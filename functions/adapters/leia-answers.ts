// What LEIA's replies mean (D2, D12).
import * as z from 'zod';
import type { Answer, Refused, Unavailable } from './leia-api.ts';
import type { Exchange, Failure, Reply } from './leia-http.ts';
import { parseJson } from './leia-job.ts';

/** Statuses that say "not now" rather than "no", though they are 4xx; a 401 is about our key, never the client's. */
const notNow = [401, 408, 425, 429];
/** Refusals of the request itself: final even from a gateway before LEIA, which words them in its own way. */
const ofTheRequest = [400, 413, 414, 415, 422, 431];
const longestDetail = 2000;
/** Longer than this no Retry-After is believed. */
const longestRetryAfterSeconds = 3600;

const Problem = z
  .object({
    detail: z.string().optional().catch(undefined),
    title: z.string().optional().catch(undefined),
    status: z.int().optional().catch(undefined),
  })
  .refine((problem) => problem.detail !== undefined || problem.status !== undefined);

/**
 * LEIA's refusal, or undefined. A 404 or 403 counts only if LEIA words it (JSON with `detail` or `status`, contract
 * §1.5): a gateway's error page must not make a job vanish.
 */
export const refusalOf = (reply: Reply): Refused | undefined => {
  const { status } = reply;
  if (status < 400 || status > 499 || notNow.includes(status)) return undefined;
  const problem = problemOf(reply);
  if (!problem && !ofTheRequest.includes(status)) return undefined;
  const detail = problem?.detail ?? problem?.title ?? `LEIA answered HTTP ${status}`;
  return { outcome: 'refused', status, detail: detail.slice(0, longestDetail) };
};

const problemOf = (reply: Reply): z.infer<typeof Problem> | undefined =>
  /[/+]json\b/i.test(reply.headers.get('content-type') ?? '')
    ? Problem.safeParse(parseJson(textOf(reply))).data
    : undefined;

/**
 * Reads an exchange: what `read` makes of a reply of the `expected` status, or LEIA's refusal; whatever else there is –
 * `read` giving undefined included – means that LEIA is unavailable.
 */
export const answerOf = <T>(exchange: Exchange, expected: number, read: (reply: Reply) => T | undefined): Answer<T> => {
  if ('failure' in exchange) return unavailable(exchange.failure);
  const { reply } = exchange;
  if (reply.status !== expected) return refusalOf(reply) ?? unavailable(strangeReply(reply));
  const value = read(reply);
  return value === undefined ? unavailable(unreadable) : { outcome: 'found', value };
};

export const unavailable = (why: Omit<Failure, 'reason' | 'sent'> & Partial<Pick<Failure, 'reason'>>): Unavailable => ({
  outcome: 'unavailable',
  cause: why.cause,
  ...(why.denied ? { denied: why.denied } : {}),
  ...(why.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: why.retryAfterSeconds }),
  ...(why.reason === 'oversize' ? { tooLarge: true } : {}),
});

export const unreadable = { cause: "LEIA's answer cannot be read" };

/** A reply that is no answer. */
export const strangeReply = (reply: Reply): { cause: string; retryAfterSeconds?: number } => {
  const retryAfterSeconds = retryAfterOf(reply);
  return {
    cause: `LEIA answered HTTP ${reply.status}`,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
};

/** Seconds of a Retry-After header in either of its forms; a date counts from LEIA's own clock, which its replies show. */
export const retryAfterOf = (reply: Reply): number | undefined => {
  const text = reply.headers.get('retry-after')?.trim() ?? '';
  const clock = Date.parse(reply.headers.get('date') ?? '');
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - clock) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), longestRetryAfterSeconds);
};

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The body as text; empty, which is no JSON, when it is not UTF-8. */
export const textOf = (reply: Reply): string => {
  try {
    return utf8.decode(reply.body);
  } catch {
    return '';
  }
};
