import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { SubmissionMessage, submissionsQueue } from '../../functions/adapters/submissions-queue.ts';
import { cannedAws } from '../support/canned-aws.ts';
import { id } from '../support/jobs.ts';

const Batch = z.object({ Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })) });

/** A queue that refuses the first message of a batch as often as told, and the job ids of each batch it got. */
const queueThatRefuses = (times: number) => {
  const batches: string[][] = [];
  const answer = (_operation: string, input: unknown) => {
    const { Entries } = Batch.parse(input);
    batches.push(Entries.map(({ MessageBody }) => SubmissionMessage.parse(JSON.parse(MessageBody)).job_id));
    const refused = batches.length <= times ? Entries.slice(0, 1) : [];
    return {
      Failed: refused.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })),
      Successful: Entries.slice(refused.length).map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: '' })),
    };
  };
  const sqs = new SQSClient({ ...cannedAws(answer), md5: false });
  return { queue: submissionsQueue({ sqs, queueUrl: 'https://sqs.us-east-1.amazonaws.com/1/submissions' }), batches };
};

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => id(index));

describe('the submissions queue', () => {
  it('takes ids in batches of ten', async () => {
    const { queue, batches } = queueThatRefuses(0);
    await queue.put(ids(12));
    expect(batches).toEqual([ids(12).slice(0, 10), ids(12).slice(10)]);
  });

  it('is not asked when there is nothing to put', async () => {
    const { queue, batches } = queueThatRefuses(0);
    await queue.put([]);
    expect(batches).toEqual([]);
  });

  it('gets again what it did not take, and only that', async () => {
    const { queue, batches } = queueThatRefuses(2);
    await queue.put(ids(3));
    expect(batches).toEqual([ids(3), ids(1), ids(1)]);
  });

  it('that takes a message never makes the caller fail', async () => {
    const { queue } = queueThatRefuses(Number.POSITIVE_INFINITY);
    await expect(queue.put(ids(2))).rejects.toThrow('1 messages for the submissions queue were not taken');
  });
});
