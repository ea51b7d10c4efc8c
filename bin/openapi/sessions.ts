// Tokens, who holds them (contract §1), and what this API says of itself; and LEIA's callbacks.
import * as z from 'zod';
import { line } from '../../functions/jobs/inputs.ts';
import type { RouteKey } from '../../functions/runtime/routes.ts';
import { answers, exampleJob, refusals } from './answers.ts';
import { jobId } from './inputs.ts';
import { type Operation, taking } from './operation.ts';

const tags = ['session'];
export const apiKey = line().meta({
  description: 'The key of an application.',
  examples: ['b2l5qvfs6ob3xtnzhwp8i1d0kgucmya47'],
});
/** As much of a Job as must be there (leia-job.ts). */
export const leiaJob = z
  .looseObject({ id: z.string().min(1), status: z.string(), creation_time: z.iso.datetime({ offset: true }) })
  .meta({ id: 'LeiaJob', examples: [exampleJob] });
const nobody = { security: [] };

export const sessionOperations: Record<RouteKey<'session' | 'receive-callback'>, Operation> = {
  'POST /login': {
    operationId: 'login_application_post',
    tags,
    summary: 'Opens a token.',
    description:
      'The token goes into the header `token`. It lives for as long as it is used; an application may have several.',
    ...nobody,
    requestBody: {
      required: true,
      content: { 'application/json': { schema: z.looseObject({ api_key: apiKey }).meta({ id: 'Login' }) } },
    },
    responses: { 200: answers.login, ...refusals(400, 403, 503) },
  },
  'GET /login/{api_key}': {
    operationId: 'login_application',
    tags,
    summary: 'Opens a token, the old way.',
    deprecated: true,
    ...nobody,
    ...taking({ path: { api_key: apiKey } }),
    responses: { 200: answers.login, ...refusals(400, 403, 503) },
  },
  'GET /whoami': {
    operationId: 'who_am_i',
    tags,
    summary: 'Whose token this is.',
    responses: { 200: answers.application, ...refusals(401) },
  },
  'GET /logout': {
    operationId: 'logout_application',
    tags,
    summary: 'Ends this token, and no other.',
    responses: { 204: answers.nothing, ...refusals(401) },
  },
  'GET /health': {
    operationId: 'health',
    tags,
    summary: 'Whether this API is there; LEIA’s own health is LEIA’s to tell.',
    ...nobody,
    responses: { 200: answers.health },
  },
  'GET /openapi.json': {
    operationId: 'describe',
    tags: ['additions'],
    summary: 'An addition to LEIA’s API: this document.',
    ...nobody,
    responses: { 200: answers.description },
  },
  'POST /callbacks/{job_id}/{mac}': {
    operationId: 'receive_callback',
    tags: ['callbacks'],
    summary: 'LEIA tells that a job has moved. For LEIA alone, which is given the address.',
    ...nobody,
    ...taking({ path: { job_id: jobId, mac: line().meta({ examples: ['mac'] }) } }),
    requestBody: { required: true, content: { 'application/json': { schema: leiaJob } } },
    responses: { 204: answers.nothing, ...refusals(400, 404) },
  },
};
