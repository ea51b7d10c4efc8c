// A checked request becomes a recorded job, once for each Idempotency-Key (D1); sent at once, or held (D5).
import pMap from 'p-map';
import type { Leia } from '../adapters/leia-api.ts';
import { chainDepth, checkChainDepth } from '../jobs/chain.ts';
import { fingerprint } from '../jobs/fingerprint.ts';
import { idOfKey, mintId } from '../jobs/ids.ts';
import { idempotencyKeyOf } from '../jobs/inputs.ts';
import type { JobRecord } from '../jobs/job.ts';
import { heldBy, newJob, repeated } from '../jobs/new-job.ts';
import { type JobRequest, namedIn, type StoredRequest } from '../jobs/request.ts';
import { proven } from '../jobs/sending.ts';
import { sha256 } from '../runtime/hash.ts';
import { type JobReplyDeps, jobReply } from '../runtime/job-reply.ts';
import { Problem } from '../runtime/problem.ts';
import type { CallerRequest, HttpReply } from '../runtime/request.ts';
import { adminFor } from './asker.ts';
import { findJob, mirroredJob } from './find-job.ts';
import { noteUnavailable } from './leia-of.ts';
import { attempt, type SendDeps } from './send-job.ts';

export type AcceptDeps = SendDeps &
  JobReplyDeps & {
    /** How many conditional jobs may stand in a row. */
    maxChainDepth: number;
    random: (bytes: number) => Uint8Array;
    fail: (message: string, error: unknown, about: Record<string, string>) => void;
  };

type Owner = { submitter: string; leia: () => Promise<Leia | undefined> };

/**
 * The answer to a submission whose own parts are in order.
 * @throws Problem for an unknown or foreign prerequisite, document or model, a chain that is too deep, a misused
 * Idempotency-Key, and whatever LEIA refuses at once; nothing is recorded then, but for the refusal's memory.
 */
export const acceptSubmission = async (
  deps: AcceptDeps,
  { caller, headers }: Pick<CallerRequest, 'caller' | 'headers'>,
  request: StoredRequest,
): Promise<HttpReply> => {
  const submitter = caller.application.id;
  const key = idempotencyKeyOf(headers);
  const early = caller.proof !== undefined && key === undefined && request.execute_after_id === undefined;
  if (!early) await caller.proof;
  const owner = { submitter, leia: once(() => deps.leiaForKey(caller.session.key_hash)) };
  const prerequisite = await prerequisiteOf(deps, request, owner);
  checkChainDepth(chainDepth(request.kind, prerequisite?.chain_depth ?? 0), deps.maxChainDepth);
  const id = key === undefined ? mintId(deps.now(), deps.random) : idOfKey(submitter, key, sha256);
  const print = fingerprint(request, sha256);
  const parts = { id, submitter, request, fingerprint: print, ...(early ? { unproven: caller.tokenHash } : {}) };
  const job = newJob({ ...parts, ...(prerequisite ? { prerequisite } : {}) }, deps.now(), deps.sending);
  if (heldBy(request, prerequisite)) await checkInputs(deps, owner, request);
  const existing = await record(deps, job, { request, proof: caller.proof });
  if (existing) return replyAgain(deps, existing, print);
  if (request.kind === 'conditional' || job.stage === 'held') return jobReply(deps, job);
  return sendNow(deps, job, { request, leia: owner.leia, prerequisite });
};

/**
 * Records the job, early while its token is looked up: LEIA waits for both, and a token that has ended takes the record
 * away. Answers the job that has the id already, if any.
 */
const record = async (
  deps: AcceptDeps,
  job: JobRecord,
  { request, proof }: { request: StoredRequest; proof: Promise<void> | undefined },
): Promise<JobRecord | undefined> => {
  const [created, looked] = await Promise.allSettled([deps.mirror.create(job, request), proof]);
  if (looked.status === 'rejected') {
    await withdraw(deps, job);
    throw looked.reason;
  }
  if (created.status === 'rejected') throw created.reason;
  return created.value;
};

