// session – opens and closes tokens, and says who holds one (contract §1, D9); and what this API is.
import type { Access, Application } from './adapters/access.ts';
import type { Answer, LeiaForKey } from './adapters/leia-api.ts';
import { BadInput } from './jobs/bad-input.ts';
import { textOf } from './jobs/inputs.ts';
import { jsonObjectOf } from './jobs/json-body.ts';
import { sha256 } from './runtime/hash.ts';
import { httpFunction } from './runtime/http.ts';
import { leiaUnavailable, Problem } from './runtime/problem.ts';
import type { CallerRequest, HttpReply, HttpRequest } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { sessionDeps } from './runtime/wiring.ts';

export type SessionDeps = {
  access: Pick<Access, 'openSession' | 'closeSession' | 'saveApplication' | 'application' | 'applicationIdOfKey'>;
  leiaForKey: LeiaForKey;
  /** Epoch milliseconds. */
  now: () => number;
  /** 32 random bytes as URL-safe text. */
  randomToken: () => string;
  sessionSeconds: number;
  count: (metric: 'LeiaDenied' | 'LeiaUnavailable') => void;
  warn: (message: string, about: Record<string, string>) => void;
};

/** `POST /login` */
export const logInByBody = async ({ body }: HttpRequest, deps: SessionDeps): Promise<HttpReply> => {
  const { api_key } = jsonObjectOf('body', body);
  if (typeof api_key !== 'string') throw new BadInput('api_key', 'a string');
  return logIn(textOf('api_key', api_key), deps);
};

/** `GET /login/{api_key}`: deprecated, still in use (contract §1.1). */
export const logInByPath = async ({ params }: HttpRequest, deps: SessionDeps): Promise<HttpReply> =>
  logIn(textOf('api_key', params.api_key ?? ''), deps);

/** `GET /whoami`: as LEIA told us at the last login. */
export const whoAmI = async ({ caller }: CallerRequest): Promise<HttpReply> => json(shown(caller.application));

/** `GET /logout` ends this token, and no other of the application. LEIA's own token stays (D9). */
export const logOut = async ({ caller }: CallerRequest, deps: SessionDeps): Promise<HttpReply> => {
  await deps.access.closeSession(caller.tokenHash);
  return { status: 204 };
};

/** `GET /health`: that we are here; LEIA's health is LEIA's to tell. */
export const health = async (): Promise<HttpReply> => json({ status: 'ok' });

/** `GET /openapi.json`: an addition to LEIA's API, written by `npm run openapi`. */
export const describe = async (): Promise<HttpReply> => {
  const { apiDescription } = await import('#api-description');
  return { status: 200, headers: { 'content-type': 'application/json' }, body: apiDescription };
};

/** Keys are found by their hash: how long that takes says nothing about any key. */
const logIn = async (apiKey: string, deps: SessionDeps): Promise<HttpReply> => {
  const keyHash = sha256(apiKey);
  const leia = await deps.leiaForKey(keyHash);
  if (!leia) throw new Problem(403, 'Bad API key');
  const application = await applicationOf(await leia.login(), keyHash, deps);
  const token = deps.randomToken();
  await deps.access.openSession(sha256(token), {
    application_id: application.id,
    key_hash: keyHash,
    expires_at: Math.floor(deps.now() / 1000) + deps.sessionSeconds,
  });
  return json({ token, application: shown(application) });
};

/** LEIA's word on the application; while LEIA is away, its last word. A key that LEIA refuses is not the client's fault. */
const applicationOf = async (login: Answer<Application>, keyHash: string, deps: SessionDeps): Promise<Application> => {
  if (login.outcome === 'found') {
    await deps.access.saveApplication(login.value, keyHash);
    return login.value;
  }
  const denied = login.outcome === 'refused' || login.denied === true;
  const cause = login.outcome === 'refused' ? `HTTP ${login.status}` : login.cause;
  deps.count(denied ? 'LeiaDenied' : 'LeiaUnavailable');
  deps.warn(denied ? 'LEIA refuses our key' : 'LEIA does not answer a login', {
    key_hash: keyHash.slice(0, 12),
    cause,
  });
  const id = denied ? undefined : await deps.access.applicationIdOfKey(keyHash);
  const known = id === undefined ? undefined : await deps.access.application(id);
  if (!known) throw leiaUnavailable(login.outcome === 'unavailable' ? login.retryAfterSeconds : undefined);
  return known;
};

const shown = ({ api_key: _secret, ...application }: Application): Application => application;

const json = (value: unknown): HttpReply => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});

export const sessionRoutes = {
  'POST /login': logInByBody,
  'GET /login/{api_key}': logInByPath,
  'GET /whoami': whoAmI,
  'GET /logout': logOut,
  'GET /health': health,
  'GET /openapi.json': describe,
};

export const handler = wired(() => httpFunction('session', sessionRoutes, sessionDeps()));
