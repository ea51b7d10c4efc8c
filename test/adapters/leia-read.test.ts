import { describe, expect, it } from 'vitest';
import { askedLeia } from '../support/asked-leia.ts';
import { id } from '../support/jobs.ts';
import { aLeiaJob, LEIA_ID } from '../support/leia-jobs.ts';
import {
  anApplication,
  halfAnswer,
  hangUp,
  json,
  page,
  problem,
  type Script,
  silence,
  text,
} from '../support/scripted-leia.ts';

const { leia, client } = askedLeia();
const redirect: Script = (response) => response.writeHead(302, { location: '/leia/1.0.0/job/other' }).end();

describe('one job', () => {
  it('is found', async () => {
    leia.answers(json(200, aLeiaJob({ status: 'PROCESSED', result_type: 'object', result: { a: 1 } })));
    expect(await client().job(LEIA_ID)).toMatchObject({
      outcome: 'found',
      value: { id: LEIA_ID, seen: { status: 'PROCESSED', details: { result: '{"a":1}' } } },
    });
    expect(leia.received).toMatchObject([
      { method: 'GET', path: `/leia/1.0.0/job/${LEIA_ID}`, headers: { token: 'token-1' } },
    ]);
  });

  it.each([403, 404])('is refused when LEIA itself says %i', async (status) => {
    leia.answers(problem(status, 'Job not found'));
    expect(await client().job(LEIA_ID)).toEqual({ outcome: 'refused', status, detail: 'Job not found' });
  });

  it.each([
    ['a gateway’s 404', page(404)],
    ['a 404 in JSON that is not LEIA’s', json(404, { message: 'Not Found' })],
    ['a 404 that only says it is JSON', text(404, '<h1>Not found</h1>')],
    ['an empty 404', (response) => response.writeHead(404).end()],
    ['a redirect', redirect],
    ['500', problem(500, 'Oops')],
    ['another job', json(200, aLeiaJob({ id: id(5) }))],
    ['garbage', page(200)],
    ['silence', silence],
    ['half an answer, again and again', halfAnswer],
  ] satisfies [string, Script][])('is not judged by %s', async (_what, script) => {
    leia.answers(script);
    expect(await client({ timeoutSeconds: 0.5 }).job(LEIA_ID)).toMatchObject({ outcome: 'unavailable' });
  });
});

describe('statuses', () => {
  it('of those that LEIA knows, in one request', async () => {
    const oddities: string[] = [];
    leia.answers(text(200, `{"${id(1)}":"READY","${id(2)}":"PROCESSED","${id(3)}":"VANISHED","__proto__":"FAILED"}`));
    const answer = await client({ onOddity: (where) => oddities.push(where) }).statuses([id(1), id(2), id(3), id(4)]);
    expect(answer).toEqual({
      outcome: 'found',
      value: new Map([
        [id(1), 'READY'],
        [id(2), 'PROCESSED'],
      ]),
    });
    expect(leia.received[0]?.path).toBe(`/leia/1.0.0/job/${[1, 2, 3, 4].map(id).join('%2C')}/status`);
    expect(oddities).toEqual(['status']);
  });

  it.each([
    ['400', problem(400, 'Too many'), 400],
    ['404', problem(404, 'None known'), 404],
    ['414 of a gateway', page(414), 414],
  ] satisfies [string, Script, number][])('refused as a batch: %s', async (_what, script, status) => {
    leia.answers(script);
    expect(await client().statuses([id(1)])).toMatchObject({ outcome: 'refused', status });
  });

  it.each([page(404), json(200, []), json(200, null), text(200, '{')])('that mean nothing', async (script) => {
    leia.answers(script);
    expect(await client().statuses([id(1)])).toMatchObject({ outcome: 'unavailable' });
  });

  it('of no jobs ask nobody', async () => {
    expect(await client().statuses([])).toEqual({ outcome: 'found', value: new Map() });
    expect(leia.received).toHaveLength(0);
  });
});

