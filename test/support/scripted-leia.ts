// A LEIA on 127.0.0.1 that does as a test says, down to the socket.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Received = {
  method: string;
  path: string;
  query: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
};
export type Script = (response: ServerResponse, request: Received) => void;

export type ScriptedLeia = {
  url: string;
  /** All requests but logins, in order. */
  received: Received[];
  /** Bodies of the logins. */
  logins: string[];
  /** What to answer next, one script for each request; the last one stays. */
  answers(...scripts: Script[]): void;
  answersLogins(...scripts: Script[]): void;
  close(): Promise<void>;
};

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Script =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
export const text =
  (status: number, body: string, headers: Record<string, string> = {}): Script =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
export const problem = (status: number, detail: string, headers: Record<string, string> = {}): Script =>
  json(
    status,
    { type: 'about:blank', title: 'A title', status, detail },
    { 'content-type': 'application/problem+json', ...headers },
  );
export const page = (status: number): Script => text(status, '<h1>Gateway</h1>', { 'content-type': 'text/html' });
/** Takes the request and hangs up. */
export const hangUp: Script = (response) => response.socket?.destroy();
/** Begins an answer and hangs up. */
export const halfAnswer: Script = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"id":');
  setTimeout(() => response.socket?.destroy(), 20);
};
export const silence: Script = () => {};

export const anApplication = {
  id: '5dceca1246eac2df484031de',
  application_type: 'developer',
  application_name: 'Post room',
  email: 'contact@example.com',
  first_name: 'Ada',
  last_name: 'Lovelace',
  api_key: 'leia-api-key',
};

/** Logs everybody in, each time with a new token: `token-1`, `token-2` … */
export const scriptedLeia = async (): Promise<ScriptedLeia> => {
  const received: Received[] = [];
  const logins: string[] = [];
  let scripts: Script[] = [problem(500, 'no script')];
  let loginScripts: Script[] = [
    (response, request) =>
      json(200, { token: `token-${logins.length}`, application: anApplication })(response, request),
  ];
  const next = (queue: Script[]): Script => (queue.length > 1 ? queue.shift() : queue[0]) ?? silence;
  const server = createServer(async (incoming, response) => {
    const request = await readRequest(incoming);
    const isLogin = request.path.endsWith('/login');
    if (isLogin) logins.push(request.body.toString());
    else received.push(request);
    next(isLogin ? loginScripts : scripts)(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/leia/1.0.0`,
    received,
    logins,
    answers: (...given) => {
      scripts = given;
    },
    answersLogins: (...given) => {
      loginScripts = given;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};

const readRequest = async (incoming: IncomingMessage): Promise<Received> => {
  const [path = '', query = ''] = (incoming.url ?? '').split('?');
  const body = Buffer.concat(await incoming.toArray());
  return { method: incoming.method ?? '', path, query, headers: incoming.headers, body };
};
