// A few repeats of what may safely be repeated, within the caller's deadline and a budget (D12).
import { retryAfterOf } from './leia-answers.ts';
import type { Deadline, Timer } from './leia-deadline.ts';
import type { Exchange, Http, LeiaRequest } from './leia-http.ts';

export type Send = (request: LeiaRequest, deadline: Deadline) => Promise<Exchange>;

const mostRepeats = 2;
const firstDelayMillis = 100;
/** Repeats that a client has in hand; each answer earns a tenth of one, so that a LEIA in trouble is asked little more. */
const budgetSize = 10;
const earnedByAnswer = 0.1;

/** `http` that repeats a GET, HEAD or login after a cut connection, a 429 or a 503 – never a submission. */
export const withRepeats = (http: Http, timer: Timer): Send => {
  let budget = budgetSize;
  return async (request, deadline) => {
    for (let repeats = 0; ; repeats += 1) {
      const exchange = await http(request, deadline.signal);
      if (!isPassing(exchange)) {
        budget = Math.min(budgetSize, budget + earnedByAnswer);
        return exchange;
      }
      const delay = delayOf(exchange, timer.random() * firstDelayMillis * 2 ** repeats);
      if (!isRepeatable(request) || repeats === mostRepeats || budget < 1 || delay >= deadline.millisLeft())
        return exchange;
      budget -= 1;
      await timer.pause(delay);
    }
  };
};

const isRepeatable = ({ method, kind }: LeiaRequest): boolean =>
  method === 'GET' || method === 'HEAD' || kind === 'login';

const isPassing = (exchange: Exchange): boolean =>
  'failure' in exchange ? exchange.failure.reason === 'cut' : [429, 503].includes(exchange.reply.status);

const delayOf = (exchange: Exchange, jitter: number): number =>
  'reply' in exchange ? (retryAfterOf(exchange.reply) ?? 0) * 1000 + jitter : jitter;
