// The items that a job is made of (D3), from and to its record.
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { needsHeaders } from '../jobs/callback.ts';
import { Instant, isFinished, isListed, JobRecord, keepsRequest } from '../jobs/job.ts';
import { type LaneEntry, laneOf, lanes } from '../jobs/lanes.ts';
import { sha256 } from '../runtime/hash.ts';
import { jobSortKey } from './table-schema.ts';

const partition = (id: string): string => `JOB#${id}`;

export const jobKey = (id: string) => ({ pk: partition(id), sk: jobSortKey });
export const requestKey = (id: string) => ({ pk: partition(id), sk: 'REQUEST' });
export const resultKey = (id: string) => ({ pk: partition(id), sk: 'RESULT' });

export const dependentPrefix = 'DEPENDENT#';
export const dependentKey = (prerequisite: string, dependent: string) => ({
  pk: partition(prerequisite),
  sk: dependentPrefix + dependent,
});

export const childPrefix = 'CHILD#';
/** In the order of rules and entries, up to 9,999 of each. */
export const childKey = (parent: string, { rule, entry }: { rule: number; entry: number }) => ({
  pk: partition(parent),
  sk: `${childPrefix}${String(rule).padStart(4, '0')}#${String(entry).padStart(4, '0')}`,
});

/** The META item: the record, and what only the table knows of it. */
const MetaItem = z.object({
  ...JobRecord.shape,
  /** Where a request too large for META lies: `item`, or `s3:<key>`. */
  request_at: z.string().optional(),
  /** Random, another for every write: tells a writer whose reply was lost that the write it meets is its own. */
  write_id: z.string().optional(),
});
export type StoredJob = { job: JobRecord; requestAt?: string | undefined; writeId?: string | undefined };

/** The record in a META item, for example of a stream image. @throws ZodError for anything else. */
export const jobOfItem = (item: unknown): JobRecord => storedJobOf(item).job;

export const storedJobOf = (item: unknown): StoredJob => {
  const { request_at: requestAt, write_id: writeId, ...job } = MetaItem.parse(item);
  return { job, requestAt, writeId };
};

/**
 * META's attributes for a record, undefined where there is none; a result that lies elsewhere is left out.
 * The record is checked before it is written: one that could not be read again would be lost.
 */
export const attributesOf = (job: JobRecord, shards: number): Record<string, unknown> => ({
  ...recordAttributes(JobRecord.parse(job)),
  ...indexKeys(job, shards),
});

/**
 * What a change writes of META's attributes; undefined: goes. The keys of the indexes always: those that are there may be
 * of an older version's rules, which show only `before`.
 */
export const changedAttributes = (before: JobRecord, after: JobRecord, shards: number): Record<string, unknown> => {
  const [present, next] = [recordAttributes(before), recordAttributes(JobRecord.parse(after))];
  const names = Object.keys({ ...present, ...next });
  const changed = names.filter((name) => !isDeepStrictEqual(next[name], present[name]));
  return { ...Object.fromEntries(changed.map((name) => [name, next[name]])), ...indexKeys(after, shards) };
};

const recordAttributes = (job: JobRecord): Record<string, unknown> => ({
  ...wellFormed(job),
  ...(job.result_at === undefined ? {} : { result: undefined }),
});

/** Where the job is in the table's indexes; undefined where it is in none. */
const indexKeys = (job: JobRecord, shards: number): Record<string, string | undefined> => {
  const lane = laneOf(job);
  const listed = isListed(job);
  const indexed = `${job.submitter_id}#${shardOf(job.id, shards)}`;
  return {
    in_flight_pk: lane && indexed,
    in_flight_sk: lane && `${lane.lane}#${lane.at}#${job.id}`,
    by_application_pk: listed ? indexed : undefined,
    by_application_sk: listed ? `${job.creation_time}#${job.id}` : undefined,
  };
};

/** DynamoDB takes UTF-8 only; half a surrogate pair in LEIA's `reason` must not keep a job from ending. */
const wellFormed = (record: JobRecord): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, typeof value === 'string' ? value.toWellFormed() : value]),
  );

/** Which of the index partitions of its submitter a job is in, for ever. */
export const shardOf = (id: string, shards: number): number => Number.parseInt(sha256(id).slice(0, 8), 16) % shards;

export const indexPartitions = (submitter: string, shards: number): string[] =>
  Array.from({ length: shards }, (_, shard) => `${submitter}#${shard}`);

/** `SET` and `REMOVE` of the given attributes: those undefined are removed. */
export const updateOf = (attributes: Record<string, unknown>) => {
  const set = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const removed = Object.keys(attributes).filter((name) => attributes[name] === undefined);
  const clauses = [
    ...(set.length > 0 ? [`SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`] : []),
    ...(removed.length > 0 ? [`REMOVE ${removed.map((name) => `#${name}`).join(', ')}`] : []),
  ];
  return {
    UpdateExpression: clauses.join(' '),
    ExpressionAttributeNames: Object.fromEntries(Object.keys(attributes).map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
  };
};

const LaneItem = z.object({
  ...JobRecord.pick({ id: true, status: true, stage: true, leia_id: true, held_for: true }).shape,
  in_flight_sk: z
    .string()
    .transform((key) => key.split('#'))
    .pipe(z.tuple([z.enum(lanes), Instant], z.string())),
});

/** What the `in-flight` index holds of a job. */
export const laneEntryOf = (item: unknown): LaneEntry => {
  const { in_flight_sk, ...entry } = LaneItem.parse(item);
  const [lane, at] = in_flight_sk;
  return { ...entry, lane, at };
};

/** Finished and followed up: it may expire. */
export const isSettled = (job: JobRecord): boolean => isFinished(job) && job.follow_up_due === undefined;

/** Whether something, or somebody, may still need the request. */
export const needsRequest = (job: JobRecord): boolean => !isSettled(job) || keepsRequest(job) || needsHeaders(job);
