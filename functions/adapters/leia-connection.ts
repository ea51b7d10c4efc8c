// HTTP/1.1 to LEIA on connections that are kept, with Node's own client: `fetch` takes three times as long over a request
// (docs/decisions/0020).
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { setImmediate as turn } from 'node:timers/promises';

export type Asked = {
  method: string;
  headers: Record<string, string>;
  body: Buffer<ArrayBuffer> | null;
  signal: AbortSignal;
};
export type Answered = {
  status: number;
  /** By lower-case name; null where there is none. */
  headers: Pick<Headers, 'get'>;
  body: AsyncIterable<Uint8Array> | null;
};

/** What we need of `fetch`, which is one itself; a redirect is an answer like any other. */
export type Fetch = (target: URL, asked: Asked & { redirect: 'manual' }) => Promise<Answered>;

/** A connection that rests for longer may be one that the other side is about to close. */
const restMillis = 4000;
const kept = { keepAlive: true, timeout: restMillis };
const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };

/**
 * Two turns of the event loop later: in the first it sees that the other side has closed a connection, as while a
 * container was frozen, in the second it forgets it. Sent on such a one, nobody could say whether a request arrived.
 * @throws Unreached; Node's errors of connections. Whatever it throws once the signal is aborted means that.
 */
export const keptConnections: Fetch = async (target, asked) => {
  await turn();
  await turn();
  return exchange(target, asked);
};

/** No connection came about: of the request nothing was written. `cause` says why. */
export class Unreached extends Error {
  constructor(cause: Error) {
    super('no connection', { cause });
    this.name = 'Unreached';
  }
}

const exchange = (target: URL, { method, headers, body, signal }: Asked): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const secure = target.protocol === 'https:';
    const request = secure ? requestHttps : requestHttp;
    const length = body === null ? {} : { 'content-length': String(body.byteLength) };
    const options = { method, headers: { ...headers, ...length }, agent: secure ? agents.https : agents.http, signal };
    let isOpen = false;
    const sent = request(target, options, (response) => resolve(answered(response)))
      .on('socket', (socket) => {
        const open = () => {
          isOpen = true;
        };
        if (sent.reusedSocket) open();
        else socket.once(secure ? 'secureConnect' : 'connect', open);
      })
      .on('error', (error) => reject(isOpen ? error : new Unreached(error)))
      .end(body ?? undefined);
  });

const answered = (response: IncomingMessage): Answered => ({
  status: response.statusCode ?? 0,
  headers: { get: (name) => textOf(response.headers[name]) },
  body: response,
});

const textOf = (value: string | string[] | undefined): string | null =>
  value === undefined ? null : [value].flat().join(', ');
