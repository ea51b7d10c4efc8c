// Changes of jobs that follow-mirror could not follow: Lambda puts each failed batch of the stream into the bucket, as
// one object that holds the records (lib/overflow-bucket.ts).
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { setAsidePrefix } from '../../functions/adapters/table-schema.ts';
import { Failure } from './failure.ts';

export type SetAsideBatch = { key: string; at: string };

/** A record of the stream as Lambda hands it to follow-mirror; what is in it is that function's to read. */
export const StreamRecord = z.looseObject({
  dynamodb: z.looseObject({ Keys: z.record(z.string(), z.looseObject({ S: z.string().optional() })).optional() }),
});
export type StreamRecord = z.infer<typeof StreamRecord>;

export type SetAside = {
  /** Up to `most` batches, the oldest first among those that were looked at. */
  list(most: number): Promise<{ batches: SetAsideBatch[]; more: boolean }>;
  /** The records of a batch, in their order. @throws Failure when it is none that Lambda writes */
  records(batch: SetAsideBatch): Promise<StreamRecord[]>;
  drop(batch: SetAsideBatch): Promise<void>;
};

export const s3SetAside = (client: S3Client, Bucket: string): SetAside => ({
  async list(most) {
    const batches: SetAsideBatch[] = [];
    let token: string | undefined;
    do {
      const { Contents = [], NextContinuationToken } = await client.send(
        new ListObjectsV2Command({
          Bucket,
          Prefix: setAsidePrefix,
          MaxKeys: Math.min(1000, most - batches.length + 1),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      batches.push(...Contents.map(({ Key = '', LastModified }) => ({ key: Key, at: timeOf(Key, LastModified) })));
      token = NextContinuationToken;
    } while (token !== undefined && batches.length <= most);
    return { batches: batches.slice(0, most).toSorted(byTime), more: batches.length > most };
  },

  async records({ key }) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
    return recordsOf(key, (await Body?.transformToString('utf-8')) ?? '');
  },

  async drop({ key }) {
    await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
  },
});

/** `…/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>`: when Lambda gave the batch up. */
const timeOf = (key: string, modified: Date | undefined): string => {
  const [, day, hours, minutes, seconds] = /(\d{4}-\d\d-\d\d)T(\d\d)\.(\d\d)\.(\d\d)/.exec(key) ?? [];
  return day === undefined ? (modified ?? new Date(0)).toISOString() : `${day}T${hours}:${minutes}:${seconds}.000Z`;
};

const byTime = (one: SetAsideBatch, other: SetAsideBatch): number => (one.at + one.key < other.at + other.key ? -1 : 1);

const Event = z.object({ Records: z.array(StreamRecord) });

/** The invocation record that Lambda writes: the event is a text in it, which only S3 gets. */
const Invocation = z.object({ payload: z.union([z.string(), Event]) });

const recordsOf = (key: string, text: string): StreamRecord[] => {
  try {
    const { payload } = Invocation.parse(JSON.parse(text));
    return (typeof payload === 'string' ? Event.parse(JSON.parse(payload)) : payload).Records;
  } catch (error) {
    throw new Failure(`${key} is no failed batch as Lambda writes it`, error);
  }
};
