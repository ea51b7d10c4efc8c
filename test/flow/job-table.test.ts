import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { accessTable } from '../../functions/adapters/access-table.ts';
import { jobTable } from '../../functions/adapters/job-table.ts';
import { itemAt, tableClient } from '../../functions/adapters/table-client.ts';
import type { JobRecord } from '../../functions/jobs/job.ts';
import { instant } from '../../functions/jobs/job.ts';
import { accessContract } from '../adapters/access-contract.ts';
import { mirrorContract } from '../adapters/mirror-contract.ts';
import { aJob, aRequest, seconds, T0 } from '../support/jobs.ts';
import { newId } from '../support/new-id.ts';

const day = 86_400;
const now = T0 + seconds(100);

const { aws, tableName } = inject('flow');
const bucketName = `job-table-test-${newId()}`;
const place = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
const s3 = new S3Client({ ...place, forcePathStyle: true });

const table = (client: DynamoDBClient = tableClient(place)) =>
  jobTable({
    client,
    s3,
    tableName,
    bucketName,
    shards: 3,
    retentionSeconds: 90 * day,
    refusalMemorySeconds: day,
    now: () => now,
  });

const item = (id: string, sortKey = 'META'): Promise<Record<string, unknown> | undefined> =>
  itemAt({ client: tableClient(place), tableName }, { pk: `JOB#${id}`, sk: sortKey });

const objectsOf = async (folder: string): Promise<number> =>
  (await s3.send(new ListObjectsV2Command({ Bucket: bucketName, Prefix: folder }))).KeyCount ?? 0;

/** A client and the names of the commands that it sent. */
const countingClient = () => {
  const client = tableClient(place);
  const commands: (string | undefined)[] = [];
  client.middlewareStack.add(
    (next, context) => (args) => {
      commands.push(context.commandName);
      return next(args);
    },
    { step: 'initialize' },
  );
  return { client, commands };
};

/** A client that does not hear the reply to its first `command`, though the table has done it. */
const deafClient = (command: string): DynamoDBClient => {
  const client = tableClient(place);
  let deaf = true;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const reply = await next(args);
      if (!deaf || context.commandName !== command) return reply;
      deaf = false;
      throw Object.assign(new Error('the reply was lost'), { name: 'TimeoutError' });
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return client;
};

const ended = (job: JobRecord, result: string): JobRecord => ({
  ...job,
  status: 'PROCESSED',
  finished_time: instant(now),
  follow_up_due: instant(now),
  result,
});
const followedUp = ({ follow_up_due: _due, ...job }: JobRecord): JobRecord => job;
const bound = (job: JobRecord): JobRecord => ({ ...job, stage: 'bound', leia_id: newId(), sent_at: instant(now) });
const jsonOf = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;

beforeAll(async () => {
  await s3.send(new CreateBucketCommand({ Bucket: bucketName }));
});

