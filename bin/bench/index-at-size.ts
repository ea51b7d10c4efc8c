// The job table with as many jobs as wanted, as far as lists read it: DynamoDB's answers, page sizes and prices, made up
// on the spot, so that the SDK's own work on them counts and the network's is a number.
import { setTimeout as pause } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { marshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { attributesOf, jobKey, shardOf } from '../../functions/adapters/job-items.ts';
import { indexes } from '../../functions/adapters/table-schema.ts';
import { instant, type JobRecord, statuses } from '../../functions/jobs/job.ts';

/** What reading has cost so far. */
export interface Bill {
  indexRequests: number;
  indexUnits: number;
  jobRequests: number;
  jobUnits: number;
  /** Greatest used heap (bytes) seen when a request came in. */
  heap: number;
}

type Item = Record<string, unknown>;
type Marshalled = object;

const MEGABYTE = 1024 * 1024;
const READ_UNIT = 4096;
const submitter = '5dceca1246eac2df484031de';
/** Creation time of the first job. */
export const start = Date.UTC(2026, 0, 1);

const hex = (number: number): string => number.toString(16).padStart(24, '0');

/** Jobs as they are in a house that has used LEIA for a while: all kinds, most of them done. */
const jobNumber = (nth: number): JobRecord => {
  const created = start + nth * 1000;
  const status = nth % 50 === 0 ? (statuses[(nth / 50) % statuses.length] ?? 'READY') : 'PROCESSED';
  return {
    id: hex(nth),
    application_id: submitter,
    submitter_id: submitter,
    creation_time: instant(created),
    document_ids: [hex(1_000_000 + Math.floor(nth / 3))],
    job_type: ['predict', 'image-text', 'pdf-images'][nth % 3] ?? 'predict',
    status,
    callback_url: null,
    execute_after_id: nth % 3 === 0 ? null : hex(nth - 1),
    starting_time: instant(created + 2000),
    finished_time: instant(created + 2000 + ((nth * 7919) % 60_000)),
    model_id: nth % 3 === 0 ? hex(7) : null,
    parent_job_id: null,
    page_range: null,
    reason: null,
    http_code: 200,
    result_type: 'object',
    result: '{"score":1.0}',
    version: 3,
    stage: 'bound',
    leia_id: hex(2_000_000 + nth),
    observed_at: instant(created + 70_000),
    observed_via: 'callback',
    attempt: 1,
  };
};

const bytesOfValue = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + 1 + bytesOfValue(one), 3);
  return 1;
};
/** As DynamoDB counts the size of an item. */
const bytesOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + name.length + bytesOfValue(value), 0);

const QueryInput = z.object({
  ExpressionAttributeValues: z.record(z.string(), z.object({ S: z.string() })),
  ExpressionAttributeNames: z.record(z.string(), z.string()),
  ProjectionExpression: z.string(),
  ExclusiveStartKey: z.object({ nth: z.object({ N: z.coerce.number() }) }).optional(),
});
const BatchGetInput = z.object({
  RequestItems: z.record(z.string(), z.object({ Keys: z.array(z.object({ pk: z.object({ S: z.string() }) })) })),
});

export const indexAtSize = ({
  jobs,
  shards,
  millisPerRequest,
  largeResults = false,
}: Record<'jobs' | 'shards' | 'millisPerRequest', number> & {
  /** Whether results lie in S3 rather than in the items. */
  largeResults?: boolean;
}) => {
  const bill: Bill = { indexRequests: 0, indexUnits: 0, jobRequests: 0, jobUnits: 0, heap: 0 };
  const parts = Array.from({ length: shards }, (): number[] => []);
  for (let nth = 0; nth < jobs; nth += 1) parts[shardOf(hex(nth), shards)]?.push(nth);
  const pages = new Map<string, { body: Buffer; units: number }>();

  const place = largeResults ? { result_at: 's3:results/any' } : {};
  const itemOf = (nth: number): Item => ({
    ...attributesOf({ ...jobNumber(nth), ...place }, shards),
    ...jobKey(hex(nth)),
  });
  const projected = (item: Item, names: readonly string[]): Marshalled =>
    marshall(Object.fromEntries(names.map((name) => [name, item[name] ?? null])));
  const inIndex = [
    'pk',
    'sk',
    indexes.byApplication.partition,
    indexes.byApplication.sort,
    ...indexes.byApplication.include,
  ];

  const makePage = (input: z.infer<typeof QueryInput>): { body: Buffer; units: number } => {
    const { ':partition': partition, ':low': low, ':high': high } = input.ExpressionAttributeValues;
    const names = Object.values(input.ExpressionAttributeNames);
    const part = parts[Number(partition?.S.split('#')[1])] ?? [];
    const Items: Marshalled[] = [];
    let bytes = 0;
    let at = input.ExclusiveStartKey?.nth.N ?? 0;
    for (; at < part.length && bytes < MEGABYTE; at += 1) {
      const item = itemOf(part[at] ?? 0);
      const key = String(item[indexes.byApplication.sort]);
      if (key < (low?.S ?? '') || key > (high?.S ?? '')) continue;
      bytes += bytesOf(Object.fromEntries(inIndex.map((name) => [name, item[name]])));
      Items.push(projected(item, names));
    }
    const more = at < part.length ? { LastEvaluatedKey: marshall({ nth: at }) } : {};
    const body = Buffer.from(JSON.stringify({ Items, Count: Items.length, ScannedCount: Items.length, ...more }));
    return { body, units: Math.ceil(bytes / READ_UNIT) / 2 };
  };

  const query = (text: string): Buffer => {
    const page = pages.get(text) ?? makePage(QueryInput.parse(JSON.parse(text)));
    pages.set(text, page);
    bill.indexRequests += 1;
    bill.indexUnits += page.units;
    return page.body;
  };
  const batchGet = (text: string): Buffer => {
    const [[table, { Keys }] = ['', { Keys: [] }]] = Object.entries(BatchGetInput.parse(JSON.parse(text)).RequestItems);
    const items = Keys.map(({ pk }) => itemOf(Number.parseInt(pk.S.split('#')[1] ?? '', 16)));
    bill.jobRequests += 1;
    bill.jobUnits += items.reduce((sum, item) => sum + Math.ceil(bytesOf(item) / READ_UNIT), 0);
    const Responses = { [table]: items.map((item) => marshall(item, { removeUndefinedValues: true })) };
    return Buffer.from(JSON.stringify({ Responses, UnprocessedKeys: {} }));
  };

  const handle = async ({ headers, body }: { headers: Record<string, string>; body: Uint8Array | string }) => {
    bill.heap = Math.max(bill.heap, getHeapStatistics().used_heap_size);
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
    const answer = headers['x-amz-target']?.endsWith('.Query') ? query(text) : batchGet(text);
    await pause(millisPerRequest);
    return { response: { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: answer } };
  };
  const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
  return { bill, submitter, client: { region: 'eu-west-1', credentials, requestHandler: { handle } } };
};
