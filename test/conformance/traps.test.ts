// contract §0, line by line: what a façade must get right, each of which bites a real SDK.
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { routeOf } from '../../functions/runtime/route-match.ts';
import { basePath, keyOf, routes } from '../../functions/runtime/routes.ts';
import { awaitStatus, call, logIn, type Reply } from '../flow/support/ground.ts';
import { decode } from './sdks/decode.ts';
import { pydanticType } from './sdks/python.ts';
import { type Kind, resultTypes } from './sdks/reply.ts';
import { type Scene, type Stage, startStage } from './stage.ts';
import { APPLICATION, D1, D2, J, M, type Sdk } from './vectors.ts';

let stage: Stage;
let scene: Scene;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.leia.hooks.reset();
  await stage.leia.hooks.holdJobs(true);
  await stage.leia.hooks.forceJob(J, { status: 'READY' });
  scene = await stage.scene('own');
  onTestFinished(scene.close);
});

const sdks: Sdk[] = ['node-0.7.2', 'java-1.0.6', 'python-pydantic1-fa5849e', 'python-1.0.9'];
const allDecode = (kind: Kind, { status, headers, text }: Reply): void => {
  const reply = { status, headers: Object.fromEntries(headers), text };
  for (const sdk of sdks) expect([sdk, decode(sdk, kind, reply)]).toEqual([sdk, { ok: expect.anything() }]);
};
const apply = `/model/${M}/apply/${D1}`;
const transform = `/document/${D1}/transform/text`;
const conditional = `/job/conditional/${J}`;
const json = { 'content-type': 'application/json' };
const send = (method: string, path: string, init: RequestInit = {}): Promise<Reply> =>
  call(`${scene.bundle.baseUrl}${path}`, { method, ...init, headers: { token: scene.client.token, ...init.headers } });
const requestOf = async ({ json: job }: Reply) => {
  const record = await scene.bundle.mirror.job(String(job.id));
  return record && scene.bundle.mirror.request(record);
};

describe('contract §0.1: the base URL has a path', () => {
  it('to which SDKs append theirs; a slash too many is none', async () => {
    expect(new URL(scene.bundle.baseUrl).pathname).toBe('/leia/1.0.0');
    for (const path of [`/job/${J}`, `//job/${J}`, `/job//${J}`, `/job/${J}/`])
      expect([path, (await send('GET', path)).status]).toEqual([path, 200]);
    const { origin } = new URL(scene.bundle.baseUrl);
    const { token } = scene.client;
    expect((await call(`${origin}//leia/1.0.0/job/${J}`, { headers: { token } })).status).toBe(200);
  });
});

describe('contract §0.2: a success is exactly 200 with a Job, a cancel 204', () => {
  it.each([
    ['apply', apply],
    ['transform', transform],
    ['train', '/model/leia.models.text.classifier.fasttext.v1/train/mytag'],
    ['conditional', conditional],
    ['admin apply', `/admin/${APPLICATION}${apply}`],
  ])('%s', async (_what, path) => {
    const reply = await scene.client.post(path, { rules: {} });
    expect(reply.status).toBe(200);
    allDecode('job', reply);
  });

  it('start, then cancel', async () => {
    const { json: job } = await scene.client.post(apply, { block_processing: true });
    const started = await send('POST', `/job/${job.id}/start`);
    expect(started.status).toBe(200);
    allDecode('job', started);
    const cancelled = await send('DELETE', `/job/${job.id}`);
    expect([cancelled.status, cancelled.text]).toEqual([204, '']);
  });
});