describe('the mirror on DynamoDB', () => {
  mirrorContract(() => table());

  it('writes its table four times in the life of a small job', async () => {
    const { client, commands } = countingClient();
    const mirror = table(client);
    const job = aJob({ id: newId(), stage: 'claimed' });
    await mirror.create(job, aRequest());
    const sent = await mirror.change(job.id, bound, job);
    const end = await mirror.change(job.id, (present) => ended(present, '{}'), sent?.after);
    await mirror.change(job.id, followedUp, end?.after);
    const writes = commands.filter((name) => name !== 'GetItemCommand');
    expect(writes).toEqual(['PutItemCommand', 'UpdateItemCommand', 'UpdateItemCommand', 'UpdateItemCommand']);
  });

  it.each([
    { bytes: 4096, inMeta: true, inItem: false, inS3: 0 },
    { bytes: 4097, inMeta: false, inItem: true, inS3: 0 },
    { bytes: 300 * 1024 + 1, inMeta: false, inItem: false, inS3: 1 },
  ])('keeps a result of $bytes bytes where it fits', async ({ bytes, inMeta, inItem, inS3 }) => {
    const mirror = table();
    const job = aJob({ id: newId() });
    await mirror.create(job, aRequest());
    await mirror.change(job.id, (present) => ended(present, jsonOf(bytes)));
    expect((await item(job.id))?.result !== undefined).toBe(inMeta);
    expect((await item(job.id, 'RESULT')) !== undefined).toBe(inItem);
    expect(await objectsOf(`results/${job.id}/`)).toBe(inS3);
  });

  it('lets nothing expire before the follow-ups are done, then the result before the job', async () => {
    const mirror = table();
    const job = aJob({ id: newId() });
    await mirror.create(job, aRequest());
    await mirror.change(job.id, (present) => ended(present, jsonOf(5000)));
    expect((await item(job.id))?.ttl).toBeUndefined();
    expect((await item(job.id, 'RESULT'))?.ttl).toBeUndefined();
    await mirror.change(job.id, followedUp);
    expect((await item(job.id, 'RESULT'))?.ttl).toBe(now / 1000 + 90 * day);
    expect((await item(job.id))?.ttl).toBe(now / 1000 + 120 * day);
  });

  it('remembers a refusal as long as it was told', async () => {
    const mirror = table();
    const job = aJob({ id: newId(), stage: 'claimed' });
    await mirror.create(job, aRequest());
    const refusal = { status: 404, detail: 'no such document' };
    await mirror.change(job.id, (present) => ({ ...present, status: 'FAILED', stage: 'dropped', refusal }));
    expect((await item(job.id))?.ttl).toBe(now / 1000 + day);
  });

  it('drops a settled job’s request from everywhere', async () => {
    const mirror = table();
    for (const bytes of [10, 5000, 400_000]) {
      const job = aJob({ id: newId() });
      await mirror.create(job, aRequest({ callback_headers: { 'x-long': 'x'.repeat(bytes) } }));
      await mirror.change(job.id, (present) => ended(present, '{}'));
      const before = [
        (await item(job.id))?.request,
        await item(job.id, 'REQUEST'),
        await objectsOf(`requests/${job.id}/`),
      ];
      expect(before.filter(Boolean)).toHaveLength(1);
      await mirror.change(job.id, followedUp);
      const after = [
        (await item(job.id))?.request,
        await item(job.id, 'REQUEST'),
        await objectsOf(`requests/${job.id}/`),
      ];
      expect(after.filter(Boolean)).toEqual([]);
    }
  });

  it('leaves nothing in S3 of a submission that was recorded before', async () => {
    const mirror = table();
    const job = aJob({ id: newId() });
    await mirror.create(job, aRequest());
    await mirror.create(job, aRequest({ callback_headers: { 'x-long': 'x'.repeat(400_000) } }));
    expect(await objectsOf(`requests/${job.id}/`)).toBe(0);
  });

  it('is in no sweep’s index once a job is done with', async () => {
    const mirror = table();
    const job = aJob({ id: newId() });
    await mirror.create(job, aRequest());
    expect(await item(job.id)).toHaveProperty('in_flight_sk');
    await mirror.change(job.id, (present) => followedUp(ended(present, '{}')));
    expect(await item(job.id)).not.toHaveProperty('in_flight_sk');
    expect(await item(job.id)).not.toHaveProperty('in_flight_pk');
  });

  it('knows its own write again when the reply to it was lost', async () => {
    const job = aJob({ id: newId() });
    expect(await table(deafClient('PutItemCommand')).create(job, aRequest())).toBeUndefined();
    let decisions = 0;
    const change = await table(deafClient('UpdateItemCommand')).change(job.id, (present) => {
      decisions += 1;
      return { ...present, stage: 'claimed', attempt: present.attempt + 1 };
    });
    expect(change?.after).toMatchObject({ attempt: 1, version: 2 });
    expect(decisions).toBe(1);
    expect(await table().job(job.id)).toEqual(change?.after);
  });

  it('takes a reason that is not well-formed Unicode', async () => {
    const job = aJob({ id: newId(), reason: 'broken \ud83d here' });
    await table().create(job, aRequest());
    expect((await table().job(job.id))?.reason).toBe('broken \ufffd here');
  });
});

describe('applications and sessions on DynamoDB', () => {
  accessContract(() => accessTable({ client: tableClient(place), tableName }));
});
