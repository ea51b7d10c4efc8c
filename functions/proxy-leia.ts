// proxy-leia – what carries no job goes to LEIA and back as it is (D13).
import type { Access } from './adapters/access.ts';
import type { LeiaForKey, RawReply } from './adapters/leia-api.ts';
import { withoutApiKeys } from './runtime/api-keys.ts';
import { httpFunction } from './runtime/http.ts';
import { leiaUnavailable, notLoggedIn, Problem } from './runtime/problem.ts';
import type { CallerRequest, HttpReply } from './runtime/request.ts';
import { basePath } from './runtime/routes.ts';
import { wired } from './runtime/wired.ts';
import { proxyDeps } from './runtime/wiring.ts';

export type ProxyDeps = {
  access: Pick<Access, 'keyHashOf'>;
  leiaForKey: LeiaForKey;
  count: (metric: 'LeiaDenied' | 'LeiaUnavailable') => void;
  warn: (message: string, about: Record<string, string>) => void;
};

/** A Lambda function is called with at most 6 MB and answers with at most 6 MB, of which base64 leaves 4.5. */
const MAX_REQUEST_BYTES = 6_000_000;
const MAX_REPLY_BYTES = 4_500_000;

/** Every route of this function. Our token stays here: the adapter passes on the headers that it knows, and LEIA's token. */
export const passOn = async (request: CallerRequest, deps: ProxyDeps): Promise<HttpReply> => {
  await refuseCutOff(request, deps);
  if (request.body.byteLength > MAX_REQUEST_BYTES) throw tooLarge(413, 'request', '6 MB');
  const leia = await deps.leiaForKey(request.caller.session.key_hash);
  if (!leia) throw notLoggedIn();
  const { method, rawQuery: query, headers, body } = request;
  const answer = await leia.pass({ method, path: pathAtLeia(request.path), query, headers, body });
  if ('outcome' in answer) {
    deps.count(answer.denied ? 'LeiaDenied' : 'LeiaUnavailable');
    deps.warn(answer.denied ? 'LEIA refuses our key' : 'LEIA does not answer', { cause: answer.cause });
    throw leiaUnavailable(answer.retryAfterSeconds);
  }
  if (answer.body.byteLength > MAX_REPLY_BYTES) throw tooLarge(502, 'reply', '4.5 MB');
  return replyOf(answer, isContents(request.path));
};

/**
 * What would end an API key that the bundle goes to LEIA with. A new key would be of no use here, either: no answer
 * shows one.
 */
const refuseCutOff = async ({ method, path, params }: CallerRequest, deps: ProxyDeps): Promise<void> => {
  const id = params.application_id ?? '';
  const application = `${basePath}/admin/application/${id}`;
  if (path === `${application}/reset_api_key`) throw new Problem(403, resetElsewhere);
  if (method !== 'DELETE' || path !== application) return;
  const keyHash = await deps.access.keyHashOf(id);
  const isServed = keyHash !== undefined && (await deps.leiaForKey(keyHash)) !== undefined;
  if (isServed)
    throw new Problem(403, `Application ${id} is served here: take its key out of the bundle's secret first`);
};

const resetElsewhere =
  'This bundle goes to LEIA with the API keys of its secret: reset a key at LEIA directly, then put the new one into the secret';

/** Each segment is encoded anew: whatever a client wrote, it is one segment to LEIA. */
const pathAtLeia = (path: string): string => path.slice(basePath.length).split('/').map(encodeURIComponent).join('/');

/** Somebody's documents, whatever they contain, pass untouched. */
const isContents = (path: string): boolean => /\/(?:file_contents|zip)$/.test(path);

const replyOf = ({ status, headers, body }: RawReply, untouched: boolean): HttpReply => ({
  status,
  headers,
  ...(body.byteLength === 0 ? {} : { body: untouched ? body : withoutApiKeys(body) }),
});

const tooLarge = (status: 413 | 502, what: string, limit: string): Problem =>
  new Problem(
    status,
    `The ${what} is larger than the ${limit} that pass through here; ask LEIA directly for larger documents`,
  );

export const handler = wired(() => httpFunction('proxy-leia', passOn, proxyDeps()));
