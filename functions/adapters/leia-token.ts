// LEIA's token of one application, shared by all calls of this container (D12). Logging in is single-flight; LEIA's
// token is never logged out.
import * as z from 'zod';
import { Application } from './access.ts';
import { answerOf, textOf, unavailable } from './leia-answers.ts';
import type { Answer } from './leia-api.ts';
import type { Exchange, LeiaRequest, Reply } from './leia-http.ts';
import { parseJson } from './leia-job.ts';

type Login = { token: string; application: Application };
export type Tokens = {
  /** Logs in, whatever is known; whoever asks meanwhile gets the same login. */
  fresh(): Promise<Answer<Login>>;
  /** The token in use, or a first one. */
  current(): Promise<Answer<string>>;
  /** A token newer than `stale`, which LEIA has refused. */
  renewed(stale: string): Promise<Answer<string>>;
  /** Whether LEIA said at the last login that this is an admin's key. */
  areAnAdmins(): boolean;
};

/** The `api_key` goes no further than this. */
export const ShownApplication = Application.transform(
  ({ api_key: _secret, ...application }): Application => application,
);

/** LEIA's answer to a login (contract §1.1). */
const LoginToken = z.object({
  token: z.string().regex(/^[\x21-\x7e]+$/),
  application: ShownApplication,
});

/** @param send one request to LEIA without a token, within a deadline of its own */
export const leiaTokens = (apiKey: string, send: (request: LeiaRequest) => Promise<Exchange>): Tokens => {
  let token: string | undefined;
  let isAdmin = false;
  let underWay: Promise<Answer<Login>> | undefined;

  const logIn = async (): Promise<Answer<Login>> => {
    const login = loginOf(await send(loginRequest(apiKey)));
    if (login.outcome !== 'found') return login;
    token = login.value.token;
    isAdmin = login.value.application.application_type === 'admin';
    return login;
  };
  const fresh = (): Promise<Answer<Login>> => {
    underWay ??= logIn().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  const known = async (): Promise<Answer<string>> => {
    if (token !== undefined) return { outcome: 'found', value: token };
    const login = await fresh();
    return login.outcome === 'found' ? { outcome: 'found', value: login.value.token } : login;
  };
  return {
    fresh,
    current: known,
    renewed: (stale) => {
      if (token === stale) token = undefined;
      return known();
    },
    areAnAdmins: () => isAdmin,
  };
};

const loginRequest = (apiKey: string): LeiaRequest => ({
  kind: 'login',
  method: 'POST',
  path: '/login',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ api_key: apiKey }),
});

/** `refused` only if LEIA refuses the key; a wrong address or a gateway's 403 says nothing about it. */
const loginOf = (exchange: Exchange): Answer<Login> => {
  const answer = answerOf(exchange, 200, (reply) => LoginToken.safeParse(parseJson(textOf(reply))).data);
  if (answer.outcome === 'refused' && !aboutTheKey.includes(answer.status)) {
    return unavailable({ cause: `LEIA answered a login with HTTP ${answer.status}` });
  }
  return answer.outcome === 'unavailable' && 'reply' in exchange && isDenial(exchange.reply)
    ? { ...answer, denied: true }
    : answer;
};

const aboutTheKey = [400, 403];
const isDenial = ({ status }: Reply): boolean => status === 401 || status === 403;
