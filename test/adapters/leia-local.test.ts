// The adapter against the local LEIA, which shares no code with it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leiaClient } from '../../functions/adapters/leia.ts';
import { type LocalLeia, startLeia } from '../leia/server.ts';
import { aRequest, id, MODEL } from '../support/jobs.ts';

// Nothing listens there.
const CALLBACK = 'http://127.0.0.1:9/callbacks/000000000000000000000001/0123abcd';

let local: LocalLeia;
beforeAll(async () => {
  local = await startLeia({ worker: 'scripted' });
});
afterAll(() => local.close());
beforeEach(() => local.hooks.reset());

const client = (apiKey = local.apiKey) => leiaClient({ url: local.url, apiKey, timeoutSeconds: 2 });
type Client = ReturnType<typeof client>;

const upload = async (leia: Client): Promise<string> => {
  const reply = await leia.pass({
    method: 'POST',
    path: '/document',
    query: 'filename=my%20doc.pdf&tags=t1&tags=t2',
    headers: { 'content-type': 'application/octet-stream' },
    body: Buffer.from([0x25, 0x50, 0x44, 0x46, 0xff, 0x00]),
  });
  if (!('status' in reply)) throw new Error(reply.cause);
  return String(JSON.parse(Buffer.from(reply.body).toString()).id);
};
const submit = async (leia: Client, documentId: string, given: { blockProcessing?: boolean } = {}) =>
  leia.submit({
    request: aRequest({ document_ids: [documentId] }),
    callbackUrl: CALLBACK,
    blockProcessing: false,
    ...given,
  });
const accepted = async (leia: Client, given: { blockProcessing?: boolean } = {}) => {
  const outcome = await submit(leia, await upload(leia), given);
  if (outcome.outcome !== 'accepted') throw new Error(JSON.stringify(outcome));
  return outcome.job;
};

describe('with a LEIA that works', () => {
  it('logs in, or is refused', async () => {
    const login = await client().login();
    expect(login).toMatchObject({ outcome: 'found', value: { application_type: 'developer' } });
    expect(JSON.stringify(login)).not.toContain(local.apiKey);
    expect(await client('wrong').login()).toMatchObject({ outcome: 'refused', status: 403 });
  });

  it('passes bytes both ways', async () => {
    const leia = client();
    const documentId = await upload(leia);
    const reply = await leia.pass({
      method: 'GET',
      path: `/document/${documentId}/file_contents`,
      query: '',
      headers: {},
    });
    expect('status' in reply && [...reply.body]).toEqual([0x25, 0x50, 0x44, 0x46, 0xff, 0x00]);
  });

  it('sees a job from its submission to its result, whose text stays as it is', async () => {
    const resultText = '{"category":"AUTRE","accuracy":1.0,"score":1.50,"n":12345678901234567890}';
    await local.hooks.script({ resultText, result_type: 'classification' });
    const leia = client();
    const job = await accepted(leia);
    expect(job).toMatchObject({ callback_url: CALLBACK, job_type: 'image-text', seen: { leiaId: job.id } });
    await expect
      .poll(async () => (await leia.statuses([job.id])).outcome === 'found' && (await leia.job(job.id)))
      .toMatchObject({
        value: {
          seen: { status: 'PROCESSED', details: { result: resultText, result_type: 'classification', http_code: 200 } },
        },
      });
  });

  it('lists jobs newest first, to the end', async () => {
    const leia = client();
    const made = [await accepted(leia), await accepted(leia)];
    const createdAfter = made[0]?.creation_time ?? '';
    const listed = await leia.newestJobs({ createdAfter, offset: 0, limit: 100 });
    if (listed.outcome !== 'found') throw new Error(listed.outcome);
    expect(listed.value.jobs.map((job) => job.id)).toEqual(expect.arrayContaining(made.map((job) => job.id)));
    expect(listed.value.total).toBe(listed.value.jobs.length);
    const beyond = await leia.newestJobs({ createdAfter, offset: listed.value.total, limit: 100 });
    expect(beyond).toMatchObject({ outcome: 'found', value: { jobs: [], total: 0 } });
  });

  it('starts a blocked job, once, and cancels it, once', async () => {
    await local.hooks.script({ durationMs: null });
    const leia = client();
    const job = await accepted(leia, { blockProcessing: true });
    expect(job.seen.status).toBe('BLOCKED');
    expect(await leia.start(job.id)).toMatchObject({ outcome: 'found', value: { id: job.id } });
    expect(await leia.start(job.id)).toMatchObject({ outcome: 'refused', status: 404 });
    expect(await leia.cancel(job.id)).toEqual({ outcome: 'found', value: undefined });
    expect(await leia.cancel(job.id)).toMatchObject({ outcome: 'refused', status: 404 });
    expect(await leia.job(job.id)).toMatchObject({ value: { seen: { status: 'CANCELED' } } });
  });

  it('tells what exists from what does not', async () => {
    const leia = client();
    expect(await leia.document(await upload(leia))).toMatchObject({ outcome: 'found' });
    expect(await leia.document(id(1))).toMatchObject({ outcome: 'refused', status: 404 });
    expect(await leia.model(MODEL)).toMatchObject({ outcome: 'found' });
    expect(await leia.model('nothing')).toMatchObject({ outcome: 'refused', status: 404 });
    expect(await leia.job(id(1))).toMatchObject({ outcome: 'refused', status: 404 });
    expect(await leia.statuses([id(1), id(2)])).toMatchObject({ outcome: 'refused', status: 404 });
    expect(await submit(leia, id(1))).toMatchObject({ outcome: 'refused', refusal: { status: 404 } });
  });
});

describe('with a LEIA in trouble', () => {
  it('a token that died is replaced in silence', async () => {
    const leia = client();
    const job = await accepted(leia);
    await local.hooks.expireTokens(local.apiKey);
    expect(await leia.job(job.id)).toMatchObject({ outcome: 'found' });
  });

  it.each([
    [{ answer: 'refuse' }, 'doubtful', 0],
    [{ answer: 'cut' }, 'doubtful', 1],
    [{ answer: 'garbage', processed: true }, 'doubtful', 1],
    [{ answer: 500 }, 'doubtful', 0],
    [{ answer: 503, retryAfter: 9 }, 'unsent', 0],
    [{ answer: 429, retryAfter: 9 }, 'unsent', 0],
    [{ answer: 400, detail: 'No' }, 'refused', 0],
    [{ answer: 401 }, 'accepted', 1],
  ] as const)('%j makes a submission %s', async (fault, outcome, made) => {
    const leia = client();
    const documentId = await upload(leia);
    const before = (await local.hooks.jobs()).length;
    await local.hooks.fault({ method: 'POST', path: '/transform/', ...fault });
    expect(await submit(leia, documentId)).toMatchObject({ outcome });
    expect((await local.hooks.jobs()).length - before).toBe(made);
  });

  it('one that is gone is unavailable', async () => {
    const leia = client();
    await leia.login();
    await local.hooks.setAvailable(false);
    expect(await leia.job(id(1))).toMatchObject({ outcome: 'unavailable' });
  });
});
