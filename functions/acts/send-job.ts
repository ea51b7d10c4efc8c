// One attempt to hand a recorded job to LEIA (D2): claimed before, accounted for after, whatever happens between.
import type { Leia, LeiaJob } from '../adapters/leia-api.ts';
import { afterFailure, afterSuccess, type Breaker, mayCall, probeTaken } from '../jobs/breaker.ts';
import type { JobRecord, Refusal } from '../jobs/job.ts';
import type { JobRequest } from '../jobs/request.ts';
import { nothingSelected, withoutPredecessor } from '../jobs/select-inputs.ts';
import { type Attempt, afterAttempt, claim, failUnsent, refusedUnseen } from '../jobs/sending.ts';
import type { Deps } from './deps.ts';
import { honourIntents } from './honour-intents.ts';
import { leiaOf, noteUnavailable } from './leia-of.ts';
import { observeJob, translateIds } from './observe-job.ts';

export type SendDeps = Omit<Deps, 'events' | 'submissions' | 'callbacks' | 'chains'>;

/** `deferred`: LEIA did not take it now, or may have; a sweep goes on with it. `idle`: there was nothing to send. */
export type Sent = { job: JobRecord } & (
  | { outcome: 'sent' | 'idle' }
  | { outcome: 'deferred'; attempt: Attempt }
  | { outcome: 'refused'; refusal: Refusal }
);

/**
 * Claims and sends a released or deferred job whose id a client holds; one that LEIA has already is asked to be started or
 * cancelled there, if that is owed. Undefined when there is no such job.
 */
export const sendJob = async (deps: SendDeps, id: string): Promise<Sent | undefined> => {
  const claimed = await deps.mirror.change(id, (job) => claim(job, deps.now(), deps.sending));
  if (!claimed) return undefined;
  if (!claimed.after) return { outcome: 'idle', job: await honourIntents(deps, claimed.before) };
  const request = await deps.mirror.request(claimed.after);
  if (!request || request.kind === 'conditional') return unsendable(deps, claimed.after);
  return attempt(deps, claimed.after, { request, idIsKnown: true });
};

export type Attempting = {
  request: JobRequest;
  /** A client holds the id, so a refusal must end the job. */
  idIsKnown: boolean;
  /** What the caller has at hand already. */
  leia?: Leia;
  prerequisite?: JobRecord;
};

/** Makes the attempt that `job` is claimed for. */
export const attempt = async (deps: SendDeps, job: JobRecord, attempting: Attempting): Promise<Sent> => {
  const breaker = await passBreaker(deps, job.submitter_id);
  const answer = breaker
    ? await submit(deps, job, attempting)
    : ({ outcome: 'unsent', cause: 'LEIA did not answer lately; the breaker is open' } as const);
  if (breaker) await accountFor(deps, job.submitter_id, { breaker, answer });
  if (answer.outcome === 'accepted') return accepted(deps, job, answer.job);
  if (answer.outcome === 'refused') return refused(deps, job, { ...attempting, refusal: answer.refusal });
  return deferred(deps, job, answer);
};

const submit = async (deps: SendDeps, job: JobRecord, attempting: Attempting) => {
  const leia = attempting.leia ?? (await leiaOf(deps, job.submitter_id));
  if (!leia)
    return { outcome: 'unsent', cause: 'the API key of the application is not in the secret', denied: true } as const;
  const prerequisite =
    attempting.prerequisite ??
    (job.execute_after_id === null ? undefined : await deps.mirror.job(job.execute_after_id));
  const request = await withInputs(deps, attempting.request, prerequisite);
  if (!request) return { outcome: 'refused', refusal: { status: 400, detail: nothingSelected } } as const;
  return leia.submit({
    request,
    callbackUrl: await deps.callbackKeys.callbackUrl(job.id),
    blockProcessing: request.block_processing && job.start_requested_at === undefined,
    ...(prerequisite?.leia_id === undefined ? {} : { executeAfterLeiaId: prerequisite.leia_id }),
  });
};

