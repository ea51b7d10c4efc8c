// Events of API Gateway's HTTP API (payload 2.0) for tests, and the answers of functions to them.
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { HttpLambda } from '../../functions/runtime/http.ts';

export const REQUEST_ID = 'request-1';

export type Sent = {
  method?: string;
  /** As `rawPath` says it: decoded except for `%25`. */
  path: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
};

export const gatewayEvent = ({
  method = 'GET',
  path,
  query = '',
  headers = {},
  body,
}: Sent): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: query,
  headers,
  requestContext: {
    accountId: '000000000000',
    apiId: 'api',
    domainName: 'api.example.test',
    domainPrefix: 'api',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
    requestId: REQUEST_ID,
    routeKey: '$default',
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: Date.parse('2026-01-01T00:00:00Z'),
  },
  ...(typeof body === 'string' ? { body } : body ? { body: Buffer.from(body).toString('base64') } : {}),
  isBase64Encoded: body !== undefined && typeof body !== 'string',
});

export const lambdaContext = (): Context => ({
  awsRequestId: 'invocation-1',
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'function',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:function',
  logGroupName: 'group',
  logStreamName: 'stream',
  memoryLimitInMB: '128',
  getRemainingTimeInMillis: () => 30_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
});

/** What Lambda takes and gives at once, in bytes of JSON. */
const LAMBDA_LIMIT = 6 * 1024 * 1024;

const tooLarge = (value: object): boolean => Buffer.byteLength(JSON.stringify(value)) > LAMBDA_LIMIT;

const gatewaySays = (statusCode: number, message: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
});

/** The function behind API Gateway, which answers itself where Lambda would not carry the request or the reply. */
export const withinLimits =
  (lambda: HttpLambda): HttpLambda =>
  async (event, context) => {
    if (tooLarge(event)) return gatewaySays(413, 'Request Too Long');
    const reply = await lambda(event, context);
    return tooLarge(reply) ? gatewaySays(500, 'Internal Server Error') : reply;
  };

export type Answer = {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  json: () => Record<string, unknown>;
};

const answerOf = ({ statusCode, headers, body, isBase64Encoded }: APIGatewayProxyStructuredResultV2): Answer => {
  const text = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8').toString();
  return { status: statusCode ?? 0, headers: headers ?? {}, text, json: () => JSON.parse(text) };
};

/** One handler for every route of read-jobs. */
export const readHandlers = <H>(handler: H) => ({
  'GET /job': handler,
  'GET /job/{job_id}': handler,
  'GET /job/{job_ids}/status': handler,
  'GET /admin/job': handler,
  'GET /admin/{submitter_id}/job/{job_id}': handler,
  'GET /admin/{submitter_id}/job/{job_ids}/status': handler,
});

/** Sends a request to a function as API Gateway would. */
export const send = async (lambda: HttpLambda, sent: Sent): Promise<Answer> =>
  answerOf(await lambda(gatewayEvent(sent), lambdaContext()));
