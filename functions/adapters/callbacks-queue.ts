// The queue of jobs that have ended and whose callers may want to be told (D11); deliver-callback works it off.
import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import { JobMessage, type JobQueue, jobQueue, type Queue } from './job-messages.ts';

export const CallbackMessage = JobMessage;

export type CallbacksQueue = JobQueue;

export const callbacksQueue = (queue: Queue): CallbacksQueue => jobQueue(queue, 'messages for the callbacks queue');

export type PutOff = (receiptHandle: string, seconds: number) => Promise<void>;

/** Makes a message that is left on the queue come again after so many seconds, up to SQS's twelve hours. */
export const putOff =
  ({ sqs, queueUrl }: Queue): PutOff =>
  async (ReceiptHandle, seconds) => {
    const VisibilityTimeout = Math.ceil(seconds);
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout }));
  };
