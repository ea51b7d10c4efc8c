import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { LeiaOptions } from '../../functions/adapters/leia.ts';
import type { Submission } from '../../functions/adapters/leia-api.ts';
import { keptConnections } from '../../functions/adapters/leia-connection.ts';
import { askedLeia } from '../support/asked-leia.ts';
import { aRequest } from '../support/jobs.ts';
import { aLeiaJob, LEIA_ID } from '../support/leia-jobs.ts';
import { halfAnswer, hangUp, json, page, problem, type Script, silence, text } from '../support/scripted-leia.ts';

const CALLBACK = 'https://example.com/callbacks/000000000000000000000001/0123abcd';
const { leia, client } = askedLeia();
const submit = (given: Partial<Submission> = {}, options: Partial<LeiaOptions> = {}) =>
  client(options).submit({ request: aRequest(), callbackUrl: CALLBACK, blockProcessing: false, ...given });

describe('what becomes of a submission', () => {
  it('accepted: the Job', async () => {
    leia.answers(json(200, aLeiaJob({ status: 'WAITING' })));
    expect(await submit()).toMatchObject({ outcome: 'accepted', job: { id: LEIA_ID, seen: { status: 'WAITING' } } });
  });

  it.each([400, 403, 404, 409, 422])('refused by LEIA with %i: its status and detail', async (status) => {
    leia.answers(problem(status, 'No such document'));
    expect(await submit()).toEqual({ outcome: 'refused', refusal: { status, detail: 'No such document' } });
  });

  it('refused without a word', async () => {
    leia.answers(page(413));
    expect(await submit()).toEqual({ outcome: 'refused', refusal: { status: 413, detail: 'LEIA answered HTTP 413' } });
  });

  it('a refusal that quotes our callback URL keeps its MAC to itself', async () => {
    leia.answers(problem(400, `Bad callback ${CALLBACK}!`));
    expect(await submit()).toEqual({
      outcome: 'refused',
      refusal: { status: 400, detail: 'Bad callback callback_url!' },
    });
  });

  it.each([
    ['429', problem(429, 'Slow down', { 'retry-after': '7' }), 7],
    ['503', page(503), undefined],
    [
      '503 until a date',
      (r: Parameters<Script>[0], q: Parameters<Script>[1]) =>
        page(503)(r.setHeader('retry-after', new Date(Date.now() + 60_000).toUTCString()), q),
      60,
    ],
    ['503 for a year', problem(503, 'Gone', { 'retry-after': '31536000' }), 3600],
    ['404 of a gateway', page(404), undefined],
    ['403 of a gateway', page(403), undefined],
  ] satisfies [string, Script, number | undefined][])(
    'turned away (%s): unsent, and not repeated',
    async (_what, script, retryAfterSeconds) => {
      leia.answers(script);
      const outcome = await submit();
      expect(outcome).toMatchObject({ outcome: 'unsent' });
      const wait = outcome.outcome === 'unsent' ? outcome.retryAfterSeconds : undefined;
      if (retryAfterSeconds === undefined) expect(wait).toBeUndefined();
      else expect(Math.abs((wait ?? 0) - retryAfterSeconds)).toBeLessThanOrEqual(1);
      expect(leia.received).toHaveLength(1);
    },
  );

  it.each([
    ['500', problem(500, 'Oops')],
    ['502', page(502)],
    ['504', page(504)],
    ['408', problem(408, 'Late')],
    ['425', problem(425, 'Early')],
    ['a redirect', (response) => response.writeHead(307, { location: '/elsewhere' }).end()],
    ['201', json(201, aLeiaJob())],
    ['204', (response) => response.writeHead(204).end()],
    ['an empty 200', text(200, '')],
    ['an HTML 200', page(200)],
    ['a 200 without a Job', json(200, { status: 'READY' })],
    ['half a Job', text(200, JSON.stringify(aLeiaJob()).slice(0, -5))],
    ['bytes that are no text', (response) => response.writeHead(200).end(Buffer.from([0x22, 0xff, 0x22]))],
    ['a hang-up after the request', hangUp],
    ['a hang-up within the answer', halfAnswer],
    ['silence', silence],
  ] satisfies [string, Script][])('without a clear answer (%s): doubtful, and not repeated', async (_what, script) => {
    leia.answers(script);
    expect(await submit({}, { timeoutSeconds: 0.3 })).toEqual({ outcome: 'doubtful', cause: expect.any(String) });
    expect(leia.received).toHaveLength(1);
  });

  it('an endless answer: doubtful', async () => {
    leia.answers(text(200, 'x'.repeat(2000)));
    expect(await submit({}, { maxAnswerBytes: 1000 })).toMatchObject({
      outcome: 'doubtful',
      cause: expect.stringContaining('1000 bytes'),
    });
  });

  it('the service is not there at the submission, after it was at the login: unsent', async () => {
    const sending = client();
    await sending.login();
    await leia.close();
    expect(await sending.submit({ request: aRequest(), callbackUrl: CALLBACK, blockProcessing: false })).toMatchObject({
      outcome: 'unsent',
      cause: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('a name that does not resolve: unsent', async () => {
    expect(await submit({}, { url: 'http://leia.invalid/leia/1.0.0' })).toMatchObject({ outcome: 'unsent' });
  });

  it.each([
    ['refused by the other side', createTlsServer({}), 'EPROTO'],
    ['cut off', createServer((socket) => socket.destroy()), 'ECONNRESET'],
    ['never answered', createServer((socket) => socket.resume()), 'in time'],
  ])('a TLS handshake, %s: unsent, for nothing was written', async (_what, server, code) => {
    const outcome = await submitTo(server, 'https:');
    expect(outcome).toMatchObject({ outcome: 'unsent', cause: expect.stringContaining(code) });
  });

  it('a connection cut before the request is read may still have carried it: doubtful', async () => {
    expect(
      await submitTo(
        createServer((socket) => socket.destroy()),
        'http:',
      ),
    ).toMatchObject({ outcome: 'doubtful' });
  });
});

/** Logs in at the scripted LEIA, but submits to `server`. */
const submitTo = async (server: Server, protocol: 'http:' | 'https:') => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const elsewhere = (target: URL) =>
    Object.assign(new URL(target), target.pathname.endsWith('/login') ? {} : { protocol, port: String(port) });
  const outcome = await submit({}, { fetch: (target, asked) => keptConnections(elsewhere(target), asked) });
  await new Promise((resolve) => server.close(resolve));
  return outcome;
};

describe('what is told of a failure', () => {
  it('never names a key, a token, an address or a body', async () => {
    const causes: string[] = [];
    for (const script of [hangUp, page(503), text(200, 'secret-body'), silence, problem(401, 'secret-detail')]) {
      leia.answers(script);
      const outcome = await submit({}, { timeoutSeconds: 0.3 });
      if ('cause' in outcome) causes.push(outcome.cause);
    }
    expect(causes).toHaveLength(5);
    expect(causes.join()).not.toMatch(/the-api-key|token-|127\.0\.0\.1|secret|0123abcd/);
  });

  it('each request is counted by kind and outcome', async () => {
    const seen: unknown[][] = [];
    leia.answers(problem(401, 'Not logged in'), hangUp);
    await submit({}, { onRequest: (...request) => seen.push(request) });
    expect(seen).toEqual([
      ['login', 200],
      ['submit', 401],
      ['login', 200],
      ['submit', 'cut'],
    ]);
  });
});
