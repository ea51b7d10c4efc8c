import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalLeia, startLeia } from './server.ts';
import { type Client, type Job, logIn } from './support/client.ts';

let leia: LocalLeia;
let client: Client;
let documents: string[];
let jobs: Job[];

/** Five jobs, one second apart: image, text, predict, image, text; the third after the first. */
beforeAll(async () => {
  leia = await startLeia({ now: () => Date.UTC(2018, 9, 10, 10, 10, 10) });
  client = await logIn(leia.url, leia.apiKey);
  documents = [await client.upload('a.pdf'), await client.upload('b.pdf')];
  const [a, b] = documents;
  jobs = [];
  for (const path of [
    `/document/${a}/transform/image`,
    `/document/${b}/transform/text`,
    `/model/document-classifier/apply/${a}`,
    `/document/${a},${b}/transform/image`,
    `/document/${b}/transform/text`,
  ]) {
    const after = jobs.length === 2 ? { execute_after_id: jobs[0]?.id } : {};
    jobs.push(await client.submit(path, after));
    await leia.hooks.clock.step(1000);
  }
});
afterAll(() => leia.close());

const places = async (query: string): Promise<number[] | number> => {
  const { status, json } = await client.call('GET', `/job${query}`);
  return Array.isArray(json) ? json.map(({ id }) => jobs.findIndex((job) => job.id === id)) : status;
};

describe('a list of jobs', () => {
  it('is in order of creation, with paging headers', async () => {
    const { headers } = await client.call('GET', '/job?limit=2&offset=1');
    expect(headers.get('content-range')).toBe('1-3/5');
    expect(headers.get('accept-range')).toBe('job 100');
    expect(await places('')).toEqual([0, 1, 2, 3, 4]);
    expect(await places('?limit=2&offset=1')).toEqual([1, 2]);
    expect(await places('?limit=1000')).toEqual([0, 1, 2, 3, 4]);
  });

  it('that is empty is a 404 with an empty range', async () => {
    const { status, headers } = await client.call('GET', '/job?offset=5');
    expect(status).toBe(404);
    expect(headers.get('content-range')).toBe('0-0/0');
  });

  it.each([
    'limit=0',
    'limit=-1',
    'offset=-1',
    'limit=x',
    'sort=colour',
    'status=DONE',
    'job_type=x',
    'created_after=x',
  ])('is refused with %s', async (query) => {
    expect(await places(`?${query}`)).toBe(400);
  });

  it('is filtered by all conditions together', async () => {
    const [a, b] = documents;
    expect(await places(`?document_id=${a}`)).toEqual([0, 2, 3]);
    expect(await places('?job_type=pdf-images')).toEqual([0, 3]);
    expect(await places('?job_type=JobTypes.PDF_IMAGES')).toEqual([0, 3]);
    expect(await places(`?job_type=image-text&document_id=${b}&status=Statuses.PROCESSED`)).toEqual([1, 4]);
    expect(await places(`?execute_after_id=${jobs[0]?.id}`)).toEqual([2]);
    expect(await places('?job_type=predict')).toEqual([2]);
    expect(await places('?job_type=predict-5d52858cb4608e10db98ea1f')).toEqual([2]);
    expect(await places(`?job_id=${jobs[4]?.id}`)).toEqual([4]);
    expect(await places('?status=FAILED')).toBe(404);
  });

  it.each([
    '2018-10-10T10:10:12',
    '2018-10-10T10:10:12Z',
    '2018-10-10T10:10:12.000000%2B00:00',
    '2018-10-10T12:10:12+02:00',
    '2018-10-10T12:10:12%2B0200',
    '2018-10-10T08:10:12-02:00',
  ])('knows the date %s, bounds exclusive', async (date) => {
    expect(await places(`?created_after=${date}`)).toEqual([3, 4]);
    expect(await places(`?created_before=${date}`)).toEqual([0, 1]);
  });

  it('is sorted by several fields, either way', async () => {
    expect(await places('?sort=-creation_time')).toEqual([4, 3, 2, 1, 0]);
    expect(await places('?sort=job_type%2C-creation_time')).toEqual([4, 1, 3, 0, 2]);
    expect(await places('?sort=model_id,creation_time')).toEqual([0, 1, 3, 4, 2]);
    expect(await places('?sort=document_ids')).toEqual([0, 2, 3, 1, 4]);
  });
});
