// send-job – what LEIA is to hear of jobs, from the queue: released ones are sent, cancelled ones cancelled (D2, D5, D6).
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { type SendDeps, sendJob } from './acts/send-job.ts';
import { SubmissionMessage } from './adapters/submissions-queue.ts';
import { wired } from './runtime/wired.ts';
import { sendDeps } from './runtime/wiring.ts';

export type BatchDeps = SendDeps & {
  fail: (message: string, error: unknown, about: Record<string, string>) => void;
};

/** Tells LEIA of the job that a message names. One that LEIA does not take now is the sweep's: its message is done with. */
export const sendReleased = async (body: string, deps: SendDeps): Promise<void> => {
  const { job_id } = SubmissionMessage.parse(JSON.parse(body));
  const sent = await sendJob(deps, job_id);
  if (!sent) deps.warn('a message names a job that does not exist', { job_id });
};

/** Each message for itself: one that fails comes again, and says why in the log. */
export const sendBatch = (deps: BatchDeps): ((event: SQSEvent, context: Context) => Promise<SQSBatchResponse>) => {
  const processor = new BatchProcessor(EventType.SQS);
  const send = async ({ body, messageId }: SQSRecord): Promise<void> => {
    try {
      await sendReleased(body, deps);
    } catch (error) {
      deps.fail('a released job could not be sent', error, { message_id: messageId });
      throw error;
    }
  };
  return (event, context) => processPartialResponse(event, send, processor, { context });
};

export const handler = wired(() => sendBatch(sendDeps()));
