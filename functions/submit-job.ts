// submit-job – a client wants a model applied or documents transformed (contract §3).

import type { Deps } from './acts/deps.ts';
import { findJob } from './acts/find-job.ts';
import { noteUnavailable } from './acts/leia-of.ts';
import { attempt } from './acts/send-job.ts';
import type { Leia } from './adapters/leia-api.ts';
import { fingerprint } from './jobs/fingerprint.ts';
import { idOfKey, mintId } from './jobs/ids.ts';
import { idempotencyKeyOf } from './jobs/inputs.ts';
import type { JobRecord } from './jobs/job.ts';
import { mustBeHeld, newJob, repeated } from './jobs/new-job.ts';
import type { JobRequest } from './jobs/request.ts';
import { parseSubmission } from './jobs/submission.ts';
import { sha256 } from './runtime/hash.ts';
import { httpFunction } from './runtime/http.ts';
import { jobReply } from './runtime/job-reply.ts';
import { Problem } from './runtime/problem.ts';
import type { CallerRequest, HttpReply } from './runtime/request.ts';
import { wired } from './runtime/wired.ts';
import { submitDeps } from './runtime/wiring.ts';

export type SubmitDeps = Omit<Deps, 'events' | 'submissions'> & {
  maxDocumentIds: number;
  random: (bytes: number) => Uint8Array;
  fail: (message: string, error: unknown, about: Record<string, string>) => void;
};

/** `POST /model/{model_id}/apply/{document_ids}` and `POST /document/{document_ids}/transform/{output_type}`. */
export const submitJob =
  (kind: JobRequest['kind']) =>
  async ({ params, query, body, headers, caller }: CallerRequest, deps: SubmitDeps): Promise<HttpReply> => {
    const { request, warnings } = parseSubmission({ kind, params, query, body, maxDocumentIds: deps.maxDocumentIds });
    const key = idempotencyKeyOf(headers);
    for (const warning of warnings) deps.warn(warning, { application_id: caller.application.id });
    const leia = once(() => deps.leiaForKey(caller.session.key_hash));
    const prerequisite = await prerequisiteOf(deps, request, { submitter: caller.application.id, leia });
    if (mustBeHeld(prerequisite)) await checkInputs(deps, await leia(), request);
    const application = caller.application.id;
    const id = key === undefined ? mintId(deps.now(), deps.random) : idOfKey(application, key, sha256);
    const print = fingerprint(request, sha256);
    const job = newJob(
      {
        id,
        submitter: application,
        application,
        request,
        fingerprint: print,
        ...(prerequisite ? { prerequisite } : {}),
      },
      deps.now(),
      deps.sending,
    );
    const existing = await deps.mirror.create(job, request);
    if (existing) return replyAgain(deps, existing, print);
    return job.stage === 'held' ? jobReply(deps, job) : sendNow(deps, job, { request, leia, prerequisite });
  };

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

type Owner = { submitter: string; leia: () => Promise<Leia | undefined> };

/** contract §8 row 30: an unknown prerequisite is 404, someone else's 403. */
const prerequisiteOf = async (deps: SubmitDeps, request: JobRequest, owner: Owner): Promise<JobRecord | undefined> => {
  if (request.execute_after_id === undefined) return undefined;
  const job = await findJob(deps, owner, request.execute_after_id);
  if (!job) throw new Problem(404, `execute_after_id: no job ${request.execute_after_id} exists`);
  return job;
};

/** A held job reaches LEIA much later: what it names is looked for now, as long as LEIA answers (D5). */
const checkInputs = async (deps: SubmitDeps, leia: Leia | undefined, request: JobRequest): Promise<void> => {
  const looks = [
    ...(request.kind === 'apply'
      ? [{ what: `model ${request.model_id}`, look: (at: Leia) => at.model(request.model_id) }]
      : []),
    ...[...new Set(request.document_ids)].map((id) => ({
      what: `document ${id}`,
      look: (at: Leia) => at.document(id),
    })),
  ];
  for (const { what, look } of leia ? looks : []) {
    const answer = await look(leia as Leia);
    if (answer.outcome === 'refused') throw new Problem(answer.status, `${what}: ${answer.detail}`);
    if (answer.outcome === 'unavailable') return noteUnavailable(deps, '', answer);
  }
};

type Sending = { request: JobRequest; leia: () => Promise<Leia | undefined>; prerequisite: JobRecord | undefined };

/** Once the job is recorded its client gets the id, whatever happens to this attempt: a sweep goes on with it. */
const sendNow = async (
  deps: SubmitDeps,
  job: JobRecord,
  { request, leia, prerequisite }: Sending,
): Promise<HttpReply> => {
  try {
    const known = await leia();
    const sent = await attempt(deps, job, {
      request,
      idIsKnown: false,
      ...(known ? { leia: known } : {}),
      ...(prerequisite ? { prerequisite } : {}),
    });
    if (sent.outcome !== 'refused') return await jobReply(deps, sent.job);
    throw new Problem(sent.refusal.status, sent.refusal.detail);
  } catch (error) {
    if (error instanceof Problem) throw error;
    deps.fail('an attempt to send a recorded job broke off; a sweep goes on with it', error, { job_id: job.id });
    return jobReply(deps, job);
  }
};

const replyAgain = async (deps: SubmitDeps, existing: JobRecord, print: string): Promise<HttpReply> => {
  switch (repeated(existing, print, deps.now())) {
    case 'other-request':
      throw new Problem(422, 'Idempotency-Key: this key was used for a different submission; expected the same one');
    case 'still-being-sent':
      throw new Problem(409, 'Idempotency-Key: the first submission under this key is still being sent', {
        'retry-after': '1',
      });
    case 'refused':
      throw new Problem(existing.refusal?.status ?? 400, existing.refusal?.detail ?? '');
    case 'the-job':
      return jobReply(deps, existing);
  }
};

export const submitRoutes = {
  'POST /model/{model_id}/apply/{document_ids}': submitJob('apply'),
  'POST /document/{document_ids}/transform/{output_type}': submitJob('transform'),
};

export const handler = wired(() => httpFunction('submit-job', submitRoutes, submitDeps()));
