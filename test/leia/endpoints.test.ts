import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { developer, secondDeveloper } from './applications.ts';
import { type LocalLeia, startLeia } from './server.ts';
import { type Client, logIn } from './support/client.ts';

let leia: LocalLeia;
let client: Client;
let other: Client;
let admin: Client;

beforeAll(async () => {
  leia = await startLeia();
  client = await logIn(leia.url, leia.apiKey);
  other = await logIn(leia.url, secondDeveloper.api_key);
  admin = await logIn(leia.url, leia.adminApiKey);
});
beforeEach(() => leia.hooks.reset());
afterAll(() => leia.close());

describe('access', () => {
  it('a bad key is 403, a dead token 401, both as problem+json', async () => {
    const login = await client.call('POST', '/login', '{"api_key":"nobody"}');
    expect(login.status).toBe(403);
    const stranger = await logIn(leia.url, leia.apiKey);
    await stranger.call('GET', '/logout');
    const whoami = await stranger.call('GET', '/whoami');
    expect(whoami.headers.get('content-type')).toBe('application/problem+json');
    expect(whoami.json).toEqual({ type: 'about:blank', title: 'Unauthorized', status: 401, detail: 'Not logged in' });
    expect((await client.call('GET', '/whoami')).status).toBe(200);
  });

  it('what belongs to someone else is 403, and admin paths are 401 to a developer', async () => {
    const document = await client.upload('a.pdf');
    const job = await client.submit(`/document/${document}/transform/image`);
    expect((await other.call('GET', `/job/${job.id}`)).status).toBe(403);
    expect((await other.call('GET', `/job/${job.id},none/status`)).status).toBe(403);
    expect((await other.call('POST', `/document/${document}/transform/image`)).status).toBe(403);
    expect((await other.call('GET', `/admin/${developer.id}/job/${job.id}`)).status).toBe(401);
  });

  it('an admin works on the documents of the application in the path, and is the submitter', async () => {
    const document = await client.upload('a.pdf');
    const job = await admin.submit(`/admin/${developer.id}/document/${document}/transform/image`);
    expect(job).toMatchObject({ application_id: developer.id });
    expect(job.submitter_id).not.toBe(developer.id);
    expect((await admin.call('GET', `/admin/${developer.id}/job/${job.id}`)).status).toBe(404);
    expect((await admin.call('GET', `/admin/${String(job.submitter_id)}/job/${job.id}`)).status).toBe(200);
    expect((await admin.call('POST', `/admin/${secondDeveloper.id}/document/${document}/transform/image`)).status).toBe(
      404,
    );
  });

  it('a doubled slash is no error, an unknown path is 404, a wrong method 405', async () => {
    expect((await client.call('GET', '//whoami')).status).toBe(200);
    expect((await client.call('GET', '/nowhere')).status).toBe(404);
    expect((await client.call('DELETE', '/job')).status).toBe(405);
  });
});

describe('parameters', () => {
  const apply = (documents: string, query = '') => `/model/document-classifier/apply/${documents}${query}`;

  it('come by query or body, and the body wins per key', async () => {
    const document = await client.upload('a.pdf');
    await leia.hooks.holdJobs(true);
    const byQuery = await client.submit(
      apply(document, '?block_processing=True&format_type=FormatTypes.CLASSIFICATION'),
    );
    expect(byQuery.status).toBe('BLOCKED');
    const byBody = await client.submit(apply(document, '?block_processing=false&tag=q'), { block_processing: true });
    expect(byBody.status).toBe('BLOCKED');
    const [raw] = (await leia.hooks.jobs()).filter(({ id }) => id === byBody.id);
    expect(raw).toMatchObject({ tag: 'q', work: { classify: false } });
  });

  it('free parameters gather from every channel, later ones winning', async () => {
    const document = await client.upload('a.pdf');
    const query = `?a=query&b=query&model_params=${encodeURIComponent('{"b":"text","c":"text"}')}`;
    const job = await client.submit(apply(document, query), { c: 'top', d: 'top', model_params: { d: 'object' } });
    const [raw] = (await leia.hooks.jobs()).filter(({ id }) => id === job.id);
    expect(raw?.work).toMatchObject({ params: { a: 'query', b: 'text', c: 'top', d: 'object' } });
  });

  it('path lists may be percent-encoded as a whole', async () => {
    const documents = [await client.upload('a.pdf'), await client.upload('b.pdf')];
    const job = await client.submit(apply(encodeURIComponent(documents.join(','))));
    expect(job.document_ids).toEqual(documents);
  });

  it.each([
    ['an unknown format_type', '?format_type=poem', undefined, 400],
    ['a broken page range', '?execute_after_id=x&page_range=1-3', undefined, 400],
    ['a body that is no object', '', '[]', 400],
    ['a body that is no JSON', '', '{', 400],
    ['an unknown prerequisite', '?execute_after_id=none', undefined, 404],
  ])('%s is refused', async (_what, query, body, status) => {
    const document = await client.upload('a.pdf');
    expect((await client.call('POST', apply(document, query), body)).status).toBe(status);
  });

  it('a classification wants a classifier', async () => {
    const document = await client.upload('a.pdf');
    const asked = await client.call('POST', `/model/field-extractor/apply/${document}?format_type=classification`);
    expect(asked.status).toBe(403);
  });
});