describe('the newest jobs', () => {
  const wanted = { createdAfter: '2026-01-01T00:00:00.500Z', offset: 20, limit: 2 };

  it('are asked for newest first, in the form of time that LEIA documents', async () => {
    leia.answers(json(200, [aLeiaJob({ id: id(1) }), aLeiaJob({ id: id(2) })], { 'content-range': '20-22/41' }));
    const answer = await client().newestJobs(wanted);
    expect(answer).toMatchObject({ outcome: 'found', value: { jobs: [{ id: id(1) }, { id: id(2) }], total: 41 } });
    expect(Object.fromEntries(new URLSearchParams(leia.received[0]?.query))).toEqual({
      created_after: '2026-01-01T00:00:00',
      sort: '-creation_time',
      offset: '20',
      limit: '2',
    });
  });

  it.each([
    ['a problem', problem(404, 'Nothing found')],
    ['an empty range', (response) => response.writeHead(404, { 'content-range': '0-0/0' }).end()],
  ] satisfies [string, Script][])('are none when LEIA answers 404 with %s', async (_what, script) => {
    leia.answers(script);
    expect(await client().newestJobs(wanted)).toMatchObject({ outcome: 'found', value: { jobs: [], total: 0 } });
  });

  it('may have an end as well', async () => {
    leia.answers(json(200, [aLeiaJob()], { 'content-range': '0-1/1' }));
    await client().newestJobs({ ...wanted, createdBefore: '2026-01-02T00:00:00.000Z' });
    expect(new URLSearchParams(leia.received[0]?.query).get('created_before')).toBe('2026-01-02T00:00:00');
  });

  it.each([
    ['jobs', 200],
    ['none', 404],
  ])('come with LEIA’s own time: %s', async (_what, status) => {
    const headers = { date: 'Thu, 01 Jan 2026 10:00:00 GMT', 'content-range': '0-0/0' };
    leia.answers(json(status, status === 200 ? [aLeiaJob()] : {}, headers));
    expect(await client().newestJobs(wanted)).toMatchObject({ value: { date: Date.UTC(2026, 0, 1, 10) } });
  });

  it('are too many when their results are longer than we take', async () => {
    leia.answers(json(200, [aLeiaJob({ result: 'x'.repeat(2000) })]));
    expect(await client({ maxAnswerBytes: 1000 }).newestJobs(wanted)).toMatchObject({
      outcome: 'unavailable',
      tooLarge: true,
    });
  });

  it.each([
    ['a gateway’s 404', page(404)],
    ['a list with something that is no Job', json(200, [aLeiaJob(), {}])],
    ['an object', json(200, {})],
  ] satisfies [string, Script][])('are unknown after %s', async (_what, script) => {
    leia.answers(script);
    expect(await client().newestJobs(wanted)).toMatchObject({ outcome: 'unavailable' });
  });

  it.each([
    ['a full page', [1, 2], 23],
    ['a short page', [1], 21],
  ])('without a total: after %s there is, or is not, more', async (_what, ids, total) => {
    leia.answers(
      json(
        200,
        ids.map((number) => aLeiaJob({ id: id(number) })),
      ),
    );
    expect(await client().newestJobs(wanted)).toMatchObject({ value: { total } });
  });
});

describe('start and cancel', () => {
  it('are asked for, without a body', async () => {
    leia.answers((response) => response.writeHead(204).end(), json(200, aLeiaJob({ status: 'WAITING' })));
    const asking = client();
    expect(await asking.cancel(LEIA_ID)).toEqual({ outcome: 'found', value: undefined });
    expect(await asking.start(LEIA_ID)).toMatchObject({ outcome: 'found', value: { seen: { status: 'WAITING' } } });
    expect(leia.received.map(({ method, path, body }) => [method, path, body.length])).toEqual([
      ['DELETE', `/leia/1.0.0/job/${LEIA_ID}`, 0],
      ['POST', `/leia/1.0.0/job/${LEIA_ID}/start`, 0],
    ]);
  });

  it('are refused by LEIA with its own 404', async () => {
    leia.answers(problem(404, 'Already cancelled'));
    expect(await client().cancel(LEIA_ID)).toEqual({ outcome: 'refused', status: 404, detail: 'Already cancelled' });
    expect(await client().start(LEIA_ID)).toMatchObject({ outcome: 'refused', status: 404 });
  });

  it('are not asked for twice', async () => {
    leia.answers(hangUp);
    expect(await client().cancel(LEIA_ID)).toMatchObject({ outcome: 'unavailable' });
    expect(await client().start(LEIA_ID)).toMatchObject({ outcome: 'unavailable' });
    expect(leia.received).toHaveLength(2);
  });
});