/** What cannot be taken away now a sweep takes back, once the claim has ended. */
const withdraw = async (deps: AcceptDeps, job: JobRecord): Promise<void> => {
  try {
    await deps.mirror.withdraw(job.id);
  } catch (error) {
    deps.fail('a job of a token that had ended could not be taken away; a sweep takes it back', error, {
      job_id: job.id,
    });
  }
};

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

/** contract §8 row 30: an unknown prerequisite is 404, someone else's 403. */
const prerequisiteOf = async (
  deps: AcceptDeps,
  { execute_after_id: id, owner: whose }: StoredRequest,
  owner: Owner,
): Promise<JobRecord | undefined> => {
  if (id === undefined) return undefined;
  const job =
    (whose === undefined ? undefined : await anybodysJob(deps, id, { ...owner, whose })) ??
    (await findJob(deps, owner, id));
  if (!job) throw new Problem(404, `execute_after_id: no job ${id} exists`);
  return job;
};

/** An admin's job may wait for a job of any application; one that the mirror does not know may be the owner's. */
const anybodysJob = async (
  deps: AcceptDeps,
  id: string,
  { whose, submitter: admin, leia }: Owner & { whose: string },
): Promise<JobRecord | undefined> =>
  (await mirroredJob(deps.mirror, id)) ?? findJob(deps, adminFor(whose, { admin, leia }), id);

/** So long may the looks take; what is not looked at by then, LEIA refuses when the job is sent. */
const LOOK_MILLIS = 3000;

/** A held job reaches LEIA much later: what it names is looked for now, as long as LEIA answers (D5). */
const checkInputs = async (deps: AcceptDeps, owner: Owner, request: StoredRequest): Promise<void> => {
  const leia = await owner.leia();
  if (!leia) return;
  const { models, documents } = namedIn(request);
  const until = deps.now() + LOOK_MILLIS;
  let answers = true;
  const refusals: Problem[] = [];
  const look = async ([what, id]: ['model' | 'document', string]): Promise<void> => {
    if (!answers || refusals.length > 0 || deps.now() > until) return;
    const answer = await leia[what](id, request.owner);
    if (answer.outcome === 'refused') refusals.push(new Problem(answer.status, `${what} ${id}: ${answer.detail}`));
    if (answer.outcome === 'unavailable') {
      answers = false;
      noteUnavailable(deps, owner.submitter, answer);
    }
  };
  const looks = [...models.map((id) => ['model', id] as const), ...documents.map((id) => ['document', id] as const)];
  // Those on their way are waited for: they would run out of time in the midst of another call.
  await pMap(looks, ([what, id]) => look([what, id]), { concurrency: 8 });
  if (refusals[0]) throw refusals[0];
};

type Sending = { request: JobRequest; leia: Owner['leia']; prerequisite: JobRecord | undefined };

/** Once the job is recorded its client gets the id, whatever happens to this attempt: a sweep goes on with it. */
const sendNow = async (
  deps: AcceptDeps,
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
    if (sent.outcome === 'refused') throw new Problem(sent.refusal.status, sent.refusal.detail);
    return await replyOf(deps, sent.job);
  } catch (error) {
    if (error instanceof Problem) throw error;
    deps.fail('an attempt to send a recorded job broke off; a sweep goes on with it', error, { job_id: job.id });
    // A client may hold no job that a sweep might yet take back.
    const change = job.unproven === undefined ? undefined : await deps.mirror.change(job.id, proven);
    return replyOf(deps, change?.after ?? change?.before ?? job);
  }
};

/** The job, unless a sweep whose clock is minutes ahead of ours has taken it back. */
const replyOf = async (deps: AcceptDeps, job: JobRecord): Promise<HttpReply> => {
  if (job.refusal) throw new Problem(job.refusal.status, job.refusal.detail);
  return jobReply(deps, job);
};

const replyAgain = async (deps: AcceptDeps, existing: JobRecord, print: string): Promise<HttpReply> => {
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
