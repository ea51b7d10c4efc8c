// The callers' own servers (D11): one POST, to an address that was looked at before the connection was made.
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import type { CallbackTry } from '../jobs/callback.ts';
import { type AllowList, mayConnect, refusalOf } from '../jobs/callback-address.ts';

export type CallbackPost = {
  url: string;
  /** Of the request as a whole but for Host and Content-Length. */
  headers: Record<string, string>;
  body: string;
};

export type Callers = {
  /** Whatever becomes of it is an answer, not an error. */
  post(callback: CallbackPost): Promise<CallbackTry>;
};

/** All addresses of a host, as the resolver of the system gives them. */
export type Resolve = (host: string, options: LookupOptions & { all: true }) => Promise<LookupAddress[]>;

export type CallersOptions = {
  /** From the look at the host's name to the end of the answer. */
  timeoutSeconds: number;
  allowed: AllowList;
  resolve?: Resolve;
};

/** Of an answer's body so much is taken off the line, for the sake of the peer; nobody reads it. */
const answerBytes = 64 * 1024;

export const callers = ({ timeoutSeconds, allowed, resolve = promisify(lookup) }: CallersOptions): Callers => ({
  post: async ({ url, headers, body }) => {
    const target = URL.parse(url);
    const refusal = target === null ? 'a URL' : refusalOf(target, allowed);
    if (target === null || refusal !== undefined) return { outcome: 'refused', answer: `expected ${refusal}` };
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      // A connection of its own, to what this very look-up gives: nothing can change between the check and the call.
      agent: false,
      lookup: checkedLookup(resolve, allowed),
      signal,
    };
    try {
      return answerOf(await send(target, options, body));
    } catch (error) {
      if (error instanceof NotPublic) return { outcome: 'refused', answer: error.message };
      return { outcome: 'failed', answer: signal.aborted ? 'timeout' : codeOf(error) };
    }
  },
});

class NotPublic extends Error {
  constructor() {
    super('the host has an address that is not public');
    this.name = 'NotPublic';
  }
}

/** Asks once and answers what it has looked at. A host with any address that is not to be called is none to call. */
const checkedLookup =
  (resolve: Resolve, allowed: AllowList): LookupFunction =>
  (host, options, answer) => {
    const fail = (error: NodeJS.ErrnoException) => answer(error, []);
    resolve(host, { ...options, all: true }).then((addresses) => {
      const [first] = addresses;
      if (!first) return fail(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }));
      if (!addresses.every(({ address }) => mayConnect(address, { host, allowed }))) return fail(new NotPublic());
      return options.all ? answer(null, addresses) : answer(null, first.address, first.family);
    }, fail);
  };

/** The status of the answer. Redirects are answers like any other. @throws Error when there is none. */
const send = (target: URL, options: RequestOptions, body: string): Promise<number> =>
  new Promise((settle, fail) => {
    const send = target.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(target, options, (response) => {
      const done = () => settle(response.statusCode ?? 0);
      // The status is the answer, whatever becomes of the rest.
      request.off('error', fail).on('error', done);
      response.on('error', done).on('close', done);
      discard(response);
    });
    request.on('error', fail).end(body);
  });

const discard = (response: IncomingMessage): void => {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > answerBytes) response.destroy();
  });
};

/** contract §4.7 */
const answerOf = (status: number): CallbackTry => ({
  outcome: status === 200 || status === 204 ? 'acknowledged' : 'failed',
  answer: `HTTP ${status}`,
});

/** Such as ECONNREFUSED; a message could say where it was sent. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no connection';
