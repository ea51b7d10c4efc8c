// A request and a reply as handlers know them: nothing of API Gateway in them.
import type { Application, Session } from '../adapters/access.ts';

/** Who calls. `tokenHash` names the session. */
export type Caller = {
  application: Application;
  session: Session;
  tokenHash: string;
  /**
   * Only on routes that are `early`: the table is still asked whether the token lives. Rejects with what the caller is to
   * hear if it does not; nothing that shows may be done before.
   */
  proof?: Promise<void>;
};

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
