// receive-callback – LEIA tells us that a job has moved (contract §4.7; D10).
import type { Deps } from './acts/deps.ts';
import { observeJob } from './acts/observe-job.ts';
import { leiaJobOf } from './adapters/leia-job.ts';
import { BadInput } from './jobs/bad-input.ts';
import { idOf } from './jobs/inputs.ts';
import { httpFunction } from './runtime/http.ts';
import { notFound } from './runtime/problem.ts';
import type { HttpReply, HttpRequest } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { callbackDeps } from './runtime/wiring.ts';

export type CallbackDeps = Pick<Deps, 'mirror' | 'callbackKeys' | 'now' | 'count' | 'warn'>;

/**
 * `POST /callbacks/{job_id}/{mac}`: one observation into the mirror; 204, also when it is no news.
 * A wrong address and an unknown job are one 404: nobody learns which ids exist.
 */
export const receiveCallback = async ({ params, body }: HttpRequest, deps: CallbackDeps): Promise<HttpReply> => {
  const id = idOf('job_id', params.job_id ?? '');
  if (!(await deps.callbackKeys.verify(id, params.mac ?? ''))) throw notFound('No such callback address');
  const seen = leiaJobOf(new TextDecoder().decode(body));
  if (!seen) throw new BadInput('body', 'a Job of LEIA as JSON');
  const sighting = await observeJob(deps, { id }, { ...seen.seen, via: 'callback' });
  if (!sighting) throw notFound('No such callback address');
  return { status: 204 };
};

export const callbackRoutes = { 'POST /callbacks/{job_id}/{mac}': receiveCallback };

export const handler = wired(() => httpFunction('receive-callback', callbackRoutes, callbackDeps()));
