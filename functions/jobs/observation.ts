// What somebody saw of a job at LEIA, and what the mirror makes of it (D2, D3). Pure.
import { instant, isFinished, type JobRecord, type ResultType, rank, type Source, type Status } from './job.ts';

/**
 * One sight of a LEIA job. A status sweep sees no more than `leiaId` and `status`; that is not enough to end a job,
 * whose result would be missing.
 */
export type Observation = {
  leiaId: string;
  status: Status;
  /** LEIA's own word is none of the nine: `status` is a stand-in for a job of which nothing else is known (D12). */
  statusUnknown?: true;
  via: Source;
  /** Everything a full Job tells; absent after a look at statuses alone. `result` is LEIA's own JSON text. */
  details?: {
    model_id: string | null;
    starting_time: string | null;
    finished_time: string | null;
    reason: string | null;
    http_code: number | null;
    result_type: ResultType | null;
    result: string | null;
  };
};

/** `duplicate`: another LEIA job with our id; it never counts (D2). `contradiction`: a second ending of a finished job. */
export type Observed = {
  outcome: 'applied' | 'unchanged' | 'stale' | 'duplicate' | 'contradiction';
  /** The record to write; absent when nothing changes. */
  record?: JobRecord;
};

/**
 * Applies an observation to a record.
 * The first observation sets any status on an unfinished job, save that a job whose start was asked for does not fall
 * back to BLOCKED; later ones only move it forward. A finished job never changes. An unknown status moves nothing.
 */
export const observe = (record: JobRecord, sight: Observation, now: number): Observed => {
  const seen = sight.statusUnknown ? { ...sight, status: record.status } : sight;
  if (record.leia_id === undefined ? isFinished(record) : record.leia_id !== seen.leiaId)
    return { outcome: 'duplicate' };
  if (isFinished(record)) return afterTheEnd(record, seen, now);
  if (isFinished(seen) && !seen.details) return { outcome: 'unchanged' };
  const first = record.leia_id === undefined;
  if (!first && rank(seen.status) < rank(record.status)) return { outcome: 'stale' };
  if (!first && seen.status === record.status) return refine(record, seen, now);
  return { outcome: 'applied', record: moved(bound(record, seen, now), seen, now) };
};

const bound = (record: JobRecord, seen: Observation, now: number): JobRecord => {
  if (record.leia_id !== undefined) return record;
  const { claimed_until: _claim, next_attempt_at: _next, held_for: _held, doubt_since: _doubt, ...known } = record;
  const { unproven: _unproven, ...rest } = known;
  return { ...rest, stage: 'bound', leia_id: seen.leiaId, sent_at: record.sent_at ?? instant(now) };
};

const moved = (record: JobRecord, seen: Observation, now: number): JobRecord => {
  const restarted = seen.status === 'BLOCKED' && record.start_requested_at !== undefined;
  const { absent_since: _absent, ...rest } = record;
  const next: JobRecord = {
    ...rest,
    ...detailsOf(record, seen, now),
    status: restarted ? record.status : seen.status,
    observed_at: instant(now),
    observed_via: seen.via,
  };
  return confirmed(next, seen);
};

/** Intents that this status answers are done with. */
const confirmed = (record: JobRecord, seen: Observation): JobRecord => {
  const { start_requested_at: _start, ...started } = record;
  if (!isFinished(record)) return seen.status === 'BLOCKED' ? record : started;
  const { cancel_requested_at: _cancel, ...rest } = started;
  return rest;
};

const detailsOf = (record: JobRecord, seen: Observation, now: number): Partial<JobRecord> => {
  const { details } = seen;
  if (!details) return {};
  return {
    model_id: details.model_id ?? record.model_id,
    starting_time: details.starting_time,
    ...(isFinished(seen)
      ? {
          finished_time: details.finished_time ?? instant(now),
          reason: details.reason,
          http_code: details.http_code ?? (seen.status === 'PROCESSED' ? 200 : null),
          follow_up_due: instant(now),
          ...(details.result !== null && seen.status === 'PROCESSED'
            ? { result: details.result, result_type: details.result_type }
            : {}),
        }
      : {}),
  };
};

/** The same status again: worth a write only if it tells something new. */
const refine = (record: JobRecord, seen: Observation, now: number): Observed => {
  const starting = seen.details?.starting_time;
  const news =
    (starting != null && record.starting_time === null) ||
    (record.start_requested_at !== undefined && seen.status !== 'BLOCKED') ||
    record.absent_since !== undefined;
  return news ? { outcome: 'applied', record: moved(record, seen, now) } : { outcome: 'unchanged' };
};

const afterTheEnd = (record: JobRecord, seen: Observation, now: number): Observed => {
  if (rank(seen.status) < rank(record.status)) return { outcome: 'stale' };
  if (seen.status === record.status) return { outcome: 'unchanged' };
  if (record.contradiction) return { outcome: 'contradiction' };
  return { outcome: 'contradiction', record: { ...record, contradiction: { status: seen.status, at: instant(now) } } };
};
