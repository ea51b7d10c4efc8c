// HTTP/1.1 to AWS on kept connections (the SDK's setting `requestHandler`). The SDK's own does more for each request –
// streams, timers, a look at the sockets – than one to DynamoDB needs: small both ways, and its answer read whole.
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

type Asked = {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
};
type Answered = { statusCode: number; headers: Record<string, unknown>; body: Uint8Array };
type Waits = { connectionMillis: number; answerMillis: number };

/**
 * Within a region a connection with its TLS is there after some ten milliseconds, or a second later if TCP had to send a
 * lost packet again. DynamoDB answers within milliseconds, the largest transaction within a fraction of a second. Three
 * tries that wait for so long fit into the time that API Gateway has for a request.
 */
const usual: Waits = { connectionMillis: 2000, answerMillis: 6000 };

/** As many connections as the SDK's own handler has. */
const kept = { keepAlive: true, maxSockets: 50 };
const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };

/**
 * For services that speak AWS's JSON protocol: all is in the body, nothing in a query, and no answer is a stream.
 * Errors are those that the SDK repeats a request after: Node's, by their `code`, and `Late`, which has one as well.
 */
export const awsConnection = (waits: Waits = usual) => ({
  handle: async (asked: Asked, { abortSignal }: { abortSignal?: AbortSignal } = {}) => ({
    response: await exchange(asked, waits, abortSignal),
  }),
});

/** No sign of life from the other side for as long as we wait. */
class Late extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(millis: number) {
    super(`nothing came for ${millis} ms`);
    this.name = 'TimeoutError';
  }
}

const exchange = (asked: Asked, waits: Waits, signal: AbortSignal | undefined): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port, path, method, headers } = asked;
    const secure = asked.protocol === 'https:';
    const agent = secure ? agents.https : agents.http;
    const options = { host, port, path, method, headers, agent, signal, timeout: waits.answerMillis };
    const sent = (secure ? requestHttps : requestHttp)(options, (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () =>
          resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        )
        .on('error', reject);
    })
      .on('socket', (socket) => {
        if (!socket.connecting) return;
        socket.setTimeout(waits.connectionMillis);
        socket.once(secure ? 'secureConnect' : 'connect', () => socket.setTimeout(waits.answerMillis));
      })
      .on('timeout', () => sent.destroy(new Late(sent.socket?.timeout ?? waits.answerMillis)))
      .on('error', reject)
      .end(asked.body);
  });
