// Reads of the job table: everything of `Mirror` that changes nothing.
import { BatchGetItemCommand, type DynamoDBClient, paginateQuery, QueryCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { JobRecord } from '../jobs/job.ts';
import type { Lane, LaneEntry } from '../jobs/lanes.ts';
import { StoredRequest } from '../jobs/request.ts';
import {
  childPrefix,
  dependentPrefix,
  indexPartitions,
  jobKey,
  jobOfItem,
  laneEntryOf,
  requestKey,
  resultKey,
  type StoredJob,
  storedJobOf,
} from './job-items.ts';
import { isInS3, type LargeValues } from './large-values.ts';
import type { Mirror } from './mirror.ts';
import { untilAllTaken } from './partial-failure.ts';
import { fromItems, itemAt, toItem } from './table-client.ts';
import { indexes } from './table-schema.ts';

export type JobTable = {
  client: DynamoDBClient;
  tableName: string;
  /** Partitions per submitter of the `in-flight` and `by-application` indexes. */
  shards: number;
  values: LargeValues;
};

type Reads = Pick<
  Mirror,
  'job' | 'jobs' | 'jobByLeiaId' | 'result' | 'request' | 'dependents' | 'children' | 'lane' | 'oldestInLane'
>;

export const jobQueries = (table: JobTable): Reads => ({
  job: async (id) => (await storedJob(table, id))?.job,
  jobs: (ids) => jobsById(table, ids),
  jobByLeiaId: (leiaId) => jobByLeiaId(table, leiaId),
  result: (job, atMost = Number.POSITIVE_INFINITY) => resultOf(table, job, atMost),
  request: (job) => requestOf(table, job.id),
  dependents: (id) => markedIn(table, id, dependentPrefix, 'dependent_id'),
  children: async (id) => jobsById(table, await markedIn(table, id, childPrefix, 'child_id')),
  lane: (submitter, lane, range) => entriesOf(table, submitter, { lane, ...range }),
  oldestInLane: (submitter, lane, after) =>
    oldestInLane(table, submitter, after === undefined ? { lane } : { lane, after }),
});

export const storedJob = async (table: JobTable, id: string): Promise<StoredJob | undefined> => {
  const item = await itemAt(table, jobKey(id));
  return item && storedJobOf(item);
};

/** In the order of `ids`. */
const jobsById = async (table: JobTable, ids: string[]): Promise<JobRecord[]> => {
  const found = new Map<string, JobRecord>();
  const read = async (batch: string[]): Promise<string[]> => {
    const Keys = batch.map((id) => toItem(jobKey(id)));
    const RequestItems = { [table.tableName]: { Keys, ConsistentRead: true } };
    const { Responses, UnprocessedKeys } = await table.client.send(new BatchGetItemCommand({ RequestItems }));
    for (const job of fromItems(Responses?.[table.tableName]).map(jobOfItem)) found.set(job.id, job);
    const unread = new Set(fromItems(UnprocessedKeys?.[table.tableName]?.Keys).map(({ pk }) => pk));
    return batch.filter((id) => unread.has(jobKey(id).pk));
  };
  await untilAllTaken({ what: 'reads of jobs', size: 100 }, [...new Set(ids)], read);
  return ids.flatMap((id) => found.get(id) ?? []);
};

const KeyItem = z.object({ pk: z.string() });

const jobByLeiaId = async (table: JobTable, leiaId: string): Promise<JobRecord | undefined> => {
  const { Items } = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      IndexName: indexes.byLeiaId.name,
      KeyConditionExpression: `${indexes.byLeiaId.partition} = :id`,
      ExpressionAttributeValues: toItem({ ':id': leiaId }),
    }),
  );
  const [key] = z.array(KeyItem).parse(fromItems(Items));
  const item = key && (await itemAt(table, jobKey(key.pk.slice(jobKey('').pk.length))));
  return item && jobOfItem(item);
};

const ResultItem = z.object({ result: z.string() });

const resultOf = async (table: JobTable, job: JobRecord, atMost: number): Promise<string | null> => {
  if (isInS3(job.result_at) && job.result === undefined)
    return (await table.values.read(job.result_at, atMost)) ?? null;
  const result = job.result ?? (await resultInTable(table, job));
  return result !== undefined && Buffer.byteLength(result) <= atMost ? result : null;
};

const resultInTable = async (table: JobTable, { id, result_at }: JobRecord): Promise<string | undefined> =>
  result_at === undefined ? undefined : ResultItem.safeParse(await itemAt(table, resultKey(id))).data?.result;

/** META's own attribute, or the REQUEST item's. */
const RequestItem = z.object({ request: z.string().optional(), request_at: z.string().optional() });

const requestOf = async (table: JobTable, id: string): Promise<StoredRequest | undefined> => {
  const { request, request_at } = RequestItem.parse((await itemAt(table, jobKey(id))) ?? {});
  const text = request ?? (request_at === undefined ? undefined : await largeRequest(table, id, request_at));
  return text === undefined ? undefined : StoredRequest.parse(JSON.parse(text));
};

const largeRequest = async (table: JobTable, id: string, at: string): Promise<string | undefined> =>
  isInS3(at) ? table.values.read(at) : RequestItem.parse((await itemAt(table, requestKey(id))) ?? {}).request;

/** Jobs named by items in another job's partition: those that wait for it, or are its children. */
const markedIn = async (
  { client, tableName }: JobTable,
  id: string,
  prefix: string,
  attribute: 'dependent_id' | 'child_id',
): Promise<string[]> => {
  const pages = paginateQuery(
    { client },
    {
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: toItem({ ':pk': jobKey(id).pk, ':prefix': prefix }),
      ProjectionExpression: attribute,
    },
  );
  const items = await Array.fromAsync(pages, ({ Items }) => fromItems(Items));
  return z
    .array(z.record(z.string(), z.string()))
    .parse(items.flat())
    .flatMap((item) => item[attribute] ?? []);
};

type LaneRange = { lane: Lane; after?: string; until?: string };

/**
 * One partition of a lane. `$` follows `#`: `<lane>#<instant>$` lies behind every key of that instant, `<lane>$` behind
 * every key of the lane.
 */
const laneQuery = (table: JobTable, partition: string, { lane, after, until }: LaneRange) => ({
  TableName: table.tableName,
  IndexName: indexes.inFlight.name,
  KeyConditionExpression: `${indexes.inFlight.partition} = :partition AND ${indexes.inFlight.sort} BETWEEN :low AND :high`,
  ExpressionAttributeValues: toItem({
    ':partition': partition,
    ':low': after === undefined ? `${lane}#` : `${lane}#${after}$`,
    ':high': until === undefined ? `${lane}$` : `${lane}#${until}$`,
  }),
});

async function* entriesOf(table: JobTable, submitter: string, range: LaneRange): AsyncGenerator<LaneEntry> {
  if (range.after !== undefined && range.until !== undefined && range.after >= range.until) return;
  for (const partition of indexPartitions(submitter, table.shards)) {
    const pages = paginateQuery({ client: table.client }, laneQuery(table, partition, range));
    for await (const { Items } of pages) yield* fromItems(Items).map(laneEntryOf);
  }
}

const oldestInLane = async (table: JobTable, submitter: string, range: LaneRange): Promise<string | undefined> => {
  const oldest = await Promise.all(
    indexPartitions(submitter, table.shards).map(async (partition) => {
      const query = new QueryCommand({ ...laneQuery(table, partition, range), Limit: 1 });
      const { Items } = await table.client.send(query);
      return fromItems(Items).map((item) => laneEntryOf(item).at);
    }),
  );
  return oldest.flat().toSorted()[0];
};
