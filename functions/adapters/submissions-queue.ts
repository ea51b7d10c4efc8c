// The queue of jobs that are released and on their way to LEIA; send-job works it off.
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { untilAllTaken } from './partial-failure.ts';

/** A message names its job and says nothing else: the mirror knows the rest. */
export const SubmissionMessage = z.object({ job_id: z.string() });

export type SubmissionsQueue = {
  /** @throws Error when some were not taken even after several tries; those that were are sent twice when it is repeated. */
  put(jobIds: string[]): Promise<void>;
};

/** SQS's own limit. */
const batchSize = 10;

export const submissionsQueue = ({ sqs, queueUrl }: { sqs: SQSClient; queueUrl: string }): SubmissionsQueue => ({
  put: (jobIds) =>
    untilAllTaken({ what: 'messages for the submissions queue', size: batchSize }, jobIds, async (batch) => {
      const Entries = batch.map((job_id, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify({ job_id } satisfies z.infer<typeof SubmissionMessage>),
      }));
      const { Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      const failed = new Set(Failed?.map(({ Id }) => Id));
      return batch.filter((_, index) => failed.has(String(index)));
    }),
});
