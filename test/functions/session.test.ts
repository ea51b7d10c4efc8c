import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Application } from '../../functions/adapters/access.ts';
import type { Answer, Leia } from '../../functions/adapters/leia-api.ts';
import { authentication } from '../../functions/runtime/authentication.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { httpFunction } from '../../functions/runtime/http.ts';
import { logger } from '../../functions/runtime/log.ts';
import { sessionRoutes } from '../../functions/session.ts';
import { API_KEY, anApplication } from '../support/callers.ts';
import { type Answer as HttpAnswer, send } from '../support/gateway.ts';
import { APPLICATION, seconds, T0 } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';

vi.spyOn(logger, 'info').mockReturnValue();

const OTHER_KEY = 'another-key';
const sessionSeconds = 3600;

const world = () => {
  const access = memoryAccess();
  const state = {
    now: T0,
    keys: new Set([API_KEY, OTHER_KEY].map(sha256)),
    leia: { outcome: 'found', value: anApplication({ api_key: 'leia-key' }) } as Answer<Application>,
  };
  const logins = vi.fn(async () => state.leia);
  const count = vi.fn();
  const warn = vi.fn();
  const secrets = { keyByHash: async (hash: string) => (state.keys.has(hash) ? {} : undefined) };
  const deps = {
    access,
    leiaForKey: async (hash: string) =>
      state.keys.has(hash) ? ({ login: logins } as Partial<Leia> as Leia) : undefined,
    now: () => state.now,
    randomToken: () => randomBytes(32).toString('base64url'),
    sessionSeconds,
    count,
    warn,
    authenticate: authentication({ access, secrets, now: () => state.now, sessionSeconds }),
  };
  const lambda = httpFunction('session', sessionRoutes, deps);
  const get = (path: string, token?: string) =>
    send(lambda, { path: `/leia/1.0.0${path}`, headers: token === undefined ? {} : { token } });
  const logIn = (body: unknown = { api_key: API_KEY }) =>
    send(lambda, {
      method: 'POST',
      path: '/leia/1.0.0/login',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { access, state, logins, count, warn, get, logIn };
};

const unavailable: Answer<Application> = { outcome: 'unavailable', cause: 'connection refused', retryAfterSeconds: 7 };
const tokenIn = (answer: HttpAnswer): string => String(answer.json().token);

let { access, state, logins, count, warn, get, logIn }: ReturnType<typeof world> = world();
beforeEach(() => {
  ({ access, state, logins, count, warn, get, logIn } = world());
});

describe('logging in', () => {
  it('gives a token and the application, whose key nobody sees', async () => {
    const answer = await logIn();
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ token: expect.stringMatching(/^[\w-]{43}$/), application: anApplication() });
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  });

  it('works by the deprecated path, too', async () => {
    const answer = await get(`/login/${API_KEY}`);
    expect(answer.status).toBe(200);
    expect((await get('/whoami', tokenIn(answer))).status).toBe(200);
  });

  it('gives each time another token, and all of them hold', async () => {
    const tokens = [tokenIn(await logIn()), tokenIn(await logIn())];
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect((await get('/whoami', token)).status).toBe(200);
  });

  it('stores no token, only its hash', async () => {
    const open = vi.spyOn(access, 'openSession');
    const token = tokenIn(await logIn());
    expect(open).toHaveBeenCalledWith(sha256(token), {
      application_id: APPLICATION,
      key_hash: sha256(API_KEY),
      expires_at: T0 / 1000 + sessionSeconds,
    });
  });

  it('is refused with 403 for a key that is not in the secret, and LEIA hears nothing of it', async () => {
    expect((await logIn({ api_key: 'guess' })).json()).toMatchObject({ status: 403, detail: 'Bad API key' });
    expect((await get('/login/guess')).status).toBe(403);
    expect(logins).not.toHaveBeenCalled();
  });

  it.each([
    [{}, /^api_key: expected a string/],
    [{ api_key: 1 }, /^api_key: expected a string/],
    [{ api_key: '' }, /^api_key: expected 1 to 255/],
    [{ api_key: 'a\0' }, /^body: expected text without NUL/],
    ['', /^api_key: expected a string/],
    ['not json', /^body: expected JSON/],
  ])('is bad input with %j', async (body, detail) =>
    expect((await logIn(body)).json()).toMatchObject({ status: 400, detail: expect.stringMatching(detail) }),
  );
});