describe('contract §0.3: every timestamp carries an offset', () => {
  it('in a Job, a list and an Application', async () => {
    await stage.leia.hooks.forceJob(J, { status: 'PROCESSED', starting_time: Date.now() });
    const login = await call(`${scene.bundle.baseUrl}/login/${scene.bundle.apiKey}`);
    for (const reply of [await send('GET', `/job/${J}`), await send('GET', '/job'), login]) {
      const times = [...reply.text.matchAll(/"\w+_time":("[^"]*")/g)].map(([, time = '']) => JSON.parse(time));
      expect(times.length).toBeGreaterThan(0);
      for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  });
});

describe('contract §0.4: JSON without a body is `{}`, and where no body belongs one does no harm', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'application/octet-stream'])(
    'POST as %s, empty',
    async (type) => {
      const reply = await send('POST', apply, { headers: { 'content-type': type } });
      expect(reply.status).toBe(200);
      expect(await requestOf(reply)).toEqual({
        kind: 'apply',
        model_id: M,
        document_ids: [D1],
        block_processing: false,
      });
    },
  );
  it('GET with a content type, start and DELETE with `{}`', async () => {
    expect((await send('GET', `/job/${J}`, { headers: json })).status).toBe(200);
    const { json: job } = await scene.client.post(apply, { block_processing: true });
    expect((await send('POST', `/job/${job.id}/start`, { headers: json, body: '{}' })).status).toBe(200);
    expect((await send('DELETE', `/job/${job.id}`, { headers: json, body: '{}' })).status).toBe(204);
  });
});

describe('contract §0.5: a list in a path is split after it is decoded', () => {
  it.each([',', '%2C', '%2c'])('D1%sD2', async (comma) => {
    const { json: job } = await send('POST', `/model/${M}/apply/${D1}${comma}${D2}`);
    expect(job.document_ids).toEqual([D1, D2]);
    expect((await send('GET', `/job/${J}${comma}${job.id}${comma}${J}/status`)).json).toEqual({
      [J]: 'READY',
      [String(job.id)]: 'READY',
    });
  });
});

describe('contract §0.6: booleans and enum members come as each language prints them', () => {
  it.each([
    ['true', true],
    ['True', true],
    ['false', false],
    ['False', false],
  ])('block_processing=%s', async (text, block_processing) => {
    expect(await requestOf(await send('POST', `${apply}?block_processing=${text}`))).toMatchObject({
      block_processing,
    });
  });
  it.each(['status=Statuses.PROCESSED&job_type=JobTypes.PDF_IMAGES', 'status=PROCESSED&job_type=pdf-images'])(
    '%s',
    async (query) => {
      await stage.leia.hooks.forceJob(J, { status: 'PROCESSED', result_type: 'list[document]', result: [] });
      await send('GET', `/job/${J}`);
      expect((await send('GET', `/job?${query}`)).status).toBe(200);
    },
  );
  it('format_type=FormatTypes.CLASSIFICATION', async () =>
    expect(await requestOf(await send('POST', `${apply}?format_type=FormatTypes.CLASSIFICATION`))).toMatchObject({
      format_type: 'classification',
    }));
});

describe('contract §0.7: nobody is refused for a key that nobody knows', () => {
  it('executeAfterId in a body, exploded parameters in a query, anything in the query of a list', async () => {
    expect((await scene.client.post(conditional, { executeAfterId: J, rules: {}, more: [1] })).status).toBe(200);
    const reply = await send('POST', `${apply}?threshold=0.5`, { headers: json, body: '{"executeAfterId":"x"}' });
    expect(await requestOf(reply)).toMatchObject({ model_params: { threshold: '0.5' } });
    await send('GET', `/job/${J}`);
    expect((await send('GET', '/job?colour=red&executeAfterId=x')).status).toBe(200);
  });
});

