// What a person may ask for by `npx leia-jobs` (docs/runbook.md), and what it means for a job. Pure.
import * as z from 'zod';
import { instant, isFinished, type JobRecord, Status } from './job.ts';

/** repair-jobs is called with ids in small numbers: LEIA may be asked about each. */
export const MOST_AT_ONCE = 10;

const ids = { job_ids: z.array(z.string().min(1)).min(1).max(MOST_AT_ONCE) };

/** What repair-jobs is called with. */
export const RepairTask = z.discriminatedUnion('action', [
  z.object({ action: z.literal('cancel'), ...ids }),
  z.object({ action: z.literal('resubmit'), ...ids }),
  /** Whether LEIA answers, asked as each application and from where jobs are sent. */
  z.object({ action: z.literal('ask-leia') }),
  /**
   * A person's word on jobs that LEIA does not know (docs/decisions/0017-mass-absence.md). `leia-is-right`: the halt
   * ends. `jobs-are-lost`: for so long each of them FAILS, however many they are.
   */
  z.object({
    action: z.literal('judge-absence'),
    submitter: z.string().min(1),
    verdict: z.enum(['look', 'leia-is-right', 'jobs-are-lost']),
    seconds: z.number().int().positive().max(604_800).default(7200),
  }),
]);
export type RepairTask = z.infer<typeof RepairTask>;

export const JobRepair = z.object({
  job_id: z.string(),
  /**
   * `cancelled`; `asked`: LEIA has not confirmed the cancel yet; `queued`: on its way to LEIA now; `submitted`: as
   * `new_job_id`; `nothing`: see `why`.
   */
  outcome: z.enum(['cancelled', 'asked', 'queued', 'submitted', 'nothing']),
  status: Status.nullable(),
  new_job_id: z.string().optional(),
  why: z.string().optional(),
});
export type JobRepair = z.infer<typeof JobRepair>;

export const LeiaSeen = z.object({
  application_id: z.string(),
  /** `keyless`: its API key is not in the secret (any more); `not-asked`: others took too long. */
  leia: z.enum(['answers', 'refuses-key', 'does-not-answer', 'keyless', 'not-asked']),
  milliseconds: z.number().optional(),
  cause: z.string().optional(),
});
export type LeiaSeen = z.infer<typeof LeiaSeen>;

/** What resubmitting comes to: the same job sent now, a new one with its request, or nothing, and why. */
export type Resubmission = 'send-now' | 'submit-anew' | { no: string };

/** A job that has ended stays as it is (promise 3): a FAILED one is asked for anew. */
export const resubmissionOf = (job: JobRecord): Resubmission => {
  if (job.refusal) return { no: 'LEIA refused it, and its client was told' };
  if (job.status === 'FAILED')
    return job.step === undefined
      ? 'submit-anew'
      : { no: `it is a step of job ${job.parent_job_id}: resubmit that one` };
  if (isFinished(job)) return { no: `it is ${job.status}` };
  if (job.cancel_requested_at !== undefined) return { no: 'its cancellation is under way' };
  switch (job.stage) {
    case 'unsent':
      return job.doubt_since === undefined
        ? 'send-now'
        : { no: 'LEIA may have it already: a sweep looks for it first' };
    case 'claimed':
      return { no: 'an attempt to send it is under way' };
    case 'held':
      return { no: `it waits for job ${job.held_for}` };
    case 'chained':
      return { no: 'its rules are being run' };
    case 'bound':
    case 'dropped':
      return { no: `LEIA has it: ${job.status}` };
  }
};

/** Without the wait that its last attempt left behind; undefined when there is none, or it is not to be sent (any more). */
export const sendableNow = (job: JobRecord, now: number): JobRecord | undefined =>
  resubmissionOf(job) === 'send-now' && (job.next_attempt_at ?? '') > instant(now)
    ? { ...job, next_attempt_at: instant(now) }
    : undefined;

/** A new job that nobody sends at once: it is the queue's. */
export const toBeSent = (job: JobRecord, now: number): JobRecord => {
  if (job.stage !== 'claimed') return job;
  const { claimed_until: _claim, ...rest } = job;
  return { ...rest, stage: 'unsent', attempt: 0, next_attempt_at: instant(now) };
};
