// A request and a reply as handlers know them: nothing of API Gateway in them.
import type { Application, Session } from '../adapters/access.ts';

/** Who calls, once the token is checked. `tokenHash` names the session. */
export type Caller = { application: Application; session: Session; tokenHash: string };

export type HttpRequest = {
  method: string;
  /** Decoded, slashes collapsed, with the base path. */
  path: string;
  /** Path parameters of the route, decoded. */
  params: Record<string, string>;
  /** Query with repeated keys; `+` and `%20` are blanks. */
  query: URLSearchParams;
  rawQuery: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Undecoded bytes; empty when there was no body. */
  body: Uint8Array;
  requestId: string;
};
/** A request to a route that is not public. */
export type CallerRequest = HttpRequest & { caller: Caller };

export type HttpReply = {
  status: number;
  headers?: Record<string, string>;
  /** Text goes out as it is; bytes as base64 through API Gateway. */
  body?: string | Uint8Array;
};