describe('logging in while LEIA is away', () => {
  it('works for an application that we know', async () => {
    await logIn();
    state.leia = unavailable;
    const answer = await logIn();
    expect(answer.json()).toMatchObject({ application: anApplication() });
    expect((await get('/whoami', tokenIn(answer))).status).toBe(200);
    expect(count).toHaveBeenCalledWith('LeiaUnavailable');
  });

  it('is a 503 for one that we do not', async () => {
    state.leia = unavailable;
    expect(await logIn()).toMatchObject({ status: 503, headers: { 'retry-after': '7' } });
  });

  it('does not make one key the application of another', async () => {
    await logIn();
    state.leia = unavailable;
    expect((await logIn({ api_key: OTHER_KEY })).status).toBe(503);
  });
});

describe('when LEIA refuses our key', () => {
  it.each<Answer<Application>>([
    { outcome: 'refused', status: 403, detail: 'Bad API key' },
    { outcome: 'unavailable', cause: 'HTTP 401', denied: true },
  ])('it is never the fault of the client: 503, and an alarm (%j)', async (refusal) => {
    await logIn();
    state.leia = refusal;
    expect((await logIn()).status).toBe(503);
    expect(count).toHaveBeenCalledWith('LeiaDenied');
    expect(JSON.stringify(warn.mock.calls)).not.toContain(API_KEY);
  });
});

describe('a session', () => {
  it('tells who holds it, as LEIA told us last', async () => {
    const token = tokenIn(await logIn());
    expect((await get('/whoami', token)).json()).toEqual(anApplication());
    state.leia = { outcome: 'found', value: anApplication({ first_name: 'New' }) };
    await logIn();
    expect((await get('/whoami', token)).json()).toEqual(anApplication({ first_name: 'New' }));
  });

  it('ends at logout, and no other with it', async () => {
    const [token, other] = [tokenIn(await logIn()), tokenIn(await logIn())];
    expect(await get('/logout', token)).toMatchObject({ status: 204, text: '' });
    expect((await get('/whoami', token)).status).toBe(401);
    expect((await get('/logout', token)).status).toBe(401);
    expect((await get('/whoami', other)).status).toBe(200);
  });

  it('ends when nobody used it for its whole life', async () => {
    const token = tokenIn(await logIn());
    state.now += seconds(sessionSeconds);
    expect((await get('/whoami', token)).status).toBe(401);
  });

  it('of an active client never ends: it asks every five minutes, as Python does, for ten days', async () => {
    const token = tokenIn(await logIn());
    for (let asked = 0; asked < 10 * 24 * 12; asked += 1) {
      state.now += seconds(300);
      const { status } = await get('/whoami', token);
      if (status !== 200) expect(`${status} after ${(asked + 1) * 300} seconds`).toBe(200);
    }
    expect(logins).toHaveBeenCalledTimes(1);
  });

  it('ends with its key', async () => {
    const token = tokenIn(await logIn());
    state.keys.delete(sha256(API_KEY));
    expect((await get('/whoami', token)).status).toBe(401);
  });

  it.each(['/whoami', '/logout'])('%s needs a token', async (path) => {
    expect((await get(path)).status).toBe(401);
    expect((await get(path, 'dead')).status).toBe(401);
  });
});

describe('health', () => {
  it('is ours, and asks nobody', async () => {
    state.leia = unavailable;
    expect((await get('/health')).json()).toEqual({ status: 'ok' });
    expect(logins).not.toHaveBeenCalled();
  });
});