describe('documents and models', () => {
  it('exist, or not', async () => {
    leia.answers(json(200, {}), json(200, {}), problem(404, 'Unknown'));
    const asking = client();
    expect(await asking.document(id(1))).toEqual({ outcome: 'found', value: undefined });
    expect(await asking.model('short name')).toEqual({ outcome: 'found', value: undefined });
    expect(await asking.document(id(2))).toEqual({ outcome: 'refused', status: 404, detail: 'Unknown' });
    expect(leia.received.map(({ path }) => path.slice('/leia/1.0.0'.length))).toEqual([
      `/document/${id(1)}`,
      '/model/short%20name',
      `/document/${id(2)}`,
    ]);
  });
});

describe('an admin', () => {
  it('asks about the jobs, documents and models of another application on its admin path', async () => {
    const [job, found] = [json(200, aLeiaJob()), json(200, {})];
    const statuses = json(200, { [LEIA_ID]: 'READY' });
    leia.answers(job, statuses, job, (response) => response.writeHead(204).end(), found, found);
    const asking = client();
    const jobs = asking.asAdminFor(id(9));
    expect(await jobs.job(LEIA_ID)).toMatchObject({ outcome: 'found' });
    expect(await jobs.statuses([LEIA_ID, id(8)])).toEqual({ outcome: 'found', value: new Map([[LEIA_ID, 'READY']]) });
    expect(await jobs.start(LEIA_ID)).toMatchObject({ outcome: 'found' });
    expect(await jobs.cancel(LEIA_ID)).toMatchObject({ outcome: 'found' });
    await asking.document(id(1), id(9));
    await asking.model('short name', id(9));
    expect(leia.received.map(({ method, path }) => `${method} ${path.slice('/leia/1.0.0'.length)}`)).toEqual([
      `GET /admin/${id(9)}/job/${LEIA_ID}`,
      `GET /admin/${id(9)}/job/${LEIA_ID}%2C${id(8)}/status`,
      `POST /admin/${id(9)}/job/${LEIA_ID}/start`,
      `DELETE /admin/${id(9)}/job/${LEIA_ID}`,
      `GET /admin/${id(9)}/document/${id(1)}`,
      `GET /admin/${id(9)}/model/short%20name`,
    ]);
  });

  it('lists the jobs of all applications', async () => {
    leia.answers(json(200, [aLeiaJob({ submitter_id: id(9) })], { 'content-range': '0-1/1' }));
    const page = { createdAfter: '2026-01-01T00:00:00.000Z', offset: 0, limit: 100 };
    expect(await client().newestJobsOfAll(page)).toMatchObject({
      value: { jobs: [{ submitter_id: id(9) }], total: 1 },
    });
    expect(leia.received.map(({ path }) => path)).toEqual(['/leia/1.0.0/admin/job']);
  });

  it('who is none any more is no fault of our key', async () => {
    const no = problem(401, 'Not an admin');
    leia.answers(no, no, no, no, no, no);
    const asking = client();
    const page = { createdAfter: '2026-01-01T00:00:00.000Z', offset: 0, limit: 100 };
    const cause = 'LEIA answered HTTP 401';
    expect(await asking.newestJobsOfAll(page)).toEqual({ outcome: 'unavailable', cause });
    expect(await asking.asAdminFor(id(9)).job(LEIA_ID)).toEqual({ outcome: 'unavailable', cause });
    expect(await asking.asAdminFor(id(9)).cancel(LEIA_ID)).toEqual({ outcome: 'unavailable', cause });
  });
});

describe('the application', () => {
  it('is shown as LEIA shows it now, without its key', async () => {
    leia.answers(json(200, { ...anApplication, default_job_callback_url: 'https://cb.example/' }));
    const { api_key: _secret, ...shown } = anApplication;
    expect(await client().application()).toEqual({
      outcome: 'found',
      value: { ...shown, default_job_callback_url: 'https://cb.example/' },
    });
    expect(leia.received).toMatchObject([{ method: 'GET', path: '/leia/1.0.0/whoami' }]);
  });

  it('is not known by an answer that is none', async () => {
    leia.answers(page(200));
    expect(await client().application()).toMatchObject({ outcome: 'unavailable' });
  });
});
