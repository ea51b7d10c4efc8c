import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { leiaClient } from '../../functions/adapters/leia.ts';
import type { LeiaForKey } from '../../functions/adapters/leia-api.ts';
import { passOn } from '../../functions/proxy-leia.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { httpFunction } from '../../functions/runtime/http.ts';
import { logger } from '../../functions/runtime/log.ts';
import { API_KEY, aCaller, anApplication, TOKEN } from '../support/callers.ts';
import { gatewayEvent, lambdaContext, type Sent, send } from '../support/gateway.ts';
import { APPLICATION, DOCUMENT, id } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { hangUp, json, page, problem, type ScriptedLeia, scriptedLeia } from '../support/scripted-leia.ts';

vi.spyOn(logger, 'info').mockReturnValue();

let leia: ScriptedLeia;
let leiaForKey: LeiaForKey;
let access: ReturnType<typeof memoryAccess>;
const count = vi.fn();
const warn = vi.fn();

beforeAll(async () => {
  leia = await scriptedLeia();
});
beforeEach(() => {
  leia.received.length = 0;
  access = memoryAccess();
  vi.clearAllMocks();
  const client = leiaClient({ url: leia.url, apiKey: 'leia-api-key', timeoutSeconds: 5 });
  leiaForKey = async () => client;
});
afterAll(() => leia.close());

const pass = (sent: Sent, application_type = 'developer') => {
  const caller = aCaller({ application: anApplication({ application_type }) });
  const authenticate = async (token: string) => (token === TOKEN ? caller : undefined);
  const deps = { access, leiaForKey: (hash: string) => leiaForKey(hash), count, warn, authenticate };
  const lambda = httpFunction('proxy-leia', passOn, deps);
  return send(lambda, { ...sent, path: `/leia/1.0.0${sent.path}`, headers: { token: TOKEN, ...sent.headers } });
};

describe('a request', () => {
  it('reaches LEIA as it is: query untouched, body in bytes, headers that matter', async () => {
    leia.answers(json(200, { id: DOCUMENT }));
    const query = 'filename=my%20doc.pdf&tags=t+1&tags=t%202&ttl=600';
    const body = Uint8Array.of(0x25, 0x50, 0x44, 0x46, 0, 0xff);
    const answer = await pass({
      method: 'POST',
      path: '/document',
      query,
      headers: { 'content-type': 'application/octet-stream', 'x-forwarded-for': '10.0.0.1', cookie: 'c=1' },
      body,
    });
    expect(answer.status).toBe(200);
    const [received] = leia.received;
    expect(received).toMatchObject({ method: 'POST', path: '/leia/1.0.0/document', query });
    expect([...(received?.body ?? [])]).toEqual([...body]);
    expect(received?.headers).toMatchObject({ 'content-type': 'application/octet-stream' });
    expect(received?.headers).not.toHaveProperty('cookie');
    expect(received?.headers).not.toHaveProperty('x-forwarded-for');
  });

  it("carries LEIA's token and never ours", async () => {
    leia.answers(json(200, {}));
    await pass({ path: '/model' });
    expect(leia.received[0]?.headers.token).toMatch(/^token-/);
    expect(JSON.stringify(leia.received[0]?.headers)).not.toContain(TOKEN);
  });

  it.each([
    ['/document/507f/tag/my tag', '/document/507f/tag/my%20tag'],
    ['/document/507f/tag/a?b#c', '/document/507f/tag/a%3Fb%23c'],
    ['/document/507f/tag/100%25', '/document/507f/tag/100%25'],
    ['/document/507f/tag/a%252Fb', '/document/507f/tag/a%252Fb'],
    ['/document/507f/tag/été', '/document/507f/tag/%C3%A9t%C3%A9'],
    ['//document//507f/tag/x', '/document/507f/tag/x'],
  ])('to %s has each segment encoded again', async (path, atLeia) => {
    leia.answers(json(200, {}));
    expect((await pass({ method: 'POST', path })).status).toBe(200);
    expect(leia.received[0]?.path).toBe(`/leia/1.0.0${atLeia}`);
  });

  it.each([
    ['GET', `/job/${id(1)}`],
    ['GET', '/admin/job'],
    ['POST', `/document/${DOCUMENT}/transform/text`],
    ['POST', `/document/x/tag/a/../../../job/${id(1)}/start`],
    ['POST', `/document/x/tag/..%2F..%2F..%2Fjob%2F${id(1)}%2Fstart`],
    ['GET', '/document/..'],
  ])('%s %s does not reach LEIA', async (method, path) => {
    expect((await pass({ method, path })).status).toBeGreaterThanOrEqual(400);
    expect(leia.received).toEqual([]);
  });

  it('of more than 6 MB is refused with a way out', async () => {
    const answer = await pass({ method: 'POST', path: '/document', body: new Uint8Array(6_000_001) });
    expect(answer.json()).toMatchObject({ status: 413, detail: expect.stringContaining('6 MB') });
    expect(leia.received).toEqual([]);
  });

  it.each([
    ['GET', '/admin/document'],
    ['DELETE', '/worker/predict-507f'],
  ])('%s %s is for admins: 401 for others, which says nothing about our key', async (method, path) => {
    leia.answers(json(200, []));
    expect((await pass({ method, path })).json()).toMatchObject({
      status: 401,
      detail: expect.stringContaining('admin'),
    });
    expect(leia.received).toEqual([]);
    expect(count).not.toHaveBeenCalled();
    expect((await pass({ method, path }, 'admin')).status).toBe(200);
  });

  it('without a token stays here', async () => {
    expect((await pass({ path: '/model', headers: { token: 'dead' } })).status).toBe(401);
    expect(leia.received).toEqual([]);
  });
});

