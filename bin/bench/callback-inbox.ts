// Where LEIA's callbacks arrive, as the requests that API Gateway would make of them.
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Sent } from '../../test/support/gateway.ts';

/**
 * Hears callbacks on `port`; `take` gets each after LEIA has been told that it arrived. LEIA's own patience is no part
 * of what is measured.
 */
export const callbackInbox = async (port: number, take: (callback: Sent) => void): Promise<AsyncDisposable> => {
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    response.writeHead(204).end();
    const path = request.url ?? '/';
    take({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: body.toString() });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
