// A call of LEIA with its token: one fresh login and one repetition on a 401, all within one deadline (D12).
import type { Answer } from './leia-api.ts';
import { type Deadline, inTime } from './leia-deadline.ts';
import { type Exchange, type Failure, type LeiaRequest, late } from './leia-http.ts';
import type { Send } from './leia-repeats.ts';
import type { Tokens } from './leia-token.ts';

/**
 * LEIA's 401 is about our key, and comes as a failure that is `denied`; as a reply only to a request `forAdmins` of an
 * application that is none by LEIA's last word. An admin's token may have ended twice.
 */
export type Call = (request: LeiaRequest) => Promise<Exchange>;

export const leiaCall = (send: Send, tokens: Tokens): Send => {
  return async (request, deadline) => {
    const token = await tokenIn(tokens.current(), deadline);
    if (typeof token !== 'string') return { failure: token };
    const first = await send(withToken(request, token), deadline);
    if (!isUnauthorized(first)) return first;
    const renewed = await tokenIn(tokens.renewed(token), deadline);
    if (typeof renewed !== 'string') return { failure: renewed };
    // A 401 means that LEIA did not take the request: this is no second attempt, whatever the method.
    const second = await send(withToken(request, renewed), deadline);
    const isForOthers = request.forAdmins && !tokens.areAnAdmins();
    return isUnauthorized(second) && !isForOthers
      ? { failure: denied('LEIA answers 401 right after a login') }
      : second;
  };
};

const withToken = (request: LeiaRequest, token: string): LeiaRequest => ({
  ...request,
  headers: { ...request.headers, token },
});

const isUnauthorized = (exchange: Exchange): boolean => 'reply' in exchange && exchange.reply.status === 401;

/** The token, or why the request cannot be sent. */
const tokenIn = async (login: Promise<Answer<string>>, deadline: Deadline): Promise<string | Failure> => {
  const answer = await inTime(login, deadline);
  if (answer === undefined) return late(false);
  if (answer.outcome === 'found') return answer.value;
  if (answer.outcome === 'refused') return denied(`LEIA refuses our key (HTTP ${answer.status} at login)`);
  if (answer.denied) return denied(`At login: ${answer.cause}`);
  const { outcome: _outcome, denied: _denied, ...why } = answer;
  return { ...why, reason: 'unreached', sent: false, cause: `At login: ${why.cause}` };
};

const denied = (cause: string): Failure => ({ reason: 'denied', sent: false, denied: true, cause });