describe('a request that would cut the bundle itself off', () => {
  const refused = (method: string, path: string) => pass({ method, path }, 'admin');

  it('by a new API key is refused in a sentence, whoever’s key it is', async () => {
    const answer = await refused('POST', '/admin/application/507f/reset_api_key');
    expect(answer.json()).toMatchObject({
      status: 403,
      detail: expect.stringContaining('reset a key at LEIA directly'),
    });
    expect(leia.received).toEqual([]);
  });

  it('by removing an application that it serves is refused, until its key has left the secret', async () => {
    leia.answers((response) => response.writeHead(204).end());
    await access.saveApplication(anApplication(), sha256(API_KEY));
    const remove = () => refused('DELETE', `/admin/application/${APPLICATION}`);
    expect((await remove()).json()).toMatchObject({
      status: 403,
      detail: expect.stringContaining('out of the bundle'),
    });
    expect(leia.received).toEqual([]);
    const client = await leiaForKey('the admin’s');
    const admin = aCaller().session.key_hash;
    leiaForKey = async (hash) => (hash === admin ? client : undefined);
    await access.saveApplication(anApplication(), 'of a key that is gone');
    expect((await remove()).status).toBe(204);
  });

  it('by its name only is none', async () => {
    leia.answers((response) => response.writeHead(204).end());
    expect((await refused('DELETE', '/admin/application/507f')).status).toBe(204);
    leia.answers(json(200, {}));
    expect((await refused('POST', '/document/507f/tag/reset_api_key')).status).toBe(200);
    expect((await refused('DELETE', '/admin/507f/document/508f/tag/reset_api_key')).status).toBe(200);
  });

  it('is for admins in any case', async () =>
    expect((await pass({ method: 'POST', path: '/admin/application/507f/reset_api_key' })).status).toBe(401));
});

describe('a HEAD', () => {
  it('is a HEAD to LEIA, and answered with the headers alone', async () => {
    leia.answers((response) =>
      response.writeHead(200, { 'content-type': 'application/pdf', etag: '"1"', 'last-modified': 'yesterday' }).end(),
    );
    expect(await pass({ method: 'HEAD', path: `/document/${DOCUMENT}/file_contents` })).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-type': 'application/pdf', etag: '"1"', 'last-modified': 'yesterday' },
    });
    expect(leia.received.map(({ method }) => method)).toEqual(['HEAD']);
  });

  it('of what is not there has no body, either', async () => {
    leia.answers((response) => response.writeHead(404, { 'content-type': 'application/problem+json' }).end());
    const answer = await pass({ method: 'HEAD', path: '/model/507f' });
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([404, '', 'application/problem+json']);
    expect(await pass({ method: 'HEAD', path: '/model/507f', headers: { token: 'dead' } })).toMatchObject({
      status: 401,
      text: '',
    });
  });
});

