// Messages about jobs on SQS: each names its job and says nothing else; the mirror knows the rest.
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { untilAllTaken } from './partial-failure.ts';

export const JobMessage = z.object({ job_id: z.string() });

export type Queue = { sqs: SQSClient; queueUrl: string };

export type JobQueue = {
  /** @throws Error when some were not taken even after several tries; those that were are sent twice when it is repeated. */
  put(jobIds: string[]): Promise<void>;
};

/** SQS's own limit. */
const batchSize = 10;

/** @param what is on the queue, for the error */
export const jobQueue = ({ sqs, queueUrl }: Queue, what: string): JobQueue => ({
  put: (jobIds) =>
    untilAllTaken({ what, size: batchSize }, jobIds, async (batch) => {
      const Entries = batch.map((job_id, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify({ job_id } satisfies z.infer<typeof JobMessage>),
      }));
      const { Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      const failed = new Set(Failed?.map(({ Id }) => Id));
      return batch.filter((_, index) => failed.has(String(index)));
    }),
});
