// API Gateway's HTTP API, payload format 2.0, and our requests and replies: the only place that knows both.
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { BadInput } from '../jobs/bad-input.ts';
import type { HttpReply, HttpRequest } from './request.ts';

const HttpEvent = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string().optional()).default({}),
  pathParameters: z.record(z.string(), z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({ requestId: z.string(), http: z.object({ method: z.string() }) }),
});

/**
 * The path as routes know it: decoded, no doubled slash (contract §0.1), none at the end.
 * `rawPath` comes decoded except for `%25`, so one decoding completes it. It follows that an encoded slash is a slash
 * like any other: it cannot smuggle a segment past the routes, and no id of ours or LEIA's contains one.
 * @throws BadInput for what no id or name may contain, `.` and `..` as segments included.
 */
export const cleanPath = (rawPath: string): string => {
  const path = `/${decoded(rawPath)}`.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  if (/\p{Cc}/u.test(path) || !path.isWellFormed()) throw new BadInput('path', 'no control or broken characters');
  if (/\/\.{1,2}(?:\/|$)/.test(path)) throw new BadInput('path', 'no segment `.` or `..`');
  return path;
};

const decoded = (rawPath: string): string => {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    throw new BadInput('path', 'percent-encoded UTF-8');
  }
};

/** The event with its path clean where the router looks for it, and without API Gateway's idea of parameters. */
export const withCleanPath = (event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 => {
  const { pathParameters: _theirs, ...rest } = event;
  const { requestContext } = event;
  const http = { ...requestContext.http, path: cleanPath(event.rawPath) };
  return { ...rest, version: '2.0', requestContext: { ...requestContext, http } };
};

/** The request in an event that has been through `withCleanPath` and the router. */
export const requestOf = (event: APIGatewayProxyEventV2): HttpRequest => {
  const parsed = HttpEvent.parse(event);
  const { rawQueryString, requestContext, isBase64Encoded } = parsed;
  return {
    method: requestContext.http.method,
    path: event.requestContext.http.path,
    params: { ...parsed.pathParameters },
    query: new URLSearchParams(rawQueryString),
    rawQuery: rawQueryString,
    headers: lowerCase(parsed.headers),
    body: Buffer.from(parsed.body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
    requestId: requestContext.requestId,
  };
};

const lowerCase = (headers: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value ?? '']));

export const gatewayReply = ({ status, headers = {}, body }: HttpReply): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers,
  ...(body === undefined ? {} : typeof body === 'string' ? { body } : base64(body)),
});

const base64 = (body: Uint8Array) => ({ body: Buffer.from(body).toString('base64'), isBase64Encoded: true });
