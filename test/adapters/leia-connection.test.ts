import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, keptConnections, Unreached } from '../../functions/adapters/leia-connection.ts';

let server: Server;
let connections: Socket[];
let received: { request: IncomingMessage; body: string }[];
beforeEach(async () => {
  connections = [];
  received = [];
  server = createServer(async (request, response) => {
    received.push({ request, body: await textOf(request) });
    response.writeHead(200, [
      ['x-twice', 'a'],
      ['x-twice', 'b'],
    ]);
    response.end('{"a":1}');
  }).on('connection', (socket) => connections.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const ask = async (given: Partial<Asked> = {}) => {
  const { port } = server.address() as AddressInfo;
  const asked = { method: 'POST', headers: {}, body: null, signal: AbortSignal.timeout(2000), ...given };
  const { body, ...head } = await keptConnections(new URL(`http://127.0.0.1:${port}/path?a=1`), {
    ...asked,
    redirect: 'manual',
  });
  return { ...head, text: body === null ? '' : (await Array.fromAsync(body, String)).join('') };
};

describe('a request', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'GET'])('with a body (%s) says how long that is', async (method) => {
    await ask({ method, body: Buffer.from('é') });
    const [sent] = received;
    expect([sent?.request.method, sent?.request.url, sent?.body]).toEqual([method, '/path?a=1', 'é']);
    expect(sent?.request.headers).toMatchObject({ 'content-length': '2' });
    expect(sent?.request.headers).not.toHaveProperty('transfer-encoding');
  });

  it('gets status, headers by name, and the body', async () => {
    const { status, headers, text } = await ask();
    expect([status, headers.get('x-twice'), headers.get('x-none'), text]).toEqual([200, 'a, b', null, '{"a":1}']);
  });

  it('goes over the connection of the one before', async () => {
    for (let nth = 0; nth < 3; nth += 1) await ask();
    expect([received.length, connections.length]).toEqual([3, 1]);
  });

  it('does not go over one that was closed meanwhile', async () => {
    await ask();
    server.closeIdleConnections();
    expect((await ask()).status).toBe(200);
    expect(connections).toHaveLength(2);
  });

  it('to nobody was not sent', async () => {
    await ask();
    server.closeAllConnections();
    const nobody = keptConnections(new URL('http://127.0.0.1:1/'), {
      method: 'POST',
      headers: {},
      body: null,
      signal: AbortSignal.timeout(2000),
      redirect: 'manual',
    });
    await expect(nobody).rejects.toThrow(Unreached);
  });
});
