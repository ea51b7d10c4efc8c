// One request to LEIA and what came of it: a reply, or why there is none and whether LEIA may have got it. Knows
// nothing of tokens, repeats or meaning: see leia-call.ts and leia-answers.ts.
import { type Answered, type Fetch, keptConnections, Unreached } from './leia-connection.ts';

export const requestKinds = [
  'login',
  'application',
  'submit',
  'job',
  'statuses',
  'list',
  'cancel',
  'start',
  'document',
  'model',
  'pass',
] as const;
export type RequestKind = (typeof requestKinds)[number];

export type LeiaRequest = {
  kind: RequestKind;
  method: string;
  /** Below LEIA's base path, segments encoded, with a leading slash. */
  path: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** LEIA answers 401 to an application that is no admin: then it is not our key that is at fault. */
  forAdmins?: true;
};
export type Reply = { status: number; headers: Answered['headers']; body: Uint8Array };

/** `unreached`: no connection. `cut`: the connection broke off, or spoke no HTTP. `late`: no time left. `denied`: no token. */
type FailureReason = 'unreached' | 'cut' | 'late' | 'oversize' | 'denied';
export type Failure = {
  reason: FailureReason;
  /** False only if LEIA surely did not get the request. */
  sent: boolean;
  /** For people and logs; never an address, a token or a body. */
  cause: string;
  denied?: true;
  retryAfterSeconds?: number;
};
export type Exchange = { reply: Reply } | { failure: Failure };
export type Http = (request: LeiaRequest, signal: AbortSignal) => Promise<Exchange>;

export type HttpOptions = {
  /** LEIA with its base path, e.g. https://api.leia.io/leia/1.0.0 */
  url: string;
  /** Connections of this process's own by default. */
  fetch?: Fetch;
  /** A longer answer counts as none. */
  maxAnswerBytes?: number;
  /** Told of every request to LEIA: its HTTP status, or why there is none. */
  onRequest?: (kind: RequestKind, outcome: number | FailureReason) => void;
};

/** LEIA over HTTP: redirects not followed, answers bounded and not compressed. */
export const leiaHttp = (options: HttpOptions): Http => {
  const { url, fetch = keptConnections, maxAnswerBytes = 32 * 1024 * 1024, onRequest } = options;
  const base = new URL(url);
  return async (request, signal) => {
    const target = targetOf(base, request);
    if (!target) return { reply: nothingThere() };
    if (signal.aborted) return { failure: late(false) };
    const exchange = await answered({ limit: maxAnswerBytes, signal }, () =>
      fetch(target, {
        method: request.method,
        headers: { ...always, ...request.headers },
        body: request.body === undefined ? null : Buffer.from(request.body),
        redirect: 'manual',
        signal,
      }),
    );
    onRequest?.(request.kind, 'reply' in exchange ? exchange.reply.status : exchange.failure.reason);
    return exchange;
  };
};

const always = { accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'leia-jobs' };

/** `value` as one path segment. */
export const segment = (value: string): string => encodeURIComponent(value.toWellFormed());

/** What an admin's paths begin with when they are about another application (contract §2.1); nothing without one. */
export const adminPath = (application: string | undefined): string =>
  application === undefined ? '' : `/admin/${segment(application)}`;

export const late = (sent: boolean): Failure => ({ reason: 'late', sent, cause: 'LEIA did not answer in time' });

/** Undefined for a path that would lead elsewhere, as `..` does. */
const targetOf = (base: URL, { path, query }: LeiaRequest): URL | undefined => {
  const wanted = base.pathname.replace(/\/+$/, '') + path;
  const target = URL.parse(base.origin + wanted);
  if (target?.pathname !== wanted || target.origin !== base.origin) return undefined;
  target.search = query ?? '';
  return target;
};

/** What LEIA would say to a name that it cannot have given. */
const nothingThere = (): Reply => ({
  status: 404,
  headers: new Headers({ 'content-type': 'application/problem+json' }),
  body: Buffer.from(
    JSON.stringify({ type: 'about:blank', title: 'Not Found', status: 404, detail: 'There is nothing at this path' }),
  ),
});

const answered = async (
  { limit, signal }: { limit: number; signal: AbortSignal },
  ask: () => Promise<Answered>,
): Promise<Exchange> => {
  try {
    const response = await ask();
    const body = await bounded(response, limit);
    if (body) return { reply: { status: response.status, headers: response.headers, body } };
    return { failure: { reason: 'oversize', sent: true, cause: `LEIA's answer is longer than ${limit} bytes` } };
  } catch (error) {
    return { failure: signal.aborted ? late(!(error instanceof Unreached)) : failureOf(error) };
  }
};

/** The body, or undefined, the rest unread, when it is too long. */
const bounded = async (response: Answered, limit: number): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const failureOf = (error: unknown): Failure => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = textAt(cause, 'code') ?? 'no code';
  return error instanceof Unreached
    ? { reason: 'unreached', sent: false, cause: `LEIA cannot be reached (${code})` }
    : { reason: 'cut', sent: true, cause: `The connection to LEIA broke off (${code})` };
};

const textAt = (value: unknown, key: string): string | undefined => {
  const found: unknown = value instanceof Error ? Reflect.get(value, key) : undefined;
  return typeof found === 'string' ? found : undefined;
};