describe('answers', () => {
  it('a Job has every documented key, nulls explicit, times to the millisecond', async () => {
    const job = await client.submit(`/document/${await client.upload('a.pdf')}/transform/image`);
    expect(job).toMatchObject({ callback_url: null, finished_time: null, parent_job_id: null, result: null });
    expect(job.creation_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('classification numbers are floats', async () => {
    await leia.hooks.script({ result_type: 'classification', result: { category: 'a', accuracy: 1, score: 0 } });
    const job = await client.submit(`/model/document-classifier/apply/${await client.upload('a.pdf')}`);
    await client.ended(job.id);
    const { text } = await client.call('GET', `/job/${job.id}`);
    expect(text).toContain('"result":{"category":"a","accuracy":1.0,"score":0.0}');
  });

  it('several inputs give a dict by document id, one gives the single form', async () => {
    const documents = [await client.upload('a.txt'), await client.upload('b.txt')];
    const path = (ids: string[]) => `/model/document-classifier/apply/${ids.join(',')}?format_type=classification`;
    const many = await client.ended((await client.submit(path(documents))).id);
    expect(many.result_type).toBe('dict[classification]');
    expect(Object.keys(many.result ?? {})).toEqual(documents);
    const one = await client.ended((await client.submit(path(documents.slice(0, 1)))).id);
    expect(one.result_type).toBe('classification');
  });

  it('statuses name the known jobs, and are 404 only when none is known', async () => {
    const job = await client.submit(`/document/${await client.upload('a.pdf')}/transform/image?block_processing=true`);
    expect((await client.call('GET', `/job/${job.id}%2Cnone/status`)).json).toEqual({ [job.id]: 'BLOCKED' });
    expect((await client.call('GET', '/job/none,neither/status')).status).toBe(404);
  });

  it("the Date header follows LEIA's clock", async () => {
    await leia.hooks.clock.hold();
    await leia.hooks.clock.step(3_600_000);
    const now = await leia.hooks.clock.now();
    const { headers } = await client.call('GET', '/whoami');
    expect(headers.get('date')).toBe(new Date(now).toUTCString());
  });
});

describe('documents', () => {
  it('are kept as they came, with their tags', async () => {
    const id = await client.upload('my doc.pdf', 'abc', '&tags=t1&tags=t2&ttl=600');
    expect((await client.call('GET', `/document/${id}`)).json).toMatchObject({
      filename: 'my doc',
      extension: 'pdf',
      mime_type: 'application/pdf',
      size: 3,
      tags: ['t1', 't2'],
      original_id: null,
    });
    expect((await client.call('GET', `/document/${id}/file_contents`)).text).toBe('abc');
  });

  it('arrive chunked, too', async () => {
    const body = new Blob(['in ', 'pieces']).stream();
    const init = { method: 'POST', headers: { token: client.token }, body, duplex: 'half' } as const;
    const response = await fetch(`${leia.url}/document?filename=a.txt`, init);
    expect(await response.json()).toMatchObject({ size: 9, mime_type: 'text/plain' });
  });

  it('are tagged, listed and deleted', async () => {
    const id = await client.upload('a.pdf');
    await client.call('POST', `/document/${id}/tag/Urgent%20one`);
    const found = await client.call('GET', '/document?tags=Urgent+one');
    expect(found.headers.get('content-range')).toBe('0-1/1');
    expect((await client.call('GET', '/document')).status).toBe(403);
    expect((await client.call('DELETE', `/document/${id}`)).status).toBe(204);
    expect((await client.call('GET', `/document/${id}`)).status).toBe(404);
  });
});
