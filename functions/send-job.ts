// send-job – released jobs on their way to LEIA, from the queue (D2, D5).
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSHandler } from 'aws-lambda';
import { type SendDeps, sendJob } from './acts/send-job.ts';
import { SubmissionMessage } from './adapters/submissions-queue.ts';
import { wired } from './runtime/wired.ts';
import { sendDeps } from './runtime/wiring.ts';

/** Sends the job that a message names. One that LEIA does not take now is the sweep's: its message is done with. */
export const sendReleased = async (body: string, deps: SendDeps): Promise<void> => {
  const { job_id } = SubmissionMessage.parse(JSON.parse(body));
  const sent = await sendJob(deps, job_id);
  if (!sent) deps.warn('a message names a job that does not exist', { job_id });
};

export const handler: SQSHandler = wired(() => {
  const deps = sendDeps();
  const processor = new BatchProcessor(EventType.SQS);
  return (event, context) =>
    processPartialResponse(event, (record: { body: string }) => sendReleased(record.body, deps), processor, {
      context,
    });
});
