import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalLeia, startLeia } from './server.ts';
import { type Client, logIn } from './support/client.ts';

let leia: LocalLeia;
let client: Client;
let document: string;

beforeAll(async () => {
  leia = await startLeia();
  client = await logIn(leia.url, leia.apiKey);
  document = await client.upload('a.pdf');
});
beforeEach(() => leia.hooks.reset());
afterAll(() => leia.close());

const submission = () => `/document/${document}/transform/image`;
const ids = async (): Promise<string[]> => (await leia.hooks.jobs()).map(({ id }) => id);

describe('a fault', () => {
  it.each([401, 403, 404, 429, 500, 503])(
    'answers %i as often as it is told, and processes nothing',
    async (answer) => {
      const before = await ids();
      await leia.hooks.fault({ method: 'POST', path: '/transform/', times: 2, answer, retryAfter: 7 });
      for (const _ of [1, 2]) {
        const { status, headers, json } = await client.call('POST', submission());
        expect([status, headers.get('retry-after')]).toEqual([answer, '7']);
        expect(json).toMatchObject({ status: answer });
      }
      expect(await ids()).toEqual(before);
      expect((await client.call('POST', submission())).status).toBe(200);
    },
  );

  it('answers garbage', async () => {
    await leia.hooks.fault({ answer: 'garbage' });
    const { status, json } = await client.call('GET', '/whoami');
    expect([status, json]).toEqual([200, undefined]);
  });

  it('never answers', async () => {
    await leia.hooks.fault({ answer: 'nothing' });
    const hanging = fetch(`${leia.url}/whoami`, { signal: AbortSignal.timeout(150) });
    await expect(hanging).rejects.toThrow('timeout');
    expect((await leia.hooks.requests()).at(-1)).toMatchObject({ path: '/whoami', outcome: 'unanswered' });
  });

  it('refuses the connection before anything is processed', async () => {
    const before = await ids();
    await leia.hooks.fault({ answer: 'refuse' });
    await expect(client.call('POST', submission())).rejects.toThrow('fetch failed');
    expect(await ids()).toEqual(before);
  });

  it('cuts the connection after the submission is accepted', async () => {
    const before = await ids();
    await leia.hooks.fault({ path: '/transform/', answer: 'cut' });
    await expect(client.call('POST', submission(), '{"callback_url":"http://127.0.0.1:1/cb"}')).rejects.toThrow(
      'fetch failed',
    );
    const made = (await leia.hooks.jobs()).filter(({ id }) => !before.includes(id));
    expect(made).toMatchObject([{ callback_url: 'http://127.0.0.1:1/cb' }]);
  });

  it('answers 500 to what it has processed', async () => {
    const before = (await ids()).length;
    await leia.hooks.fault({ path: '/transform/', answer: 500, processed: true });
    expect((await client.call('POST', submission())).status).toBe(500);
    expect(await ids()).toHaveLength(before + 1);
  });

  it('meets only requests about several jobs, when told so', async () => {
    const { id } = await client.submit(submission());
    await leia.hooks.fault({ path: '/status$', answer: 404, onlyBatch: true, times: null });
    expect((await client.call('GET', `/job/${id}/status`)).status).toBe(200);
    expect((await client.call('GET', `/job/${id}%2C${id}/status`)).status).toBe(404);
  });

  it('may let some pass first', async () => {
    await leia.hooks.fault({ skip: 1, answer: 503 });
    expect((await client.call('GET', '/whoami')).status).toBe(200);
    expect((await client.call('GET', '/whoami')).status).toBe(503);
  });

  it('delays the right answer', async () => {
    await leia.hooks.fault({ delayMs: 80 });
    const started = performance.now();
    expect((await client.call('GET', '/whoami')).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(70);
  });
});

describe('the hooks', () => {
  it('take LEIA away and bring it back', async () => {
    await leia.hooks.setAvailable(false);
    await expect(client.call('GET', '/whoami')).rejects.toThrow('fetch failed');
    await leia.hooks.setAvailable(true);
    expect((await client.call('GET', '/whoami')).status).toBe(200);
  });

  it('end tokens', async () => {
    const mine = await logIn(leia.url, leia.apiKey);
    const admin = await logIn(leia.url, leia.adminApiKey);
    await leia.hooks.expireTokens(leia.apiKey);
    expect((await mine.call('GET', '/whoami')).status).toBe(401);
    expect((await admin.call('GET', '/whoami')).status).toBe(200);
    client = await logIn(leia.url, leia.apiKey);
  });

  it('make LEIA forget a job', async () => {
    const { id } = await client.submit(submission());
    await leia.hooks.forgetJob(id);
    expect((await client.call('GET', `/job/${id}`)).status).toBe(404);
  });

  it('let an accepted job turn up late', async () => {
    await leia.hooks.hideSubmissions({ ms: null, times: 1 });
    const { id } = await client.submit(submission());
    expect((await client.call('GET', `/job/${id}`)).status).toBe(404);
    expect((await client.call('GET', `/job?job_id=${id}`)).status).toBe(404);
    await leia.hooks.revealJobs();
    expect((await client.ended(id)).status).toBe('PROCESSED');
  });

  it('force a job into any state, with a result as it is written', async () => {
    await leia.hooks.script({ durationMs: null });
    const { id } = await client.submit(submission());
    await leia.hooks.forceJob(id, { status: 'LOADING_MODEL' });
    expect((await client.get(id)).status).toBe('LOADING_MODEL');
    await leia.hooks.forceJob(id, { status: 'PROCESSED', result_type: 'object', resultText: '{"n":1.0,"x":1e400}' });
    expect((await client.call('GET', `/job/${id}`)).text).toContain('"result":{"n":1.0,"x":1e400}');
    await leia.hooks.forceJob(id, { status: 'FAILED', reason: 'changed its mind' });
    expect(await client.get(id)).toMatchObject({ status: 'FAILED', result: null, http_code: 500 });
  });

  it('count requests by kind', async () => {
    const { id } = await client.submit(submission());
    await client.call('GET', `/job/${id}`);
    await client.call('GET', `/job/${id},${id}/status`);
    await client.call('GET', '/job');
    await client.call('GET', `/document/${document}`);
    await client.call('DELETE', `/job/${id}`);
    expect(await leia.hooks.counts()).toMatchObject({
      submit: 1,
      'get-job': 1,
      statuses: 1,
      'list-jobs': 1,
      document: 1,
      cancel: 1,
      login: 0,
    });
    await leia.hooks.resetCounts();
    expect(await leia.hooks.requests()).toEqual([]);
  });

  it('script jobs by what they are', async () => {
    await leia.hooks.script({
      match: { document_id: document },
      times: 1,
      fail: { reason: 'unreadable', http_code: 400 },
    });
    const failing = await client.ended((await client.submit(submission())).id);
    expect(failing).toMatchObject({ status: 'FAILED', reason: 'unreadable', http_code: 400, result_type: null });
    expect((await client.ended((await client.submit(submission())).id)).status).toBe('PROCESSED');
  });
});