/** Behind a job that LEIA does not have, its rules of selection are followed here (D5). Undefined: nothing is left. */
const withInputs = async (
  deps: SendDeps,
  request: JobRequest,
  prerequisite: JobRecord | undefined,
): Promise<JobRequest | undefined> => {
  if (!prerequisite || prerequisite.leia_id !== undefined) return request;
  const { result_type } = prerequisite;
  return withoutPredecessor(request, { result_type, result: await deps.mirror.result(prerequisite) });
};

/** The breaker if it lets a call through; an open one whose time is up gives the probe to one caller. */
const passBreaker = async (
  deps: Pick<Deps, 'access' | 'now' | 'breaker'>,
  submitter: string,
): Promise<Breaker | undefined> => {
  const breaker = await deps.access.breaker(submitter);
  const verdict = mayCall(breaker, deps.now());
  if (verdict !== 'probe') return verdict === 'yes' ? breaker : undefined;
  let mine = false;
  const after = await deps.access.changeBreaker(submitter, (present) => {
    const taken = probeTaken(present, deps.now(), deps.breaker);
    mine = taken !== undefined;
    return taken;
  });
  return mine ? after : undefined;
};

const accountFor = async (
  deps: SendDeps,
  submitter: string,
  { breaker, answer }: { breaker: Breaker; answer: { outcome: Attempt['outcome'] | 'accepted' } },
): Promise<void> => {
  const answered = answer.outcome === 'accepted' || answer.outcome === 'refused';
  if (answered && afterSuccess(breaker) === undefined) return;
  await deps.access.changeBreaker(submitter, (present) =>
    answered ? afterSuccess(present) : afterFailure(present, deps.now(), deps.breaker),
  );
};

const accepted = async (deps: SendDeps, job: JobRecord, seen: LeiaJob): Promise<Sent> => {
  const sighting = await observeJob(deps, { id: job.id, known: job }, { ...seen.seen, via: 'submission' });
  if (sighting?.outcome === 'duplicate') {
    const leia = await leiaOf(deps, job.submitter_id);
    await leia?.cancel(seen.id);
  }
  return { outcome: 'sent', job: await honourIntents(deps, sighting?.job ?? job) };
};

const refused = async (
  deps: SendDeps,
  job: JobRecord,
  { refusal, idIsKnown }: { refusal: Refusal; idIsKnown: boolean },
): Promise<Sent> => {
  const ours = { ...refusal, detail: await translateIds(deps.mirror, refusal.detail) };
  const decide = (record: JobRecord) =>
    idIsKnown ? failUnsent(record, ours.detail, 400, deps.now()) : refusedUnseen(record, ours, deps.now());
  const change = await deps.mirror.change(job.id, decide, job).catch((error: unknown) => {
    if (idIsKnown) throw error;
    // It may have been written all the same: a client that got the id now could not find its job.
    const cause = error instanceof Error ? error.name : typeof error;
    deps.warn('a refusal could not be recorded; its client hears of it', { job_id: job.id, cause });
    return undefined;
  });
  return { outcome: 'refused', refusal: ours, job: change?.after ?? change?.before ?? job };
};

const deferred = async (
  deps: SendDeps,
  job: JobRecord,
  answer: Exclude<Attempt, { outcome: 'refused' }>,
): Promise<Sent> => {
  deps.count('SubmissionDeferred');
  const denied = answer.outcome === 'unsent' && answer.denied === true;
  noteUnavailable(deps, job.submitter_id, { outcome: 'unavailable', cause: answer.cause, denied });
  const change = await deps.mirror.change(
    job.id,
    (record) => afterAttempt(record, answer, deps.now(), deps.sending),
    job,
  );
  return { outcome: 'deferred', attempt: answer, job: change?.after ?? change?.before ?? job };
};

/** Cannot happen while the rules hold; if it does, the job must not wait for ever. */
const unsendable = async (deps: SendDeps, job: JobRecord): Promise<Sent> => {
  deps.warn('the request of a job to be sent is gone', { job_id: job.id });
  const change = await deps.mirror.change(
    job.id,
    (record) => failUnsent(record, 'The request of this job is lost', 500, deps.now()),
    job,
  );
  return { outcome: 'idle', job: change?.after ?? job };
};
