// Failed batches of the stream, as Lambda puts them into a bucket and `leia-jobs` reads them.
import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { s3SetAside } from '../../bin/repair/set-aside.ts';

type Request = { method: string; path: string; query: Record<string, string> };

/** An S3 that keeps these objects, and shows `shown` keys at a time. */
const bucketOf = (objects: Record<string, string>, shown = 1000) => {
  const asked: Request[] = [];
  const answer = ({ method, path, query }: Request): string => {
    if (method === 'DELETE') return '';
    if (query['list-type'] !== '2') return objects[decodeURIComponent(path.slice(1))] ?? '';
    const from = Number(query['continuation-token'] ?? 0);
    const keys = Object.keys(objects).slice(from, from + Math.min(shown, Number(query['max-keys'])));
    const next = from + keys.length;
    const contents = keys.map(
      (key) => `<Contents><Key>${key}</Key><LastModified>2026-01-09T00:00:00.000Z</LastModified></Contents>`,
    );
    const more = next < Object.keys(objects).length ? `<NextContinuationToken>${next}</NextContinuationToken>` : '';
    return `<ListBucketResult>${contents.join('')}${more}</ListBucketResult>`;
  };
  const client = new S3Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      handle: async (request: Request) => {
        asked.push(request);
        return { response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(answer(request))]) } };
      },
    },
  });
  return { asked, setAside: s3SetAside(client, 'bucket') };
};

const keyAt = (shard: string, time: string): string =>
  `aws/lambda/0b5c0fc5/${shard}/${time.slice(0, 10).replaceAll('-', '/')}/${time}-316aa6d0`;

describe('the batches in the bucket', () => {
  const late = keyAt('shardId-0001', '2026-01-02T00.00.09');
  const early = keyAt('shardId-0002', '2026-01-01T23.59.01');
  const last = keyAt('shardId-0003', '2026-01-03T00.00.00');

  it('are told the oldest first, whatever their shard', async () => {
    const { setAside } = bucketOf({ [late]: '', [early]: '', [last]: '' }, 2);
    expect(await setAside.list(10)).toEqual({
      batches: [
        { key: early, at: '2026-01-01T23:59:01.000Z' },
        { key: late, at: '2026-01-02T00:00:09.000Z' },
        { key: last, at: '2026-01-03T00:00:00.000Z' },
      ],
      more: false,
    });
  });

  it('are no more than asked for', async () => {
    const { setAside, asked } = bucketOf({ [late]: '', [early]: '', [last]: '' });
    const { batches, more } = await setAside.list(2);
    expect([batches.length, more]).toEqual([2, true]);
    expect(asked).toHaveLength(1);
  });
});

describe('a batch', () => {
  const record = { eventID: '1', dynamodb: { Keys: { pk: { S: 'JOB#1' }, sk: { S: 'META' } }, SizeBytes: 12 } };
  const written = { version: '1.0', requestContext: { condition: 'RetryAttemptsExhausted' } };
  const recordsIn = (text: string) => bucketOf({ key: text }).setAside.records({ key: 'key', at: '' });

  it('holds its event as text, of which nothing is lost', async () => {
    expect(await recordsIn(JSON.stringify({ ...written, payload: JSON.stringify({ Records: [record] }) }))).toEqual([
      record,
    ]);
  });

  it('may hold it as it is', async () => {
    expect(await recordsIn(JSON.stringify({ ...written, payload: { Records: [record] } }))).toEqual([record]);
  });

  it.each([
    '',
    '{}',
    JSON.stringify({ ...written, payload: '{"Records":' }),
    JSON.stringify({ payload: '{"Records":[{}]}' }),
  ])('is none where it is written otherwise: %s', async (text) => {
    await expect(recordsIn(text)).rejects.toThrow('key is no failed batch as Lambda writes it');
  });
});
