// The queue of jobs that are released and on their way to LEIA; send-job works it off.
import { JobMessage, type JobQueue, jobQueue, type Queue } from './job-messages.ts';

export const SubmissionMessage = JobMessage;

export type SubmissionsQueue = JobQueue;

export const submissionsQueue = (queue: Queue): SubmissionsQueue =>
  jobQueue(queue, 'messages for the submissions queue');
