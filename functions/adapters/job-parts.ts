// What is written beside a job's META item (D3): a large result or request, the mark of a dependent, the day it goes.
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { isFinished, type JobRecord, statuses } from '../jobs/job.ts';
import type { StoredRequest } from '../jobs/request.ts';
import {
  childKey,
  dependentKey,
  isSettled,
  jobKey,
  needsRequest,
  requestKey,
  resultKey,
  type StoredJob,
} from './job-items.ts';
import { type JobTable, storedJob } from './job-queries.ts';
import { isInS3, placeOf } from './large-values.ts';
import { toItem } from './table-client.ts';

export type Table = JobTable & {
  /** How long a result outlives its job's end. */
  retentionSeconds: number;
  /** How long a refusal is remembered for its Idempotency-Key (D1). */
  refusalMemorySeconds: number;
  /** Epoch milliseconds. */
  now: () => number;
};

/** What a part adds to META (undefined: removes from it), and the writes that go with META in one transaction. */
export type Part = { attributes: Record<string, unknown>; writes: TransactWriteItem[] };

/** How much longer than its result a job stays. */
const metaGraceSeconds = 30 * 24 * 3600;

const nothing: Part = { attributes: {}, writes: [] };

/** Finds a new result its place: an S3 object is written here and now, an item is among the writes. */
export const placeResult = async (
  table: Table,
  job: JobRecord,
): Promise<{ job: JobRecord; writes: TransactWriteItem[] }> => {
  if (job.result === undefined || job.result_at !== undefined) return { job, writes: [] };
  const place = placeOf(job.result);
  if (place === 'inline') return { job, writes: [] };
  if (place === 's3')
    return { job: { ...job, result_at: await table.values.keep(`results/${job.id}`, job.result) }, writes: [] };
  const item = { ...resultKey(job.id), result: job.result, ...(isSettled(job) ? { ttl: expiry(table) } : {}) };
  return { job: { ...job, result_at: place }, writes: [{ Put: { TableName: table.tableName, Item: toItem(item) } }] };
};

/** The birth of each child checks its chain's META, and is billed by its size. */
const rulesInlineBytes = 1024;

/** The request of a new job, `at` its place outside META if it has one; a job that has ended already needs none. */
export const placeRequest = async (
  table: Table,
  job: JobRecord,
  request: StoredRequest | undefined,
): Promise<Part & { at?: string }> => {
  if (request === undefined || isSettled(job)) return nothing;
  const text = JSON.stringify(request);
  const place = placeOf(text, request.kind === 'conditional' ? rulesInlineBytes : undefined);
  if (place === 'inline') return { attributes: { request: text }, writes: [] };
  const at = place === 's3' ? await table.values.keep(`requests/${job.id}`, text) : place;
  const item = { Put: { TableName: table.tableName, Item: toItem({ ...requestKey(job.id), request: text }) } };
  return { at, attributes: { request_at: at }, writes: place === 's3' ? [] : [item] };
};

export const dependentWrites = ({ tableName }: Table, { id, held_for }: JobRecord): TransactWriteItem[] =>
  held_for === undefined
    ? []
    : [{ Put: { TableName: tableName, Item: toItem({ ...dependentKey(held_for, id), dependent_id: id }) } }];

/** A chain lives a year at most; its children are found by these as long as its own META stays. */
const childMarkSeconds = 2 * 365 * 24 * 3600;

/** The mark of a child at its chain, and that the chain is unfinished in the moment of the write (D6). */
export const childWrites = (table: Table, child: JobRecord): TransactWriteItem[] => {
  const { parent_job_id: parent, step } = child;
  if (parent === null || step === undefined) return [];
  const unfinished = statuses.filter((status) => !isFinished({ status }));
  return [
    {
      Put: {
        TableName: table.tableName,
        Item: toItem({ ...childKey(parent, step), child_id: child.id, ttl: inSeconds(table, childMarkSeconds) }),
      },
    },
    {
      ConditionCheck: {
        TableName: table.tableName,
        Key: toItem(jobKey(parent)),
        ConditionExpression: `#status IN (${unfinished.map((_, index) => `:s${index}`).join(', ')})`,
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: toItem(
          Object.fromEntries(unfinished.map((status, index) => [`:s${index}`, status])),
        ),
      },
    },
  ];
};

/** When a new job's META goes: never before it is settled. */
export const lifetimeOfNew = (table: Table, job: JobRecord): Record<string, unknown> =>
  isSettled(job) ? { ttl: metaExpiry(table, job) } : {};

/**
 * The write that settles a job drops its request, wherever that lies, unless something still needs it, and says when
 * the rest goes.
 */
export const settle = async (table: Table, stored: StoredJob, after: JobRecord): Promise<Part> => {
  if (!isSettled(after)) return isSettled(stored.job) ? nothing : { attributes: { ttl: undefined }, writes: [] };
  const request = await settleRequest(table, stored, after);
  if (isSettled(stored.job)) return request;
  return {
    attributes: { ...request.attributes, ttl: metaExpiry(table, after) },
    writes: [
      ...request.writes,
      ...(stored.job.result_at === 'item' ? [expireItem(table, resultKey(after.id), expiry(table))] : []),
    ],
  };
};

/** Of a settled job: drops its request once nothing needs it; until then an item that holds it gets its day. */
const settleRequest = async (table: Table, stored: StoredJob, after: JobRecord): Promise<Part> => {
  if (isSettled(stored.job) && needsRequest(stored.job) === needsRequest(after)) return nothing;
  const requestAt = await placeOfRequest(table, stored);
  const key = requestKey(after.id);
  if (needsRequest(after))
    return requestAt === 'item'
      ? { attributes: {}, writes: [expireItem(table, key, metaExpiry(table, after))] }
      : nothing;
  // Before the write that forgets where it is, or a crash between the two would leave it for ever.
  if (isInS3(requestAt)) await table.values.drop(requestAt);
  return {
    attributes: { request: undefined, request_at: undefined },
    writes: requestAt === 'item' ? [{ Delete: { TableName: table.tableName, Key: toItem(key) } }] : [],
  };
};

/** A record that the caller had at hand does not say; the place never changes. */
const placeOfRequest = async (table: Table, { job, requestAt, writeId }: StoredJob): Promise<string | undefined> =>
  writeId === undefined ? (await storedJob(table, job.id))?.requestAt : requestAt;

const expireItem = (table: Table, key: { pk: string; sk: string }, ttl: number): TransactWriteItem => ({
  Update: {
    TableName: table.tableName,
    Key: toItem(key),
    UpdateExpression: 'SET #ttl = :ttl',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: toItem({ ':ttl': ttl }),
  },
});

const inSeconds = ({ now }: Table, seconds: number): number => Math.floor(now() / 1000) + Math.ceil(seconds);

const expiry = (table: Table): number => inSeconds(table, table.retentionSeconds);

const metaExpiry = (table: Table, job: JobRecord): number =>
  inSeconds(table, job.refusal ? table.refusalMemorySeconds : table.retentionSeconds + metaGraceSeconds);
