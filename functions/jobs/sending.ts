// One job on its way to LEIA: claims, answers, doubts (D2). Pure: every function gives the record to write.
import { instant, isFinished, type JobRecord, type Refusal } from './job.ts';

/** What came of one attempt to hand a submission to LEIA. */
export type Attempt =
  /** LEIA never got it: connection refused, 429, 503, breaker open, or LEIA refuses our key (`denied`). */
  | { outcome: 'unsent'; cause: string; denied?: boolean; retryAfterSeconds?: number }
  /** LEIA may have accepted it: timeout, cut connection, other 5xx, unreadable 200. */
  | { outcome: 'doubtful'; cause: string }
  /** LEIA refused it: a 4xx that is the client's. */
  | { outcome: 'refused'; refusal: Refusal };

export type SendingTimes = {
  /** How long a claim holds: longer than LEIA's timeout plus the function's. */
  claimSeconds: number;
  retryFirstSeconds: number;
  retryMaxSeconds: number;
  /** After this long without LEIA taking it, the job FAILS. */
  giveUpSeconds: number;
};

/** Takes the right to one attempt, or nothing when somebody else has it or there is no attempt to make. */
export const claim = (record: JobRecord, now: number, times: SendingTimes): JobRecord | undefined => {
  if (!maySend(record, now)) return undefined;
  const { next_attempt_at: _next, ...rest } = record;
  const claimedUntil = instant(now + times.claimSeconds * 1000);
  return { ...rest, stage: 'claimed', attempt: record.attempt + 1, claimed_until: claimedUntil };
};

/** An expired claim, or a doubt, wants a look for the job it may have left at LEIA first: see `expireClaim`. */
const maySend = (record: JobRecord, now: number): boolean =>
  record.stage === 'unsent' &&
  !isFinished(record) &&
  record.cancel_requested_at === undefined &&
  record.doubt_since === undefined &&
  (record.next_attempt_at ?? '') <= instant(now);

/** The token has been found alive. */
export const proven = (record: JobRecord): JobRecord | undefined => {
  const { unproven, ...rest } = record;
  return unproven === undefined ? undefined : rest;
};

/** The token was found to have ended later, by a sweep. It is remembered for a LEIA job of it that may turn up. */
export const takenBack = (record: JobRecord, now: number): JobRecord | undefined =>
  record.unproven === undefined ? undefined : refusedUnseen(record, ofDeadToken, now);

const ofDeadToken = { status: 401, detail: 'The token of this submission had ended' };

/** The hash of a token to be looked up once more: the function died before it had the answer, or could write it down. */
export const tokenInQuestion = ({ stage, claimed_until, unproven }: JobRecord, now: number): string | undefined =>
  stage === 'claimed' && (claimed_until ?? '') <= instant(now) ? unproven : undefined;

/** A claim that nobody answered for is a doubtful attempt: its function died somewhere between record and reply. */
export const expireClaim = (record: JobRecord, now: number): JobRecord | undefined =>
  record.stage === 'claimed' && (record.claimed_until ?? '') <= instant(now)
    ? again(record, now, {
        doubt_since: record.doubt_since ?? instant(now),
        last_error: 'the sender ended before LEIA answered',
      })
    : undefined;

/** An attempt ended without LEIA taking the job, as far as anyone can tell; a cancel that came meanwhile is done then. */
export const afterAttempt = (
  record: JobRecord,
  attempt: Exclude<Attempt, { outcome: 'refused' }>,
  now: number,
  times: SendingTimes,
): JobRecord | undefined => {
  if (record.stage !== 'claimed') return undefined;
  const isDoubtful = attempt.outcome === 'doubtful' || record.doubt_since !== undefined;
  if (record.cancel_requested_at !== undefined && !isDoubtful) return cancelUnsent(record, now);
  const wait = attempt.outcome === 'unsent' ? (attempt.retryAfterSeconds ?? 0) : 0;
  const backoff = Math.min(times.retryMaxSeconds, times.retryFirstSeconds * 2 ** Math.max(0, record.attempt - 1));
  return again(record, now + Math.max(wait, backoff) * 1000, {
    last_error: attempt.cause,
    ...(attempt.outcome === 'doubtful' ? { doubt_since: record.doubt_since ?? instant(now) } : {}),
  });
};

const again = (record: JobRecord, nextAttempt: number, change: Partial<JobRecord>): JobRecord => {
  const { claimed_until: _claim, unproven: _unproven, ...rest } = record;
  return { ...rest, ...change, stage: 'unsent', next_attempt_at: instant(nextAttempt) };
};

/** The prerequisite of a held job is PROCESSED: it may be sent; a conditional job's rules may be looked at, once started. */
export const released = (record: JobRecord, now: number): JobRecord | undefined => {
  if (record.stage !== 'held' || isFinished(record)) return undefined;
  const { held_for: _held, ...rest } = record;
  if (record.job_type === 'conditional') return record.status === 'BLOCKED' ? undefined : chained(rest, now);
  return { ...rest, stage: 'unsent', sendable_since: instant(now), next_attempt_at: instant(now) };
};

const chained = (record: JobRecord, now: number): JobRecord => {
  const { start_requested_at: _start, ...rest } = record;
  return { ...rest, stage: 'chained', status: 'PROCESSING', starting_time: instant(now), observed_at: instant(now) };
};