describe("LEIA's reply", () => {
  it('comes back as it is, numbers and paging included', async () => {
    const text = '[{"id":"a", "score":1.0}]';
    leia.answers((response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-range': '0-1/1' }).end(text),
    );
    expect(await pass({ path: '/document' })).toMatchObject({
      status: 200,
      text,
      headers: { 'content-range': '0-1/1', 'content-type': 'application/json' },
    });
  });

  it('may be bytes', async () => {
    const bytes = Buffer.from([0x89, 0x50, 0, 0xff]);
    leia.answers((response) => response.writeHead(200, { 'content-type': 'image/png' }).end(bytes));
    const authenticate = async () => aCaller();
    const lambda = httpFunction('proxy-leia', passOn, { access, leiaForKey, count, warn, authenticate });
    const answer = await lambda(
      gatewayEvent({ path: `/leia/1.0.0/document/${DOCUMENT}/file_contents`, headers: { token: TOKEN } }),
      lambdaContext(),
    );
    expect(Buffer.from(answer.body ?? '', 'base64')).toEqual(bytes);
    expect(answer.isBase64Encoded).toBe(true);
  });

  it('may be nothing', async () => {
    leia.answers((response) => response.writeHead(204).end());
    expect(await pass({ method: 'DELETE', path: `/document/${DOCUMENT}` })).toMatchObject({ status: 204, text: '' });
  });

  it('may be that nothing has changed', async () => {
    leia.answers((response) => response.writeHead(304, { etag: '"1"' }).end());
    const answer = await pass({ path: `/document/${DOCUMENT}/file_contents`, headers: { 'if-none-match': '"1"' } });
    expect(answer).toMatchObject({ status: 304, text: '', headers: { etag: '"1"' } });
    expect(leia.received[0]?.headers).toMatchObject({ 'if-none-match': '"1"' });
  });

  it('may be a part', async () => {
    leia.answers((response) => response.writeHead(206, { 'content-range': 'bytes 1-2/9' }).end('bc'));
    const answer = await pass({ path: `/document/${DOCUMENT}/file_contents`, headers: { range: 'bytes=1-2' } });
    expect(answer).toMatchObject({ status: 206, text: 'bc', headers: { 'content-range': 'bytes 1-2/9' } });
    expect(leia.received[0]?.headers).toMatchObject({ range: 'bytes=1-2' });
  });

  it('that leads elsewhere is followed by nobody: LEIA has none, and a client would take its token there', async () => {
    leia.answers((response) => response.writeHead(302, { location: 'https://elsewhere.example.test/' }).end());
    const answer = await pass({ path: '/model' });
    expect(answer.status).toBe(503);
    expect(answer.headers).not.toHaveProperty('location');
  });

  it('shows no API key of any application', async () => {
    leia.answers(
      json(200, [
        { id: 'a', api_key: 'k1' },
        { id: 'b', api_key: 'k2' },
      ]),
    );
    expect(JSON.parse((await pass({ path: '/admin/application' }, 'admin')).text)).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  it('holds documents as they are, whatever is in them', async () => {
    leia.answers(json(200, { api_key: 'of a document' }));
    expect((await pass({ path: `/document/${DOCUMENT}/file_contents` })).text).toBe('{"api_key":"of a document"}');
  });

  it('may be an error: it passes unchanged', async () => {
    leia.answers(problem(404, 'Document not found'));
    const answer = await pass({ path: `/document/${DOCUMENT}` });
    expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'application/problem+json' } });
    expect(answer.json()).toMatchObject({ detail: 'Document not found' });
  });

  it('of more than 4.5 MB is a problem with a way out', async () => {
    leia.answers((response) => response.writeHead(200).end(Buffer.alloc(4_500_001)));
    const answer = await pass({ path: `/document/${DOCUMENT}/file_contents` });
    expect(answer.json()).toMatchObject({ status: 502, detail: expect.stringContaining('4.5 MB') });
  });
});

describe('without LEIA', () => {
  it('a proxied call is a 503', async () => {
    leia.answers(hangUp);
    expect((await pass({ method: 'POST', path: '/document', body: 'x' })).json()).toMatchObject({ status: 503 });
    expect(count).toHaveBeenCalledWith('LeiaUnavailable');
  });

  it("LEIA's refusal of our key is not the client's", async () => {
    leia.answers(problem(401, 'Not logged in'));
    expect((await pass({ path: '/model' })).status).toBe(503);
    expect(count).toHaveBeenCalledWith('LeiaDenied');
  });

  it('a key that left the secret ends the call', async () => {
    leiaForKey = async () => undefined;
    leia.answers(page(500));
    expect((await pass({ path: '/model' })).status).toBe(401);
  });
});
