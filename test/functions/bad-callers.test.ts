// Who may not: each endpoint with no token, with a dead one, with a key beside it, and with that of another application.
import { beforeAll, describe, expect, it } from 'vitest';
import { routes as table } from '../../functions/runtime/routes.ts';
import { type Scene, type Stage, startStage } from '../conformance/stage.ts';
import { APPLICATION } from '../conformance/vectors.ts';
import { listedJobs, pathWith } from '../support/path-parts.ts';
import { rawRequest } from '../support/raw-request.ts';

let stage: Stage;
let owner: Scene;
let stranger: Scene;
beforeAll(async () => {
  stage = await startStage();
  [owner, stranger] = await Promise.all([stage.scene('own'), stage.scene('foreign')]);
  return async () => {
    await Promise.all([owner.close(), stranger.close()]);
    await stage.close();
  };
});

const guarded = table
  .filter((route) => !route.public && route.method !== 'HEAD')
  .map(({ method, path, by }) => ({
    method,
    path,
    by,
    target: pathWith(path, { documents_tag: 'no-such-tag' }),
  }));

const admins = guarded.filter(
  ({ path, method }) => path.startsWith('/admin/') || (method === 'DELETE' && path.startsWith('/worker/')),
);
const others = guarded.filter(({ by, path }) => by !== 'proxy-leia' && by !== 'session' && !path.startsWith('/admin/'));

type Sent = { method: string; target: string; headers?: Record<string, string> };
const send = ({ bundle }: Scene, { method, target, headers = {} }: Sent) => {
  const body = method === 'POST' ? '{"rules":{}}' : '';
  return rawRequest(bundle.baseUrl, {
    method,
    target,
    headers: { ...headers, 'content-length': String(body.length) },
    body,
  });
};

type Refusal = { status: number; detail: RegExp };
const isRefused = async (scene: Scene, sent: Sent, expected: Refusal): Promise<void> => {
  const before = scene.bundle.mirror.snapshot();
  const { status, headers, text } = await send(scene, sent);
  expect([status, headers['content-type'], text]).toEqual([
    expected.status,
    'application/problem+json',
    expect.stringMatching(expected.detail),
  ]);
  expect(scene.bundle.mirror.snapshot()).toEqual(before);
};

const noTokens: Record<string, string>[] = [
  {},
  { token: '' },
  { token: 'dead' },
  { token: 'x'.repeat(10_000) },
  { token: 'key-1234' },
  { authorization: 'Bearer key-1234' },
];
const notLoggedIn: Refusal = { status: 401, detail: /Not logged in/ };
const keyBesideToken: Refusal = { status: 400, detail: /api_key: expected no key here/ };

describe('without asking LEIA,', () => {
  beforeAll(async () => {
    await stage.leia.hooks.resetCounts();
    return async () => expect(await stage.leia.hooks.requests()).toEqual([]);
  });

  it.each(guarded)(
    '$method $path wants a token; a key in its place, or beside a dead one, is none',
    async ({ method, target }) => {
      for (const headers of noTokens) await isRefused(owner, { method, target, headers }, notLoggedIn);
      const withKey = { method, target: `${target}?api_key=key-1234`, headers: { token: 'dead' } };
      await isRefused(owner, withKey, notLoggedIn);
    },
  );

  it.each(guarded)('$method $path refuses a key beside a token: it would go on to LEIA', async ({ method, target }) => {
    const { token } = owner.client;
    await isRefused(owner, { method, target: `${target}?api_key=key-1234`, headers: { token } }, keyBesideToken);
    await isRefused(owner, { method, target, headers: { token, api_key: 'key-1234' } }, keyBesideToken);
  });

  it.each(admins)('$method $path wants an admin', ({ method, target }) =>
    isRefused(
      stranger,
      { method, target, headers: { token: stranger.client.token } },
      { status: 401, detail: /Only applications of the type `admin`/ },
    ),
  );
});

describe('POST /login', () => {
  it.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['a number', '{"api_key":1}'],
    ['an empty key', '{"api_key":""}'],
    ['NUL', '{"api_key":"a\\u0000"}'],
    ['ten kilobytes', JSON.stringify({ api_key: 'x'.repeat(10_000) })],
    ['no JSON', 'api_key=key-1234'],
  ])('with %s is refused, and says nothing of what it got', async (_what, body) => {
    const { status, text } = await rawRequest(owner.bundle.baseUrl, { method: 'POST', target: '/login', body });
    expect([status, JSON.parse(text).detail]).toEqual([400, expect.stringMatching(/^(?:body|api_key): expected /)]);
    expect(text).not.toMatch(/key-1234|xxxxx/);
  });
  it('beside a token opens another', async () => {
    const headers = { token: owner.client.token };
    const sent = { method: 'POST', target: '/login', headers, body: '{"api_key":"key-1234"}' };
    expect((await rawRequest(owner.bundle.baseUrl, sent)).status).toBe(200);
  });
});

describe('the token of another application', () => {
  it.each(others.filter(({ path }) => path !== '/job'))('$method $path: 403 or 404', async ({ method, target }) => {
    const before = listedJobs(stranger);
    const { status, headers, text } = await send(stranger, {
      method,
      target,
      headers: { token: stranger.client.token },
    });
    expect([403, 404]).toContain(status);
    expect([headers['content-type'], text]).toEqual([
      'application/problem+json',
      expect.not.stringContaining(APPLICATION),
    ]);
    expect(listedJobs(stranger)).toEqual(before);
  });

  it('GET /job shows it nothing', async () => {
    const { status } = await send(stranger, {
      method: 'GET',
      target: '/job',
      headers: { token: stranger.client.token },
    });
    expect(status).toBe(404);
  });
});
