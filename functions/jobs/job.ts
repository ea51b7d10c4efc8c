// What a job is: LEIA's Job (contract §2.5) and what we keep beside it.
import * as z from 'zod';

/** The nine statuses of contract §5, in the order in which a job passes them. */
export const statuses = [
  'BLOCKED',
  'WAITING',
  'READY',
  'STARTING',
  'LOADING_MODEL',
  'PROCESSING',
  'PROCESSED',
  'FAILED',
  'CANCELED',
] as const;
export const Status = z.enum(statuses);
export type Status = z.infer<typeof Status>;

/** Nothing leaves these. */
export const finishedStatuses = ['PROCESSED', 'FAILED', 'CANCELED'] as const satisfies readonly Status[];

/** contract §3.11. Nothing else may reach a client: Java and Python fail on unknown values. */
const resultTypes = [
  'document',
  'list[document]',
  'object',
  'classification',
  'dict[object]',
  'dict[classification]',
  'model',
  'conditional',
] as const;
export const ResultType = z.enum(resultTypes);
export type ResultType = z.infer<typeof ResultType>;

/**
 * How the mirror learnt what it says. `ours`: LEIA had no part in it (held, cancelled before it was sent, given up).
 * `chain`: a conditional job's own execution told its end.
 */
export const sources = ['ours', 'submission', 'callback', 'sweep', 'read', 'control', 'adoption', 'chain'] as const;
export const Source = z.enum(sources);
export type Source = z.infer<typeof Source>;

/** An instant as LEIA writes it: `2018-11-07T16:02:29.761Z` (contract §6). These compare as text. */
export const Instant = z.iso.datetime({ precision: 3 });
export const instant = (epochMillis: number): string => new Date(epochMillis).toISOString();

/**
 * Where a job is on its way to LEIA.
 * `held`: waits here for a prerequisite that LEIA does not have (D5). `unsent`: to be sent. `claimed`: an attempt is
 * on its way. `bound`: LEIA has it, as `leia_id`. `dropped`: LEIA never will (cancelled or failed before it was sent).
 * `chained`: a conditional job whose prerequisite is PROCESSED; an execution runs its rules (D6).
 */
export const Stage = z.enum(['held', 'unsent', 'claimed', 'bound', 'dropped', 'chained']);
export type Stage = z.infer<typeof Stage>;

const nullableText = z.string().nullable();

/** LEIA's documented Job keys without `result`, which travels as text (see `raw-json.ts`). */
const leiaKeys = {
  id: z.string(),
  application_id: z.string(),
  submitter_id: z.string(),
  creation_time: Instant,
  document_ids: z.array(z.string()),
  job_type: z.string(),
  status: Status,
  callback_url: nullableText,
  execute_after_id: nullableText,
  starting_time: Instant.nullable(),
  finished_time: Instant.nullable(),
  model_id: nullableText,
  parent_job_id: nullableText,
  page_range: nullableText,
  reason: nullableText,
  http_code: z.number().int().nullable(),
  result_type: ResultType.nullable(),
};

/** Why a step of a chain ended before its child did: its time was up, or it failed again and again itself. */
export const GivenUp = z.enum(['timed out', 'broke off']);
export type GivenUp = z.infer<typeof GivenUp>;

/** A refusal that the same Idempotency-Key gets again (D1). */
export const Refusal = z.object({ status: z.number().int(), detail: z.string() });
export type Refusal = z.infer<typeof Refusal>;

/**
 * `asked`: not told yet. `given_up`: no try was acknowledged. `refused`: the address is none that may be called. `none`:
 * it named headers and no URL, and its application has no default one.
 * `tries`, `at` and `answer` (for people: `HTTP 503`, `timeout` …) are of the tries so far and the last of them.
 */
export const Callback = z.object({
  state: z.enum(['asked', 'delivered', 'given_up', 'refused', 'none']),
  tries: z.number().int(),
  at: Instant.optional(),
  answer: z.string().optional(),
});

