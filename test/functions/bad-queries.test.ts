// Each query parameter of each endpoint on jobs: of the wrong kind, no member of its enum, twice, empty, with NUL, ten
// kilobytes long. A 400 that names it, nothing recorded, nothing asked of LEIA.
import { beforeAll, describe, expect, it } from 'vitest';
import { queries } from '../../bin/openapi/bodies.ts';
import { adminListQuery, listQuery } from '../../bin/openapi/list-query.ts';
import { type Scene, type Stage, startStage } from '../conformance/stage.ts';
import { APPLICATION, D1, J, M } from '../conformance/vectors.ts';
import { rawRequest } from '../support/raw-request.ts';

let stage: Stage;
let scene: Scene;
beforeAll(async () => {
  stage = await startStage();
  scene = await stage.scene('own');
  expect((await send('GET', `/job/${J}`)).status).toBe(200);
  await stage.leia.hooks.resetCounts();
  return async () => {
    expect(await stage.leia.hooks.requests()).toEqual([]);
    await scene.close();
    await stage.close();
  };
});
/** The body is what a conditional job needs, and does no harm to any other. */
const send = (method: string, target: string) => {
  const body = method === 'POST' ? '{"rules":{}}' : '';
  const headers = { token: scene.client.token, 'content-length': String(body.length) };
  return rawRequest(scene.bundle.baseUrl, { method, target, headers, body });
};

const isRefused = async (method: string, target: string, name: string): Promise<void> => {
  const before = scene.bundle.mirror.snapshot();
  const { status, headers, text } = await send(method, target);
  expect([status, headers['content-type']]).toEqual([400, 'application/problem+json']);
  expect(JSON.parse(text)).toEqual({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: expect.stringMatching(new RegExp(`^${name}: expected `)),
  });
  expect(text).not.toContain('xxxxx');
  expect(scene.bundle.mirror.snapshot()).toEqual(before);
};

/** A value that is in order, and one that is not. */
const samples: Record<string, [good: string, wrong: string]> = {
  job_id: [J, 'a.b'],
  application_id: [APPLICATION, 'a b'],
  submitter_id: [APPLICATION, 'a,b'],
  model_id: [M, 'a,b'],
  document_id: [D1, '../a'],
  execute_after_id: [J, 'a/b'],
  parent_job_id: [J, '..'],
  job_type: ['pdf-images', 'PDF'],
  status: ['READY', 'DONE'],
  created_after: ['2018-10-10T10:10:10', 'yesterday'],
  created_before: ['2999-10-10T10:10:10', '2018-02-30T00:00:00'],
  sort: ['-status', 'colour'],
  offset: ['0', '-1'],
  limit: ['10', '1.5'],
  format_type: ['classification', 'prose'],
  page_range: ['0', '0-3'],
  callback_url: ['http://cb.example/', 'ftp://cb.example/'],
  block_processing: ['true', 'yes'],
  save_result: ['true', '1'],
  priority: ['3', 'high'],
  ttl: ['60', 'long'],
  allow_all_applications: ['true', 'all'],
  allowed_application_ids: [APPLICATION, 'a/b'],
};
/** Any line of text will do. */
const line: [string, string] = ['t', 'two%0Alines'];
const sampleOf = (name: string): [good: string, wrong: string] =>
  (samples[name]?.map(encodeURIComponent) as [string, string] | undefined) ?? line;

const long = 'x'.repeat(10_000);

/** What no list and no line takes; the exceptions are texts of any form. */
const badValues = (name: string): [what: string, value: string][] => {
  const nul: [string, string] = ['NUL in it', 'a%00'];
  // Text that nobody can read as an object is passed over, as Java and Python send it (contract §3.4).
  if (name.endsWith('_params')) return [nul];
  if (name === 'description') return [nul, ['ten kilobytes', long]];
  return [['the wrong kind', sampleOf(name)[1]], ['nothing in it', ''], nul, ['ten kilobytes', long]];
};

const lists = [
  { path: '/job', names: Object.keys(listQuery.shape) },
  { path: '/admin/job', names: Object.keys(adminListQuery.shape) },
];
const listCases = lists.flatMap(({ path, names }) => names.map((name) => ({ path, name })));

describe.each(listCases)('GET $path?$name', ({ path, name }) => {
  const [good, wrong] = sampleOf(name);
  it.each(badValues(name))('with %s is refused', (_what, value) => isRefused('GET', `${path}?${name}=${value}`, name));

  it('given twice is the last one, refused or not', async () => {
    await isRefused('GET', `${path}?${name}=${good}&${name}=${wrong}`, name);
    expect([200, 404]).toContain((await send('GET', `${path}?${name}=${wrong}&${name}=${good}`)).status);
  });
});

const submissions = [
  { kind: 'apply', path: `/model/${M}/apply/${D1}` },
  { kind: 'transform', path: `/document/${D1}/transform/text` },
  { kind: 'train', path: '/model/leia.models.text.classifier.fasttext.v1/train/mytag' },
  { kind: 'conditional', path: `/job/conditional/${J}` },
] as const;
const submissionCases = submissions.flatMap(({ kind, path }) =>
  Object.keys(queries[kind].shape).flatMap((name) => [
    { path, name },
    { path: `/admin/${APPLICATION}${path}`, name },
  ]),
);

describe.each(submissionCases)('POST $path?$name', ({ path, name }) => {
  it.each(badValues(name))('with %s is refused', (_what, value) => isRefused('POST', `${path}?${name}=${value}`, name));
});

describe('a page', () => {
  it.each(['offset=1000000000000', 'offset=999999999999999'])('%s is empty', async (query) => {
    const { status, headers } = await send('GET', `/job?${query}`);
    expect([status, headers['content-range']]).toEqual([404, '0-0/0']);
  });
  it('of 10^12 jobs is one of a hundred at most', async () =>
    expect((await send('GET', '/job?limit=1000000000000')).status).toBe(200));
  it.each(['offset=10000000000000000', 'limit=10000000000000000', 'offset=1e3', 'limit=0x10', 'limit=0'])(
    '%s is refused',
    (query) => isRefused('GET', `/job?${query}`, query.split('=')[0] ?? ''),
  );
});

describe('percent-encoding that is wrong', () => {
  it.each(['job_id=%', 'job_id=%zz', 'status=%E0%A4', 'sort=%ff'])('GET /job?%s', (query) =>
    isRefused('GET', `/job?${query}`, query.split('=')[0] ?? ''),
  );
});
