import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Functions } from '../../functions/adapters/functions.ts';
import { rerouteRequest } from '../../functions/reroute-request.ts';
import { httpFunction, lambda } from '../../functions/runtime/http.ts';
import { logger } from '../../functions/runtime/log.ts';
import type { HttpFunction } from '../../functions/runtime/routes.ts';
import { aCaller } from '../support/callers.ts';
import { gatewayEvent, lambdaContext, readHandlers, type Sent, send } from '../support/gateway.ts';
import { id } from '../support/jobs.ts';

vi.hoisted(() => vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true'));
vi.spyOn(logger, 'info').mockReturnValue();
vi.spyOn(logger, 'error').mockReturnValue();

const asked: { name: HttpFunction; event: APIGatewayProxyEventV2 }[] = [];
beforeEach(() => {
  asked.length = 0;
});

const functions: Functions = {
  answer: async (name, event) => {
    asked.push({ name, event });
    return { statusCode: 200, body: name };
  },
};
const reroute = (sent: Sent, deps = { functions }) =>
  send(
    lambda((event) => rerouteRequest(event, deps)),
    sent,
  );

describe('a doubled slash', () => {
  it.each([
    ['GET', '//leia/1.0.0/job', 'read-jobs'],
    ['GET', '/leia/1.0.0//job/a,b/status', 'read-jobs'],
    ['POST', '/leia/1.0.0//model/m/apply/d', 'submit-job'],
    ['DELETE', '/leia//1.0.0/job/507f', 'control-job'],
    ['POST', '/leia/1.0.0//login', 'session'],
    ['POST', '/leia/1.0.0//admin/507f/job/conditional/508f', 'submit-job'],
    ['GET', '/leia/1.0.0/document//tag', 'proxy-leia'],
    ['POST', '//callbacks/507f/mac', 'receive-callback'],
  ])('%s %s is answered by the function of the clean path', async (method, path, name) => {
    expect((await reroute({ method, path })).text).toBe(name);
    expect(asked.map((one) => one.name)).toEqual([name]);
  });

  it('is gone from what that function gets; all else is there', async () => {
    const sent = { method: 'POST', query: 'tag=a&tag=b', headers: { token: 't' }, body: '{}' };
    await reroute({ ...sent, path: '/leia/1.0.0//model/m%2525/apply/d,e' });
    const path = '/leia/1.0.0/model/m%2525/apply/d,e';
    const original = gatewayEvent({ ...sent, path });
    const routeKey = 'POST /leia/1.0.0/model/{model_id}/apply/{document_ids}';
    const http = { ...original.requestContext.http, path: '/leia/1.0.0/model/m%25/apply/d,e' };
    expect(asked[0]?.event).toEqual({
      ...original,
      routeKey,
      requestContext: { ...original.requestContext, routeKey, http },
    });
  });

  it('makes no difference to the answer, a missing token included', async () => {
    const handler = async ({ params }: { params: Record<string, string> }) => ({
      status: 200,
      body: String(params.job_id),
    });
    const authenticate = async (token: string) => (token === 'good' ? aCaller() : undefined);
    const readJobs = httpFunction('read-jobs', readHandlers(handler), { authenticate });
    const deps = {
      functions: {
        answer: async (_name: HttpFunction, event: APIGatewayProxyEventV2) => readJobs(event, lambdaContext()),
      },
    };
    const path = `/leia/1.0.0//job/${id(1)}`;
    expect(await reroute({ path, headers: { token: 'good' } }, deps)).toMatchObject({ status: 200, text: id(1) });
    expect((await reroute({ path }, deps)).status).toBe(401);
  });
});

describe('what nobody serves', () => {
  it.each(['PATCH', 'OPTIONS', 'PUT'])('with the method %s is a 405 that tells the others', async (method) =>
    expect(await reroute({ method, path: `/leia/1.0.0/job/${id(1)}` })).toMatchObject({
      status: 405,
      headers: { allow: 'DELETE, GET, HEAD' },
    }),
  );

  it.each(['/', '/leia/1.0.0', '/leia/1.0.0/jobs', '/job', '/leia/1.0.0/callbacks/507f/mac', '/favicon.ico'])(
    'at %s is a 404',
    async (path) => expect((await reroute({ path })).json()).toMatchObject({ status: 404, title: 'Not Found' }),
  );

  it.each(['/%00', '/leia/1.0.0//job/../login'])('at %s is a 400', async (path) =>
    expect((await reroute({ path })).json()).toMatchObject({ status: 400, detail: expect.stringMatching(/^path: /) }),
  );

  it('is asked of no function', async () => {
    await reroute({ path: '/leia/1.0.0/nothing' });
    expect(asked).toEqual([]);
  });
});

describe('a function that fails', () => {
  it('is a 500 that tells nothing of it', async () => {
    const broken: Functions = { answer: () => Promise.reject(new Error('arn:aws:lambda:secret')) };
    const answer = await reroute({ path: '/leia/1.0.0//job' }, { functions: broken });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('arn:');
  });
});
