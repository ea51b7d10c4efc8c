// A caller's own server on this machine, which keeps what it is told.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Told = { method: string; path: string; headers: IncomingHttpHeaders; body: string };

export type Caller = AsyncDisposable & {
  url: string;
  port: number;
  /** Everything it was told, in order. */
  told: Told[];
  /** Connections that anybody made. */
  connections(): number;
};

export type Acknowledge = (response: ServerResponse, nth: number) => void;

/** Answers with a status, and no body. */
export const withStatus =
  (...statuses: number[]): Acknowledge =>
  (response, nth) =>
    response.writeHead(statuses[Math.min(nth, statuses.length - 1)] ?? 200).end();

/** @param answer what it answers to the so-manieth call, from 0; 200 by default */
export const startCaller = async (
  answer: Acknowledge = withStatus(200),
  address = '127.0.0.1',
  port = 0,
): Promise<Caller> => {
  const told: Told[] = [];
  let connections = 0;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    told.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
    answer(response, told.length - 1);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${address}:${bound}`,
    port: bound,
    told,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