describe('contract §0.8: errors are JSON objects with `detail`', () => {
  it.each([
    ['GET', '/job/507f191e810c19729de86fff', 404],
    ['GET', '/job/a.b', 400],
    ['GET', '/job?limit=x', 400],
    ['POST', apply.replace(D1, 'no-such-document'), 404],
    ['POST', `${apply}?page_range=0`, 400],
    ['POST', `/job/${J}/start`, 404],
    ['GET', '/nothing/here', 404],
    ['DELETE', '/whoami', 405],
    ['POST', '/login', 400],
    ['GET', '/login/bad', 403],
    ['GET', '/document/no-such-document', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const reply = await send(method, path);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(reply.json).toMatchObject({ type: 'about:blank', title: expect.any(String), status });
    expect(String(reply.json.detail).length).toBeGreaterThan(5);
  });
});

describe('contract §0.9: a type of result and a result come together or not at all', () => {
  it.each(resultTypes)('%s', async (result_type) => {
    const result = result_type.startsWith('list') ? [] : {};
    await stage.leia.hooks.forceJob(J, { status: 'PROCESSED', result_type: result_type as 'object', result });
    const { json: job } = await send('GET', `/job/${J}`);
    expect(job).toMatchObject({ result_type, result });
  });
  it('a type whose result LEIA did not send is not passed on', async () => {
    await stage.leia.hooks.forceJob(J, { status: 'PROCESSED', result_type: 'list[document]', resultText: 'null' });
    for (const job of [await send('GET', `/job/${J}`), await send('GET', '/job')])
      expect([job.json].flat()[0]).toMatchObject({ status: 'PROCESSED', result_type: null, result: null });
  });
});

describe('contract §0.10: numbers that are floats to LEIA are floats to its clients', () => {
  const classification = '{"category": "AUTRE", "accuracy": 1.0, "score": 1e0}';
  const resultIn = (text: string): string => /\{"category".*?\}/.exec(text)?.[0] ?? '';
  it('in a Job, a list, and the result of a chain', async () => {
    await stage.leia.hooks.holdJobs(false);
    await stage.leia.hooks.script({ result_type: 'classification', resultText: classification });
    const { json: first } = await scene.client.post(apply, { format_type: 'classification' });
    await awaitStatus(scene.client, String(first.id));
    const entry = { job_type: 'apply_model', model_id: M, format_type: 'classification' };
    const { json: chain } = await scene.client.post(`/job/conditional/${first.id}`, {
      rules: { r: { jobs: [entry] } },
    });
    await awaitStatus(scene.client, String(chain.id));
    for (const path of [`/job/${first.id}`, `/job?job_id=${first.id}`, `/job/${chain.id}`]) {
      const { text } = await send('GET', path);
      expect([path, resultIn(text)]).toEqual([path, classification]);
    }
    expect([pydanticType(classification), pydanticType(classification.replace('1.0', '1'))]).toEqual([
      'Classification',
      'raw',
    ]);
  });
});

describe('contract §0.11: /whoami works', () => {
  it('at once after each of a dozen logins, for each of their tokens', async () => {
    const { baseUrl, apiKey } = scene.bundle;
    const clients = await Promise.all(Array.from({ length: 12 }, () => logIn(baseUrl, apiKey)));
    for (const client of clients) allDecode('application', await client.get('/whoami'));
    expect(new Set(clients.map(({ token }) => token)).size).toBe(12);
  });
  it('while LEIA is away', async () => {
    await stage.leia.hooks.setAvailable(false);
    allDecode('application', await scene.client.get('/whoami'));
    allDecode('login', await call(`${scene.bundle.baseUrl}/login/${scene.bundle.apiKey}`));
  });
});

describe('contract §0.12: a 401 is rare', () => {
  it('a token lives as long as it is used, whatever LEIA does with its own', async () => {
    await stage.leia.hooks.expireTokens();
    for (let hours = 0; hours < 24 * 7; hours += 6) {
      expect([hours, (await scene.client.get(`/job/${J}`)).status]).toEqual([hours, 200]);
      await scene.bundle.pass(6 * 3600);
    }
  });
});

describe('contract §0.13: the Application of a login has the texts that Python demands', () => {
  it.each(['application_type', 'email', 'first_name', 'last_name'])('%s', async (key) => {
    const reply = await call(`${scene.bundle.baseUrl}/login/${scene.bundle.apiKey}`);
    expect(reply.json.application).toMatchObject({ [key]: expect.any(String) });
    expect(reply.text).not.toContain('api_key');
    allDecode('login', reply);
  });
});

describe('contract §0.14: a fixed segment comes before a parameter', () => {
  const fixed = routes.filter(({ path }) => !path.includes('{'));
  it.each(fixed.map((route) => ({ key: keyOf(route), route })))('$key', ({ route }) =>
    expect(routeOf(route.method, (route.atRoot ? '' : basePath) + route.path)).toBe(route),
  );
  it.each([
    ['POST', '/job/conditional/a', '/job/conditional/{execute_after_id}'],
    ['GET', '/admin/document/tag', '/admin/document/tag'],
    ['GET', '/admin/application/a', '/admin/application/{application_id}'],
    ['POST', '/admin/a/job/conditional/b', '/admin/{application_id}/job/conditional/{execute_after_id}'],
    ['GET', '/admin/a/job/b', '/admin/{submitter_id}/job/{job_id}'],
  ])('%s %s is %s', (method, path, route) => expect(routeOf(method, basePath + path)?.path).toBe(route));
});
