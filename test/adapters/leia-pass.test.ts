import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LeiaOptions } from '../../functions/adapters/leia.ts';
import type { RawRequest } from '../../functions/adapters/leia-api.ts';
import { askedLeia } from '../support/asked-leia.ts';
import { hangUp, json, page, problem, type Script, silence } from '../support/scripted-leia.ts';

const { leia, client } = askedLeia(json(200, {}));

const pass = (given: Partial<RawRequest>, options: Partial<LeiaOptions> = {}) =>
  client(options).pass({
    method: 'GET',
    path: '/document',
    query: '',
    headers: {},
    ...given,
  });

describe('a request passed on', () => {
  it('has method, path, query and body as they were', async () => {
    const body = randomBytes(100_000);
    const query = 'tags=t1&tags=t2&filename=my%20doc+%C3%A9.pdf&a=x%2Cy,z&empty=&bare';
    await pass({
      method: 'POST',
      path: '/document/a%2Fb%20c',
      query,
      body,
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect(leia.received).toMatchObject([{ method: 'POST', path: '/leia/1.0.0/document/a%2Fb%20c', query }]);
    expect(leia.received[0]?.body.equals(body)).toBe(true);
    expect(leia.received[0]?.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '100000',
    });
  });

  it('has LEIA’s token in place of ours, and none of what is between the client and us', async () => {
    await pass({
      headers: {
        Token: 'our-token',
        host: 'ours.example',
        connection: 'close',
        'x-forwarded-for': '10.0.0.1',
        'x-amzn-trace-id': 'Root=1',
        cookie: 'a=b',
        authorization: 'Bearer x',
        'transfer-encoding': 'chunked',
        'content-length': '5',
        'accept-encoding': 'gzip',
        'if-none-match': 'line\nbreak',
        Accept: 'image/png',
        Range: 'bytes=0-9',
        'Cache-Control': 'no-cache',
      },
    });
    const headers = leia.received[0]?.headers ?? {};
    expect(headers).toMatchObject({
      token: 'token-1',
      accept: 'image/png',
      'accept-encoding': 'identity',
      range: 'bytes=0-9',
      'cache-control': 'no-cache',
    });
    expect(JSON.stringify(headers)).not.toMatch(/our-token|ours\.example|10\.0\.0\.1|Root|a=b|Bearer|line/);
  });

  it.each(['GET', 'HEAD'])('as %s carries no body', async (method) => {
    await pass({ method, body: Buffer.from('{}') });
    expect(leia.received).toMatchObject([{ method, body: Buffer.alloc(0) }]);
  });

  it.each([
    '/document/..',
    '/document/%2e%2E/job',
    '/document/./a',
    '/document/..\\job',
    '/document/a#b',
    '/document/a?b=c',
  ])('that would lead elsewhere (%s) goes nowhere: 404', async (path) => {
    expect(await pass({ path })).toMatchObject({ status: 404 });
    expect(leia.received).toEqual([]);
  });
});

describe('a reply passed back', () => {
  it('has status, headers that matter and bytes as they were', async () => {
    const body = randomBytes(50_000);
    const headers = {
      'content-type': 'image/png',
      'content-disposition': 'attachment; filename="a.png"',
      'content-range': '0-1/1',
      'accept-range': 'document 100',
      etag: '"x"',
      'set-cookie': 'a=b',
      'x-powered-by': 'LEIA',
      location: 'https://leia.example/',
    };
    leia.answers((response) => response.writeHead(206, headers).end(body));
    const reply = await pass({});
    if (!('status' in reply)) throw new Error('LEIA was there');
    expect(reply.status).toBe(206);
    const { location, 'set-cookie': _cookie, 'x-powered-by': _by, ...kept } = headers;
    expect(reply.headers).toEqual(kept);
    expect(Buffer.from(reply.body).equals(body)).toBe(true);
  });

  it.each([
    ['LEIA’s refusal', problem(404, 'Document not found'), 404],
    ['LEIA’s failure', problem(500, 'Oops'), 500],
    ['nothing new', (response) => response.writeHead(304, { etag: '"x"' }).end(), 304],
    ['nothing', (response) => response.writeHead(204).end(), 204],
  ] satisfies [string, Script, number][])('may be %s', async (_what, script, status) => {
    leia.answers(script);
    expect(await pass({ method: 'DELETE' })).toMatchObject({ status });
  });

  it.each([
    ['401 twice', problem(401, 'Not logged in'), { denied: true }],
    ['a redirect', (response) => response.writeHead(302, { location: 'https://leia.example/' }).end(), {}],
    ['a hang-up', hangUp, {}],
    ['silence', silence, {}],
  ] satisfies [string, Script, object][])('is none after %s', async (_what, script, more) => {
    leia.answers(script);
    expect(await pass({ method: 'POST' }, { timeoutSeconds: 0.3 })).toMatchObject({ outcome: 'unavailable', ...more });
  });

  it('too long for us is none', async () => {
    leia.answers(page(200));
    expect(await pass({}, { maxAnswerBytes: 5 })).toMatchObject({ outcome: 'unavailable' });
  });
});

describe('a dead token', () => {
  it('has the request repeated once, body and all', async () => {
    leia.answers(problem(401, 'Not logged in'), json(200, {}));
    expect(await pass({ method: 'POST', body: Buffer.from([1, 2, 255]) })).toMatchObject({ status: 200 });
    expect(leia.received.map(({ body, headers }) => [headers.token, [...body]])).toEqual([
      ['token-1', [1, 2, 255]],
      ['token-2', [1, 2, 255]],
    ]);
  });
});

describe('a time limit of its own', () => {
  it('lets a large body take longer than a question', async () => {
    leia.answers((response) => setTimeout(() => response.writeHead(200).end('ok'), 400));
    expect(await pass({}, { timeoutSeconds: 0.2 })).toMatchObject({ outcome: 'unavailable' });
    expect(await pass({}, { timeoutSeconds: 0.2, passTimeoutSeconds: 2 })).toMatchObject({ status: 200 });
  });
});