/** One job of the mirror: the `META` item. Every change writes `version + 1` on the condition that `version` still holds. */
export const JobRecord = z.object({
  ...leiaKeys,
  version: z.number().int(),
  stage: Stage,
  /** LEIA's id; set once, by LEIA's reply or the first observation that carries one (D2). */
  leia_id: z.string().optional(),
  /** Result as LEIA's own JSON text. Only in memory and, up to 4 KB, in the item; see `result_at`. */
  result: z.string().optional(),
  /** Where a larger result lies: `item`, or `s3:<key>`. */
  result_at: z.string().optional(),
  observed_at: Instant,
  observed_via: Source,
  /** Number of attempts to send, the one under way included. */
  attempt: z.number().int(),
  /** Since when nothing but LEIA keeps it from being sent: since it was recorded, or released. */
  sendable_since: Instant.optional(),
  /** No other attempt before this instant while `claimed`. */
  claimed_until: Instant.optional(),
  /** When an `unsent` job may be tried (again). */
  next_attempt_at: Instant.optional(),
  /** When LEIA was sent the attempt that counts; ages of the in-flight sweep count from it. */
  sent_at: Instant.optional(),
  /** Since when LEIA may have a job of ours that we cannot name: an attempt ended without a clear answer (D2). */
  doubt_since: Instant.optional(),
  /** LEIA showed no trace of a doubtful attempt at this instant; a job of it that turns up later is a duplicate (D2). */
  watch_since: Instant.optional(),
  /** Our id of the prerequisite that a `held` job waits for. */
  held_for: z.string().optional(),
  /** How many conditional jobs stand in a row up to this one; absent: none. */
  chain_depth: z.number().int().optional(),
  /** Of a conditional job: indexes of the rules that its prerequisite's result matched. */
  matched: z.array(z.number().int()).optional(),
  /** Of a child: which entry of which rule of `parent_job_id` it is. */
  step: z.object({ rule: z.number().int(), entry: z.number().int() }).optional(),
  /** Of a child: what the execution waits with for its end. Belongs in no log, event or answer. */
  task_token: z.string().optional(),
  /** Of a child: its step ended without it, so that its rule has failed whatever becomes of it (D6). */
  given_up: z.object({ why: GivenUp, at: Instant }).optional(),
  start_requested_at: Instant.optional(),
  cancel_requested_at: Instant.optional(),
  /** First authenticated 404 of LEIA to a job it had accepted (D7, absence). */
  absent_since: Instant.optional(),
  /** Set by the write that ends a job, cleared once its follow-ups took effect (D4). */
  follow_up_due: Instant.optional(),
  /** A second, different ending that LEIA told of the same job; kept, never shown (D3). */
  contradiction: z.object({ status: Status, at: Instant }).optional(),
  /** What the client was told when LEIA refused it before it held an id; such a record is in no list (D1). */
  refusal: Refusal.optional(),
  /** Of a job that names a callback URL, or headers for one: how far its caller has been told of the end (D11). */
  callback: Callback.optional(),
  /**
   * Of a job recorded while the table was asked whether its token still lives: that token's hash. The next write takes
   * it away, or the record. Until then the job is in no list, nothing follows from it, and LEIA has not heard of it,
   * unless that write was lost.
   */
  unproven: z.string().optional(),
  /** Hash of the submission, to tell a repeated Idempotency-Key from a misused one. */
  fingerprint: z.string().optional(),
  /** Why the last attempt did not succeed; for people. */
  last_error: z.string().optional(),
});
export type JobRecord = z.infer<typeof JobRecord>;

/** Whether its application's lists show it: not what was refused, nor what nobody is yet known to have the right to. */
export const isListed = ({ refusal, unproven }: Pick<JobRecord, 'refusal' | 'unproven'>): boolean =>
  refusal === undefined && unproven === undefined;

export const isFinished = (job: { status: Status }): boolean => rank(job.status) === FINISHED;

const FINISHED = 6;
/** Position in BLOCKED < WAITING < READY < STARTING < LOADING_MODEL < PROCESSING < finished (D3). */
export const rank = (status: Status): number => Math.min(statuses.indexOf(status), FINISHED);

/**
 * Whether a job's request stays with its record once all has followed from its end: the rules of a conditional job
 * explain it, and what FAILED a person may want submitted anew (docs/decisions/0016-repair.md).
 */
export const keepsRequest = (job: JobRecord): boolean =>
  job.job_type === 'conditional' || (job.status === 'FAILED' && job.refusal === undefined && job.step === undefined);

/** Whether LEIA may have, or may yet get, a job for this record. */
export const mayBeAtLeia = (job: JobRecord): boolean =>
  job.stage === 'bound' || job.stage === 'claimed' || job.doubt_since !== undefined;