/** A conditional job ends as its execution found (contract §4.5, §4.6). */
export const chainEnded = (
  record: JobRecord,
  end: { status: 'PROCESSED'; result: string } | { status: 'FAILED'; reason: string; http_code: 400 | 500 },
  now: number,
): JobRecord | undefined => {
  if (isFinished(record)) return undefined;
  const outcome =
    end.status === 'PROCESSED'
      ? ({ result: end.result, result_type: 'conditional', http_code: 200 } as const)
      : { reason: end.reason, http_code: end.http_code };
  return {
    ...record,
    status: end.status,
    ...outcome,
    ...endedByUs(now),
    observed_via: 'chain',
    follow_up_due: instant(now),
  };
};

/** A conditional job whose execution ended without ending it: aborted, timed out, or failed for good. */
export const chainDied = (record: JobRecord, now: number): JobRecord | undefined =>
  isFinished(record) || record.stage !== 'chained'
    ? undefined
    : {
        ...record,
        status: 'FAILED',
        reason: CHAIN_DIED,
        http_code: 500,
        ...endedByUs(now),
        follow_up_due: instant(now),
      };

const CHAIN_DIED = 'The execution of this conditional job ended before its rules did';

/** LEIA refused a job whose id no client holds: it is remembered for its Idempotency-Key, in no list (D1). */
export const refusedUnseen = (record: JobRecord, refusal: Refusal, now: number): JobRecord | undefined =>
  record.stage === 'claimed'
    ? { ...dropped(record), status: 'FAILED', refusal, ...endedByUs(now), reason: refusal.detail, http_code: 400 }
    : undefined;

/** Ends a job that LEIA does not have. Effects follow as for any ending. */
export const failUnsent = (
  record: JobRecord,
  reason: string,
  httpCode: 400 | 500,
  now: number,
): JobRecord | undefined =>
  isFinished(record) || record.stage === 'bound'
    ? undefined
    : {
        ...dropped(watched(record, now)),
        status: 'FAILED',
        reason,
        http_code: httpCode,
        ...endedByUs(now),
        follow_up_due: instant(now),
      };

/** LEIA, which had the job, has no longer: see `absenceSeen`. */
const failAbsent = (record: JobRecord, now: number): JobRecord => {
  const { absent_since: _absent, cancel_requested_at: _cancel, start_requested_at: _start, ...rest } = record;
  const reason = `LEIA does not know this job any more (as ${record.leia_id})`;
  return { ...rest, status: 'FAILED', reason, http_code: 500, ...endedByUs(now), follow_up_due: instant(now) };
};

/** An authenticated 404 to the job itself: the first is remembered, one `confirmSeconds` or more later ends the job (D7). */
export const absenceSeen = (record: JobRecord, now: number, confirmSeconds: number): JobRecord | undefined => {
  if (isFinished(record) || record.stage !== 'bound') return undefined;
  if (record.absent_since === undefined) return { ...record, absent_since: instant(now) };
  return Date.parse(record.absent_since) + confirmSeconds * 1000 <= now ? failAbsent(record, now) : undefined;
};

/** Nothing turned up while the job was watched. */
export const watchEnded = (record: JobRecord): JobRecord | undefined => {
  const { watch_since: watch, ...rest } = record;
  return watch === undefined ? undefined : rest;
};

/** Cancels a job that LEIA does not have. */
export const cancelUnsent = (record: JobRecord, now: number): JobRecord | undefined => {
  if (isFinished(record) || record.stage === 'bound') return undefined;
  return { ...dropped(watched(record, now)), status: 'CANCELED', ...endedByUs(now), follow_up_due: instant(now) };
};

/** LEIA showed no trace of the doubtful attempt: the job may be sent again, or, if a cancel came meanwhile, is done. */
export const doubtResolved = (record: JobRecord, now: number): JobRecord | undefined => {
  if (record.stage !== 'unsent' || record.doubt_since === undefined) return undefined;
  if (record.cancel_requested_at !== undefined) return cancelUnsent(record, now);
  const { doubt_since: _doubt, ...rest } = record;
  return { ...rest, watch_since: instant(now), next_attempt_at: instant(now) };
};

export const isOverdue = (record: JobRecord, now: number, times: SendingTimes): boolean =>
  record.sendable_since !== undefined && Date.parse(record.sendable_since) + times.giveUpSeconds * 1000 <= now;

const watched = (record: JobRecord, now: number): JobRecord => {
  const { doubt_since: doubt, ...rest } = record;
  return doubt === undefined ? record : { ...rest, watch_since: instant(now) };
};

/** What was asked of it is settled. A chain stays one: its children and its execution are to be ended as well (see `effectsOf`). */
const dropped = (record: JobRecord): JobRecord => {
  const { claimed_until: _claim, next_attempt_at: _next, held_for: _held, unproven: _unproven, ...unsent } = record;
  const { cancel_requested_at: _cancel, start_requested_at: _start, ...rest } = unsent;
  return { ...rest, stage: record.stage === 'chained' ? 'chained' : 'dropped' };
};

const endedByUs = (now: number) =>
  ({ finished_time: instant(now), observed_at: instant(now), observed_via: 'ours' }) as const;
