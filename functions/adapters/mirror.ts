// What a mirror of jobs can do (D3). `job-table.ts` is the one on DynamoDB; test/support has one in memory; both pass
// the same contract tests.
import type { JobRecord } from '../jobs/job.ts';
import type { Lane, LaneEntry } from '../jobs/lanes.ts';
import type { StoredRequest } from '../jobs/request.ts';
import type { ListEntry, ListField } from '../jobs/select-jobs.ts';

/** `after` is absent when the decision was to change nothing; a new result is still in it, however large. */
export type Change = { before: JobRecord; after?: JobRecord };

/** Instants, both exclusive; open where absent. */
export type CreationRange = { after?: string; before?: string };

export type Mirror = {
  /**
   * Records a job with its request, and, if `held_for` is set, as a dependent of that job, in one transaction.
   * Answers the job that has the id already, if any; then nothing is written.
   */
  create(job: JobRecord, request?: StoredRequest): Promise<JobRecord | undefined>;
  /**
   * Records the child of a chain (`parent_job_id`, `step`), if the conditional job is unfinished in that very moment.
   * Answers the child that is there already, if any; `over` when the conditional job has ended: then nothing is written.
   */
  createChild(child: JobRecord, request?: StoredRequest): Promise<JobRecord | 'created' | 'over'>;
  /** The children of a conditional job; strongly consistent. */
  children(id: string): Promise<JobRecord[]>;
  /** Strongly consistent; without a result that is too large for the item (see `result`). */
  job(id: string): Promise<JobRecord | undefined>;
  jobs(ids: string[]): Promise<JobRecord[]>;
  /** By LEIA's id; eventually consistent for a job bound within the last second or so. */
  jobByLeiaId(leiaId: string): Promise<JobRecord | undefined>;
  /**
   * The result as JSON text, from wherever it lies; null when there is none, or retention took it (`result_at` stays).
   * One of more than `atMost` bytes is null, too, and is not read.
   */
  result(job: JobRecord, atMost?: number): Promise<string | null>;
  /** The request of a job that may still need it: until it has ended, its follow-ups are done and its caller was told. */
  request(job: JobRecord): Promise<StoredRequest | undefined>;
  /**
   * Changes a job by a decision on its present state, on condition that the state is still the one decided on; when it
   * is not, the decision is made again on the new one. `known` saves the first read when the caller has just read it.
   * Undefined when there is no such job.
   */
  change(id: string, decide: (job: JobRecord) => JobRecord | undefined, known?: JobRecord): Promise<Change | undefined>;
  /** Takes a record that is `unproven` away again, with its request. One that is not, or not any more, stays. */
  withdraw(id: string): Promise<void>;
  /** Ids of the jobs held for this one; strongly consistent. */
  dependents(id: string): Promise<string[]>;
  /** Forgets that `dependent` waits for `id`. */
  dropDependent(id: string, dependent: string): Promise<void>;
  /** Jobs of a submitter in a lane with `after < at <= until` (instants; open where absent), oldest first per shard. */
  lane(submitter: string, lane: Lane, range: { after?: string; until?: string }): AsyncIterable<LaneEntry>;
  /** The oldest instant in a lane, of those after `after`; undefined when there is none. */
  oldestInLane(submitter: string, lane: Lane, after?: string): Promise<string | undefined>;
  /**
   * A submitter's jobs as lists need them, with the fields asked for: pages of entries, in no order, from each part of
   * an index whose parts can be read at once. Eventually consistent. Refused submissions are not among them.
   */
  listed(submitter: string, range: CreationRange, fields: readonly ListField[]): AsyncIterable<ListEntry[]>[];
};
