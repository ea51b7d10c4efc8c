// Puts a server as far away as real ones are: its answers arrive so and so long after the requests.
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

export interface Passed {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** From the request's arrival to its answer. */
  readonly millis: number;
  /** By how much that is longer than it was meant to be. */
  readonly late: number;
}

export interface Distance extends AsyncDisposable {
  /** Where the target now is. */
  readonly url: string;
}

/** With this header a request is for the distance itself, and says how long a hop to it and back takes (see hop.ts). */
export const hopHeader = 'x-hop-millis';

/**
 * Serves what `target` serves, each answer `millis` after its request has been sent: as long after it has come, less the
 * hop that it has been told of. What takes the target itself longer takes longer. `passed` hears of every request.
 */
export const atDistance = async (
  target: string,
  millis: number,
  passed: (request: Passed) => void = () => {},
): Promise<Distance> => {
  const agent = new Agent({ keepAlive: true });
  const { origin, pathname } = new URL(target);
  let hop = 0;
  let underWay = 0;
  const server = createServer(async (incoming, outgoing) => {
    const start = performance.now();
    underWay += 1;
    const told = incoming.headers[hopHeader];
    if (told !== undefined) hop = Number(told);
    const body = await buffer(incoming);
    const answer = told === undefined ? await forward(origin, agent, { incoming, body }) : nothing;
    const due = start + millis - hop;
    await until(due, { exactly: underWay === 1 });
    underWay -= 1;
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    const now = performance.now();
    if (told === undefined) passed({ headers: incoming.headers, body, millis: now - start, late: now - due });
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}${pathname.replace(/\/$/, '')}`,
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const nothing = { status: 200, headers: {}, body: Buffer.from('{}') };

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

const forward = async (
  origin: string,
  agent: Agent,
  { incoming, body }: { incoming: IncomingMessage; body: Buffer },
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { 'transfer-encoding': _chunked, ...headers } = incoming.headers;
  const sized = { ...headers, 'content-length': body.byteLength };
  const send = (): void => {
    const sent = request(new URL(incoming.url ?? '/', origin), { method: incoming.method, headers: sized, agent })
      .on('response', resolve)
      // The target may have closed a connection at rest in the very moment: it has not seen the request then.
      .on('error', (error) => (sent.reusedSocket && codeOf(error) === 'ECONNRESET' ? send() : reject(error)))
      .end(body);
  };
  send();
  const reply = await promise;
  const { 'transfer-encoding': _asChunks, connection: _hop, 'keep-alive': _hops, ...rest } = reply.headers;
  return { status: reply.statusCode ?? 502, headers: rest, body: await buffer(reply) };
};

const codeOf = (error: Error): unknown => Reflect.get(error, 'code');

/**
 * Timers round up to whole milliseconds, of which 4 have few: the last one is waited for in turns, where it is to be
 * exact. With many under way that would only keep a core busy that their CPU is measured on.
 */
const until = async (instant: number, { exactly }: { exactly: boolean }): Promise<void> => {
  const left = instant - performance.now();
  if (left > 2 || (left > 0 && !exactly)) await sleep(exactly ? Math.floor(left - 1) : Math.ceil(left));
  while (exactly && performance.now() < instant) await turn();
};
