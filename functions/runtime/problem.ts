// The errors that a caller may see, each with its status; one place maps them to problem+json (contract §1.5).
import { STATUS_CODES } from 'node:http';
import type { HttpReply } from './request.ts';

/** An answer other than success, thrown where the caller cannot mend it any more. `detail` names field and expectation. */
export class Problem extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.headers = headers;
  }
}

export const notLoggedIn = () =>
  new Problem(401, 'Not logged in: send a valid token in the header `token` (POST /login gives one)');
/** contract §8 row 18: 401, not 403. */
export const adminsOnly = () => new Problem(401, 'Only applications of the type `admin` may use this path');
export const notYours = (what: string) => new Problem(403, `${what} belongs to another application`);
export const notFound = (detail: string) => new Problem(404, detail);
/** LEIA is needed for this answer and does not give it. */
export const leiaUnavailable = (retryAfterSeconds = 5) =>
  new Problem(503, 'LEIA cannot be reached at the moment; try again later', {
    'retry-after': String(retryAfterSeconds),
  });

export const problemReply = (status: number, detail: string, headers: Record<string, string> = {}): HttpReply => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail }),
});
