// The mirror on DynamoDB (D3): one table for all items, S3 for what is too large for it. Only this file writes jobs.
import { randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import type { StoredRequest } from '../jobs/request.ts';
import { againOnConflict, isConflict } from './conflicts.ts';
import {
  attributesOf,
  changedAttributes,
  dependentKey,
  jobKey,
  requestKey,
  type StoredJob,
  updateOf,
} from './job-items.ts';
import { jobLists } from './job-lists.ts';
import {
  childWrites,
  dependentWrites,
  lifetimeOfNew,
  placeRequest,
  placeResult,
  settle,
  type Table,
} from './job-parts.ts';
import { jobQueries, storedJob } from './job-queries.ts';
import { isInS3, largeValues } from './large-values.ts';
import type { Change, Mirror } from './mirror.ts';
import type { ObjectStoreOptions } from './object-store.ts';
import { toItem } from './table-client.ts';

export type JobTableOptions = Omit<Table, 'values'> &
  ObjectStoreOptions & {
    /** As `table-client.ts` makes it. */
    client: DynamoDBClient;
  };

/**
 * The mirror on DynamoDB.
 * @throws Error when others win the race for the same job again and again; the SDK's errors when AWS does not answer.
 */
export const jobTable = ({ s3, bucketName, ...options }: JobTableOptions): Mirror => {
  const table = { ...options, values: largeValues({ bucketName, ...(s3 ? { s3 } : {}) }) };
  return {
    ...jobQueries(table),
    ...jobLists(table),
    create: async (job, request) => {
      const existing = await create(table, job, { request });
      return existing === 'over' ? undefined : existing;
    },
    createChild: async (child, request) =>
      (await create(table, child, { request, guards: childWrites(table, child) })) ?? 'created',
    change: (id, decide, known) => change(table, { id, known }, decide),
    withdraw: (id) => withdraw(table, id),
    dropDependent: async (id, dependent) => {
      const Key = toItem(dependentKey(id, dependent));
      await table.client.send(new DeleteItemCommand({ TableName: table.tableName, Key }));
    },
  };
};

type Creating = { request?: StoredRequest | undefined; guards?: TransactWriteItem[] };

/** `over`: a guard did not hold. */
const create = async (
  table: Table,
  given: JobRecord,
  { request, guards = [] }: Creating,
): Promise<JobRecord | 'over' | undefined> => {
  const writeId = randomUUID();
  const { job, writes } = await placeResult(table, given);
  const asked = await placeRequest(table, job, request);
  const attributes = { ...attributesOf(job, table.shards), ...asked.attributes, ...lifetimeOfNew(table, job) };
  const meta = {
    Put: {
      TableName: table.tableName,
      Item: toItem({ ...attributes, ...jobKey(job.id), write_id: writeId }),
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
  const existing = await againOnConflict(`Job ${job.id}`, async () => {
    try {
      await write(table, [meta, ...writes, ...asked.writes, ...dependentWrites(table, job), ...guards]);
      return undefined;
    } catch (error) {
      const found = isConflict(error) ? await storedJob(table, job.id) : undefined;
      if (!found && isConflict(error) && (await isOver(table, job))) return 'over' as const;
      if (!found) throw error;
      return found;
    }
  });
  if (existing === 'over') return existing;
  // What is there may be this very write: it succeeded, its reply was lost on the way, and the SDK sent it again.
  if (existing === undefined || existing.writeId === writeId) return undefined;
  if (isInS3(asked.at) && asked.at !== existing.requestAt) await table.values.drop(asked.at);
  return existing.job;
};

const isOver = async (table: Table, { parent_job_id: parent, step }: JobRecord): Promise<boolean> => {
  if (parent === null || step === undefined) return false;
  const stored = await storedJob(table, parent);
  return !stored || isFinished(stored.job);
};

const change = async (
  table: Table,
  { id, known }: { id: string; known: JobRecord | undefined },
  decide: (job: JobRecord) => JobRecord | undefined,
): Promise<Change | undefined> => {
  let present: StoredJob | undefined = known && { job: known };
  let tried: { writeId: string; change: Change } | undefined;
  return againOnConflict(`Job ${id}`, async () => {
    const stored = present ?? (await storedJob(table, id));
    present = undefined;
    if (stored === undefined) return undefined;
    // The try before had succeeded, but its reply was lost on the way and the SDK sent it again.
    if (tried && tried.writeId === stored.writeId) return tried.change;
    const before = stored.job;
    const decided = decide(before);
    if (decided === undefined || decided === before) return { before };
    const { job: after, writes } = await placeResult(table, { ...decided, version: before.version + 1 });
    tried = { writeId: randomUUID(), change: { before, after } };
    await writeChange(table, { stored, after, writes, writeId: tried.writeId });
    return tried.change;
  });
};

const withdraw = (table: Table, id: string): Promise<void> =>
  againOnConflict(`Job ${id}`, async () => {
    const stored = await storedJob(table, id);
    if (stored?.job.unproven === undefined) return;
    const { job, requestAt } = stored;
    // First, or a crash between the two would leave it for ever.
    if (isInS3(requestAt)) await table.values.drop(requestAt);
    const { tableName: TableName } = table;
    const meta = {
      Delete: {
        TableName,
        Key: toItem(jobKey(id)),
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: toItem({ ':version': job.version }),
      },
    };
    await write(table, [
      meta,
      ...(requestAt === 'item' ? [{ Delete: { TableName, Key: toItem(requestKey(id)) } }] : []),
    ]);
  });

type Changing = { stored: StoredJob; after: JobRecord; writes: TransactWriteItem[]; writeId: string };

const writeChange = async (table: Table, { stored, after, writes, writeId }: Changing): Promise<void> => {
  const settled = await settle(table, stored, after);
  const changed = changedAttributes(stored.job, after, table.shards);
  const update = updateOf({ ...changed, ...settled.attributes, write_id: writeId });
  const meta = {
    Update: {
      TableName: table.tableName,
      Key: toItem(jobKey(after.id)),
      ...update,
      ConditionExpression: '#version = :known_version',
      ExpressionAttributeValues: toItem({
        ...update.ExpressionAttributeValues,
        ':known_version': stored.job.version,
      }),
    },
  };
  await write(table, [meta, ...writes, ...settled.writes]);
};

/** One write as it is, several as a transaction. */
const write = async ({ client }: Table, writes: TransactWriteItem[]): Promise<void> => {
  const [only, ...more] = writes;
  if (more.length > 0) await client.send(new TransactWriteItemsCommand({ TransactItems: writes }));
  else if (only?.Put) await client.send(new PutItemCommand(only.Put));
  else if (only?.Update) await client.send(new UpdateItemCommand(only.Update));
  else if (only?.Delete) await client.send(new DeleteItemCommand(only.Delete));
};
