// A request passed on to LEIA, and its reply passed back, both unread (D13).
import { strangeReply, unavailable } from './leia-answers.ts';
import type { RawReply, RawRequest, Unavailable } from './leia-api.ts';
import type { Exchange, LeiaRequest } from './leia-http.ts';

/** Everything else stays behind: our token, what names our host or the client's address, what belongs to a connection. */
const requestHeaders = [
  'accept',
  'accept-language',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
];
/** Length and encoding are those of the bytes that we send; a Location would lead the client, with our token, to LEIA. */
const replyHeaders = [
  'accept-range',
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-language',
  'content-range',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'retry-after',
];
const headerText = /^[\t\x20-\x7e\x80-\xff]*$/;

export const passedRequest = ({ method, path, query, headers, body }: RawRequest): LeiaRequest => {
  const kept = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const wanted = kept.filter(([name, value]) => requestHeaders.includes(name) && headerText.test(value));
  const bodiless = method === 'GET' || method === 'HEAD' || body === undefined || body.byteLength === 0;
  return {
    kind: 'pass',
    method,
    path,
    query,
    headers: { accept: '*/*', ...Object.fromEntries(wanted) },
    ...(bodiless ? {} : { body }),
  };
};

/** LEIA's errors pass unchanged; a redirect is none of LEIA's answers, and is not followed. */
export const passedReply = (exchange: Exchange): RawReply | Unavailable => {
  if ('failure' in exchange) return unavailable(exchange.failure);
  const { status, headers, body } = exchange.reply;
  if (status >= 300 && status <= 399 && status !== 304) return unavailable(strangeReply(exchange.reply));
  const kept = replyHeaders.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status, headers: Object.fromEntries(kept), body };
};
