// Why a job stands where it stands: `GET /job/{job_id}/explain` and the dry run of a conditional job, both additions to
// LEIA's API. Pure.
import * as z from 'zod';
import type { MalformedRule } from './conditional-request.ts';
import { ExplainedRule, explainRules, type RuleFacts } from './explain-rules.ts';
import { Callback, isFinished, type JobRecord, Status } from './job.ts';

const ExplainedJob = z.object({
  job_id: z.string(),
  job_type: z.string(),
  status: Status,
  reason: z.string().nullable(),
});

/** The answer of `GET /job/{job_id}/explain`. */
export const Explanation = ExplainedJob.extend({
  /** One sentence: what it does or waits for now, or how it ended. */
  now: z.string(),
  /** Its prerequisite; `status` is null where that is not known here any more. */
  waits_for: z.object({ job_id: z.string(), status: Status.nullable(), over: z.boolean() }).nullable(),
  /** The jobs whose failure made it fail, from the nearest to the root; none where the cause is its own. */
  failed_because: z.array(ExplainedJob),
  root_cause: ExplainedJob.nullable(),
  /**
   * How far its caller has been told of the end: `tries` so far, and when the last of them came back with what. Null
   * where nobody asked for it, and, with an application's default URL, before the first try.
   */
  callback: Callback.nullable(),
  /** Of a conditional job. */
  rules: z.array(ExplainedRule).optional(),
});
export type Explanation = z.infer<typeof Explanation>;

/** The answer of `POST /job/conditional/{execute_after_id}/explain`: what a submission would run, nothing being run. */
export const DryRun = z.object({
  execute_after_id: z.string(),
  execute_after_status: Status,
  /** Whether the prerequisite has ended, so that it is known what would run. */
  decided: z.boolean(),
  now: z.string(),
  /** The well-formed rules. */
  rules: z.array(ExplainedRule),
  /** The others, each of which would have the submission refused with this error. */
  malformed: z.array(z.object({ rule: z.string(), error: z.string() })),
});
export type DryRun = z.infer<typeof DryRun>;

export type JobFacts = {
  job: JobRecord;
  prerequisite?: JobRecord;
  /** See `causesOf`. */
  causes: JobRecord[];
  /** Of a conditional job. */
  rules?: RuleFacts;
};

export const explainJob = ({ job, prerequisite, causes, rules }: JobFacts): Explanation => {
  const failedBecause = causes.map(summaryOf);
  return {
    ...summaryOf(job),
    now: nowOf(job, prerequisite),
    waits_for: waitsFor(job, prerequisite),
    failed_because: failedBecause,
    root_cause: job.status === 'FAILED' ? (failedBecause.at(-1) ?? summaryOf(job)) : null,
    callback: job.callback ?? null,
    ...(rules ? { rules: explainRules(rules) } : {}),
  };
};

export type DryFacts = Omit<RuleFacts, 'children' | 'status'> & { malformed: MalformedRule[] };

export const explainDryRun = ({ malformed, ...facts }: DryFacts): DryRun => {
  const { id, status } = facts.trigger;
  const rules = explainRules({ ...facts, children: [] });
  const matching = rules.filter(({ matched }) => matched);
  return {
    execute_after_id: id,
    execute_after_status: status,
    decided: isFinished(facts.trigger),
    now:
      malformed.length > 0
        ? `it would be refused: ${malformed[0]?.error.message}`
        : dryNow(facts.trigger, { matching, rules }),
    rules,
    malformed: malformed.map(({ rule, error }) => ({ rule, error: error.message })),
  };
};

const dryNow = (
  { id, status }: RuleFacts['trigger'],
  { matching, rules }: { matching: ExplainedRule[]; rules: ExplainedRule[] },
): string => {
  if (!isFinished({ status })) return `job ${id} is ${status}: its result will decide`;
  if (status !== 'PROCESSED') return `it would fail: job ${id} ${status}`;
  const jobs = matching.flatMap((rule) => rule.jobs).length;
  return `${matching.length} of ${rules.length} rules match; jobs that would run: ${jobs}`;
};

const summaryOf = ({ id, job_type, status, reason }: JobRecord): z.infer<typeof ExplainedJob> => ({
  job_id: id,
  job_type,
  status,
  reason,
});

const waitsFor = (job: JobRecord, prerequisite: JobRecord | undefined): Explanation['waits_for'] => {
  if (job.execute_after_id === null) return null;
  const status = prerequisite?.status ?? null;
  return { job_id: job.execute_after_id, status, over: status !== null && isFinished({ status }) };
};

const nowOf = (job: JobRecord, prerequisite: JobRecord | undefined): string => {
  if (isFinished(job)) return job.status === 'FAILED' && job.reason ? `FAILED: ${job.reason}` : job.status;
  if (job.cancel_requested_at !== undefined) return 'its cancellation is under way';
  if (job.status === 'BLOCKED') return 'waits for its start to be asked for';
  if (prerequisite && !isFinished(prerequisite))
    return `waits for job ${prerequisite.id}, which is ${prerequisite.status}`;
  if (job.job_type === 'conditional') return 'runs the entries of the rules that match';
  if (job.stage === 'bound') return `LEIA has it: ${job.status}`;
  return job.attempt > 1 ? `waits until LEIA takes it; attempts so far: ${job.attempt}` : 'is about to be sent to LEIA';
};

/** The jobs around one that may have made it fail. */
export type Relatives = { job: JobRecord; prerequisite?: JobRecord; children: JobRecord[] };

/**
 * The way from a failed job to the root of its failure, as far as it is known. `read`: the job whose relatives must be
 * added to `known` to go on; absent when the root is reached.
 */
export const causesOf = (id: string, known: ReadonlyMap<string, Relatives>): { causes: JobRecord[]; read?: string } => {
  const causes: JobRecord[] = [];
  const seen = new Set<string>();
  for (let at = id; !seen.has(at); ) {
    seen.add(at);
    const relatives = known.get(at);
    if (!relatives) return { causes, read: at };
    const cause = causeOf(relatives);
    if (!cause) break;
    causes.push(cause);
    at = cause.id;
  }
  return { causes };
};

/** The job whose ending made this one fail; a cancelled job has failed of no other. */
const causeOf = ({ job, prerequisite, children }: Relatives): JobRecord | undefined =>
  job.status === 'FAILED' ? [...(prerequisite ? [prerequisite] : []), ...children].find(hasFailed) : undefined;

/** A child has failed its chain, too, when its step was given up. */
const hasFailed = (job: JobRecord): boolean =>
  job.given_up !== undefined || (isFinished(job) && job.status !== 'PROCESSED');
