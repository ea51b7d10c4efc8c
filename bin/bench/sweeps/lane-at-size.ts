// The table of an application with as many jobs in flight as wanted, as far as a sweep reads it: DynamoDB's answers, made
// up ahead, so that the SDK's and our own work on them counts; and a count of the requests.
import { setTimeout as pause } from 'node:timers/promises';
import { marshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { attributesOf, jobKey, shardOf } from '../../../functions/adapters/job-items.ts';
import { indexes } from '../../../functions/adapters/table-schema.ts';
import { instant } from '../../../functions/jobs/job.ts';
import { sha256 } from '../../../functions/runtime/hash.ts';
import { API_KEY, anApplication } from '../../../test/support/callers.ts';
import { APPLICATION, aBoundJob, id } from '../../../test/support/jobs.ts';

interface Size {
  readonly jobs: number;
  readonly shards: number;
  readonly millisPerRequest: number;
  /** When the sweep is; each job passed its first minute in the minute before. */
  readonly now: number;
}

type Item = Record<string, unknown>;

const MEGABYTE = 1024 * 1024;
const minute = 60_000;

const Query = z.object({
  IndexName: z.string().optional(),
  Limit: z.number().optional(),
  ExpressionAttributeValues: z.record(z.string(), z.object({ S: z.string() })),
  ExclusiveStartKey: z.object({ nth: z.object({ N: z.coerce.number() }) }).optional(),
});

const Update = z.object({ Key: z.object({ pk: z.object({ S: z.string() }) }) });

const kindOf = (operation: string, text: string): 'reads' | 'writes' | 'writesOfJobs' => {
  if (operation !== 'UpdateItem') return 'reads';
  return Update.parse(JSON.parse(text)).Key.pk.S.startsWith(jobKey('').pk) ? 'writesOfJobs' : 'writes';
};

export const laneAtSize = ({ jobs, shards, millisPerRequest, now }: Size) => {
  const count = { reads: 0, writes: 0, writesOfJobs: 0 };
  const parts = Array.from({ length: shards }, (): Item[] => []);
  const { name, partition, sort, include } = indexes.inFlight;
  for (let nth = 0; nth < jobs; nth += 1) {
    const job = aBoundJob({
      id: id(nth),
      leia_id: id(1_000_000 + nth),
      sent_at: instant(now - 2 * minute + 1 + (nth * minute) / jobs),
    });
    const item: Item = { ...attributesOf(job, shards), ...jobKey(job.id) };
    const shown = ['pk', 'sk', partition, sort, ...include].flatMap((key) =>
      item[key] === undefined ? [] : [[key, item[key]]],
    );
    parts[shardOf(job.id, shards)]?.push(Object.fromEntries(shown));
  }
  const answers = new Map<string, Buffer>();

  const page = (text: string): Buffer => {
    const { IndexName, Limit = Number.POSITIVE_INFINITY, ...input } = Query.parse(JSON.parse(text));
    const { ':partition': of, ':low': low, ':high': high } = input.ExpressionAttributeValues;
    const part = IndexName === name ? (parts[Number(of?.S.split('#')[1])] ?? []) : [];
    const Items: object[] = [];
    let bytes = 0;
    let at = input.ExclusiveStartKey?.nth.N ?? 0;
    for (; at < part.length && bytes < MEGABYTE && Items.length < Limit; at += 1) {
      const key = String(part[at]?.[sort]);
      if (key < (low?.S ?? '') || key > (high?.S ?? '')) continue;
      const item = part[at] ?? {};
      bytes += Object.entries(item).reduce((sum, [attribute, value]) => sum + attribute.length + `${value}`.length, 0);
      Items.push(marshall(item));
    }
    const more = at < part.length ? { LastEvaluatedKey: marshall({ nth: at }) } : {};
    return Buffer.from(JSON.stringify({ Items, Count: Items.length, ScannedCount: Items.length, ...more }));
  };
  /** The only item that is read by its key is the application's: its last sweep was a minute ago. */
  const application = Buffer.from(
    JSON.stringify({
      Item: marshall({
        pk: `APPLICATION#${APPLICATION}`,
        sk: 'APPLICATION',
        application: JSON.stringify(anApplication()),
        key_hash: sha256(API_KEY),
        watermark_sent: now - minute,
        watermark_held: now - minute,
        watermark_discovered: now,
      }),
    }),
  );
  const answerTo = (operation: string, text: string): Buffer => {
    if (operation === 'GetItem') return application;
    if (operation === 'UpdateItem') return Buffer.from('{}');
    if (operation !== 'Query') throw new Error(`A sweep in which nothing has changed asks the table to ${operation}`);
    const answer = answers.get(text) ?? page(text);
    answers.set(text, answer);
    return answer;
  };

  const handle = async ({ headers, body }: { headers: Record<string, string>; body: Uint8Array | string }) => {
    const operation = headers['x-amz-target']?.split('.').at(-1) ?? '';
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
    count[kindOf(operation, text)] += 1;
    const answer = answerTo(operation, text);
    await pause(millisPerRequest);
    return { response: { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: answer } };
  };
  const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
  return { count, client: { region: 'eu-west-1', credentials, requestHandler: { handle } } };
};
