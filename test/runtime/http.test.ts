import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { BadInput } from '../../functions/jobs/bad-input.ts';
import { type Handlers, httpFunction } from '../../functions/runtime/http.ts';
import { logger } from '../../functions/runtime/log.ts';
import { notLoggedIn, Problem } from '../../functions/runtime/problem.ts';
import type { Caller, HttpReply } from '../../functions/runtime/request.ts';
import { aCaller, anApplication } from '../support/callers.ts';
import { gatewayEvent, lambdaContext, REQUEST_ID, readHandlers, send } from '../support/gateway.ts';
import { id } from '../support/jobs.ts';

vi.hoisted(() => vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true'));
const logged = vi.spyOn(logger, 'error').mockReturnValue();
beforeEach(() => void vi.spyOn(logger, 'info').mockReturnValue());
afterEach(() => logged.mockClear());

const caller = aCaller();
const authenticate = async (token: string): Promise<Caller | undefined> => (token === 'good' ? caller : undefined);
const ok = async (): Promise<HttpReply> => ({ status: 200, body: '{}' });

type ReadHandlers = Handlers<'read-jobs', object>;
const readJobs = (handlers: Partial<ReadHandlers>, deps: object = {}) =>
  httpFunction('read-jobs', { ...readHandlers(ok), ...handlers }, { authenticate, ...deps });
const token = { token: 'good' };
const jobs = '/leia/1.0.0/job';

describe('a function at the HTTP edge', () => {
  it('hands a request to the handler of its route, with parameters, caller and deps', async () => {
    const getJob = vi.fn(ok);
    const answer = await send(readJobs({ 'GET /job/{job_id}': getJob }, { mirror: 'm' }), {
      path: `${jobs}/${id(1)}`,
      headers: token,
    });
    expect(answer.status).toBe(200);
    expect(getJob).toHaveBeenCalledWith(
      expect.objectContaining({ params: { job_id: id(1) }, caller, method: 'GET', requestId: REQUEST_ID }),
      expect.objectContaining({ mirror: 'm' }),
    );
  });

  it.each(['//leia/1.0.0/job', '/leia/1.0.0//job', '/leia//1.0.0/job/', '/leia/1.0.0/%6Aob'])(
    'serves %s as /job',
    async (path) => expect((await send(readJobs({}), { path, headers: token })).status).toBe(200),
  );

  it('splits no list before it is decoded', async () => {
    const statuses = vi.fn(ok);
    const read = readJobs({ 'GET /job/{job_ids}/status': statuses });
    await send(read, { path: `${jobs}/a,b/status`, headers: token });
    await send(read, { path: `${jobs}/a%2Cb/status`, headers: token });
    const params = expect.objectContaining({ params: { job_ids: 'a,b' } });
    expect(statuses.mock.calls).toEqual([
      [params, expect.anything()],
      [params, expect.anything()],
    ]);
  });

  it('sends bytes as they are', async () => {
    const bytes = async (): Promise<HttpReply> => ({ status: 200, body: Buffer.from('bytes') });
    expect((await send(readJobs({ 'GET /job': bytes }), { path: jobs, headers: token })).text).toBe('bytes');
  });
});

describe('a HEAD', () => {
  it('is served by the handler of the GET, and has its headers alone', async () => {
    const handler = async (): Promise<HttpReply> => ({ status: 200, headers: { age: '1' }, body: Buffer.from('{}') });
    const read = readJobs({ 'GET /job/{job_id}': handler });
    const answer = await read(
      gatewayEvent({ method: 'HEAD', path: `${jobs}/${id(1)}`, headers: token }),
      lambdaContext(),
    );
    expect(answer).toEqual({ statusCode: 200, headers: { age: '1' } });
  });

  it('that is refused has no body, either', async () => {
    const answer = await send(readJobs({}), { method: 'HEAD', path: jobs });
    expect(answer).toMatchObject({ status: 401, text: '', headers: { 'content-type': 'application/problem+json' } });
  });
});

describe('who may in', () => {
  it.each([{}, { token: '' }, { token: 'dead' }, { authorization: 'Bearer good' }])(
    '401 with headers %j',
    async (headers) => {
      const handler = vi.fn(ok);
      const answer = await send(readJobs({ 'GET /job': handler }), { path: jobs, headers });
      expect(answer).toMatchObject({ status: 401, headers: { 'content-type': 'application/problem+json' } });
      expect(answer.json()).toMatchObject({ status: 401, title: 'Unauthorized', type: 'about:blank' });
      expect(handler).not.toHaveBeenCalled();
    },
  );

  it('nobody, if nothing can tell callers apart', async () => {
    const lambda = readJobs({}, { authenticate: undefined });
    expect((await send(lambda, { path: jobs, headers: token })).status).toBe(401);
  });

  it('anybody on a public route', async () => {
    const lambda = httpFunction('receive-callback', { 'POST /callbacks/{job_id}/{mac}': ok }, {});
    expect((await send(lambda, { method: 'POST', path: `/callbacks/${id(1)}/mac` })).status).toBe(200);
  });

  it('none but admins where the path is theirs', async () => {
    const handler = vi.fn(ok);
    const asking = (application_type: string) => {
      const who = aCaller({ application: anApplication({ application_type }) });
      const lambda = readJobs({ 'GET /admin/job': handler }, { authenticate: async () => who });
      return send(lambda, { path: '/leia/1.0.0/admin/job', headers: token });
    };
    expect(await asking('developer')).toMatchObject({ status: 401 });
    expect(handler).not.toHaveBeenCalled();
    expect(await asking('admin')).toMatchObject({ status: 200 });
  });

  it('early where the route allows it, and says nothing before the token has proved to live', async () => {
    const { promise: proof, resolve } = Promise.withResolvers<void>();
    const early = vi.fn(async (_token: string, how?: { early: boolean }) => (how?.early ? aCaller({ proof }) : caller));
    const handlers = { 'GET /job/{job_id}': vi.fn(ok), 'GET /job': vi.fn(ok) };
    const lambda = readJobs(handlers, { authenticate: early });
    expect((await send(lambda, { path: jobs, headers: token })).status).toBe(200);
    const answered = vi.fn();
    const answer = send(lambda, { path: `${jobs}/${id(1)}`, headers: token }).then(({ status }) => answered(status));
    const wrong = send(lambda, { path: `${jobs}/${id(1)}`, query: 'api_key=k', headers: token });
    await new Promise(setImmediate);
    expect(handlers['GET /job/{job_id}']).toHaveBeenCalledTimes(1);
    expect(answered).not.toHaveBeenCalled();
    resolve();
    await answer;
    expect(answered).toHaveBeenCalledWith(200);
    expect((await wrong).status).toBe(400);
  });

  it('nobody early whose token turns out to have ended, whatever else is wrong', async () => {
    const proof = Promise.reject(notLoggedIn());
    proof.catch(() => {});
    const failing = () => Promise.reject(new Problem(404, 'nothing of yours'));
    const lambda = readJobs({ 'GET /job/{job_id}': failing }, { authenticate: async () => aCaller({ proof }) });
    expect((await send(lambda, { path: `${jobs}/${id(1)}`, headers: token })).status).toBe(401);
    expect((await send(lambda, { path: `${jobs}/${id(1)}`, query: 'api_key=k', headers: token })).status).toBe(401);
  });

  it('a failing look-up lets nobody in', async () => {
    const broken = async (): Promise<Caller> => {
      throw new Error('table is away');
    };
    expect((await send(readJobs({}, { authenticate: broken }), { path: jobs, headers: token })).status).toBe(500);
  });
});

describe('errors', () => {
  const failing = (error: unknown) =>
    send(readJobs({ 'GET /job': () => Promise.reject(error) }), { path: jobs, headers: token });

  it('a Problem is answered as it says', async () => {
    const answer = await failing(new Problem(409, 'again', { 'retry-after': '1' }));
    expect(answer).toMatchObject({
      status: 409,
      headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
    });
    expect(answer.json()).toEqual({ type: 'about:blank', title: 'Conflict', status: 409, detail: 'again' });
    expect(logged).not.toHaveBeenCalled();
  });

  it('bad input is a 400 that names the field', async () =>
    expect((await failing(new BadInput('tag', 'text'))).json()).toMatchObject({
      status: 400,
      detail: 'tag: expected text',
    }));

  it.each([
    ['an error', new Error('inner secret')],
    [
      'a failed schema',
      new z.ZodError([{ code: 'custom', path: ['inner secret'], message: 'inner secret', input: 'x' }]),
    ],
    ['anything else', 'inner secret'],
  ])('%s is a 500 that tells the request id and nothing more, and is logged', async (_name, error) => {
    const answer = await failing(error);
    expect(answer.status).toBe(500);
    expect(answer.json()).toMatchObject({
      title: 'Internal Server Error',
      detail: expect.stringContaining(REQUEST_ID),
    });
    expect(answer.text).not.toContain('secret');
    expect(logged).toHaveBeenCalledOnce();
  });

  it('an unknown path is a 404', async () =>
    expect((await send(readJobs({}), { path: '/leia/1.0.0/nothing', headers: token })).json()).toMatchObject({
      status: 404,
    }));

  it('another method is a 405 that says which would do, whichever function has it', async () => {
    const answer = await send(readJobs({}), { method: 'PATCH', path: `${jobs}/${id(1)}`, headers: token });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'DELETE, GET, HEAD' } });
  });

  it.each(['/leia/1.0.0/job/%00', '/leia/1.0.0/job/..', '/leia/1.0.0/job/%'])('the path %s is a 400', async (path) =>
    expect((await send(readJobs({}), { path, headers: token })).json()).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/^path: expected/),
    }),
  );
});
