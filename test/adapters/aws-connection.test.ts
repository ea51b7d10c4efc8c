import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as after } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsConnection } from '../../functions/adapters/aws-connection.ts';
import { Sha256 } from '../../functions/adapters/aws-sha256.ts';

type Received = { request: IncomingMessage; body: string };

let server: Server;
let connections: Socket[];
let received: Received[];
/** How the server answers; a test may have it answer otherwise. */
let answers: RequestListener;
beforeEach(async () => {
  connections = [];
  received = [];
  answers = (_, response) => response.end('{"Item":{"pk":{"S":"a"}}}');
  server = createServer(async (request, response) => {
    received.push({ request, body: await textOf(request) });
    answers(request, response);
  }).on('connection', (socket) => connections.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const portOf = (listening: { address: Server['address'] }) => (listening.address() as AddressInfo).port;

const ask = async (
  { handle } = awsConnection(),
  { signal, port = portOf(server) }: { signal?: AbortSignal; port?: number } = {},
) => {
  const asked = {
    protocol: 'http:',
    hostname: '127.0.0.1',
    port,
    path: '/',
    method: 'POST',
    headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' },
    body: '{"a":"é"}',
  };
  const { response } = await handle(asked, signal ? { abortSignal: signal } : {});
  return { ...response, body: Buffer.from(response.body).toString() };
};

const patient = { connectionMillis: 5000, answerMillis: 5000 };

describe('a request', () => {
  it('arrives with its headers and its body', async () => {
    await ask();
    const [sent] = received;
    expect([sent?.request.method, sent?.request.url, sent?.body]).toEqual(['POST', '/', '{"a":"é"}']);
    expect(sent?.request.headers).toMatchObject({ 'x-amz-target': 'DynamoDB_20120810.GetItem' });
  });

  it('gets status, headers and the whole body, in however many pieces that comes', async () => {
    answers = async (_, response) => {
      response.writeHead(400, { 'x-amzn-requestid': 'ID' });
      for (const piece of ['{"a":', '"', 'é"}']) {
        response.write(piece);
        await after(5);
      }
      response.end();
    };
    const { statusCode, headers, body } = await ask();
    expect([statusCode, headers['x-amzn-requestid'], body]).toEqual([400, 'ID', '{"a":"é"}']);
  });

  it('gets an empty body as one', async () => {
    answers = (_, response) => response.end();
    expect((await ask()).body).toBe('');
  });

  it('goes over the connection of the one before, to which a wait before it was no harm', async () => {
    const handler = awsConnection({ connectionMillis: 400, answerMillis: 400 });
    await ask(handler);
    await after(500);
    await ask(handler);
    expect([received.length, connections.length]).toEqual([2, 1]);
  });
});

describe('what goes wrong', () => {
  it('is told by the code of a connection that was cut, before an answer or in it', async () => {
    answers = (request) => request.socket.destroy();
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
    answers = (request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('12345');
      setTimeout(() => request.socket.destroy(), 20);
    };
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('is told by the code of a connection that was refused', async () => {
    await expect(ask(awsConnection(), { port: 1 })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is an answer that is late, or does not go on', async () => {
    const impatient = awsConnection({ ...patient, answerMillis: 50 });
    const late = { name: 'TimeoutError', code: 'ETIMEDOUT', message: 'nothing came for 50 ms' };
    answers = () => {};
    await expect(ask(impatient)).rejects.toMatchObject(late);
    answers = (_, response) => response.writeHead(200, { 'content-length': 10 }).write('12345');
    await expect(ask(impatient)).rejects.toMatchObject(late);
  });

  it('is a handshake that does not end', async () => {
    const silent = createSocketServer();
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const accepted: Socket[] = [];
    silent.on('connection', (socket) => accepted.push(socket));
    const { handle } = awsConnection({ ...patient, connectionMillis: 50 });
    const asked = { protocol: 'https:', hostname: '127.0.0.1', port: portOf(silent), path: '/', method: 'POST' };
    await expect(handle({ ...asked, headers: {} })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: 'nothing came for 50 ms',
    });
    for (const socket of accepted) socket.destroy();
    silent.close();
  });

  it('is an end that was asked for: before, while it waits, and in an answer', async () => {
    await expect(ask(awsConnection(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(received).toHaveLength(0);
    answers = () => {};
    const waiting = ask(awsConnection(), { signal: AbortSignal.timeout(50) });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    answers = (_, response) => response.writeHead(200, { 'content-length': 10 }).write('12345');
    const reading = ask(awsConnection(), { signal: AbortSignal.timeout(50) });
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe("the SDK's client", () => {
  const read = (waits = patient) => {
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${portOf(server)}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
      requestHandler: awsConnection(waits),
      sha256: Sha256,
    });
    return client.send(new GetItemCommand({ TableName: 'table', Key: { pk: { S: 'a' } } }));
  };
  /** The first request fails as `first` says, the second is answered. */
  const failingFirst = (first: RequestListener): RequestListener => {
    const second = answers;
    return (request, response) => (received.length === 1 ? first : second)(request, response);
  };

  it('reads what was answered', async () => {
    const { Item, $metadata } = await read();
    expect([Item, $metadata.attempts]).toEqual([{ pk: { S: 'a' } }, 1]);
  });

  it.each<[string, RequestListener]>([
    ['after its connection was cut', (request) => request.socket.destroy()],
    ['after an answer that never came', () => {}],
    [
      'after half an answer',
      (request, response) => {
        response.writeHead(200, { 'content-length': 10 }).write('12345');
        setTimeout(() => request.socket.destroy(), 20);
      },
    ],
    ["after DynamoDB's own failure", (_, response) => response.writeHead(500).end('{"__type":"InternalServerError"}')],
  ])('sends a request again %s', async (_, first) => {
    answers = failingFirst(first);
    const { Item, $metadata } = await read({ ...patient, answerMillis: 500 });
    expect([Item, $metadata.attempts, received.length]).toEqual([{ pk: { S: 'a' } }, 2, 2]);
  });

  it('throws what DynamoDB refuses with, by its name', async () => {
    answers = (_, response) =>
      response.writeHead(400).end('{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}');
    await expect(read()).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  });
});
