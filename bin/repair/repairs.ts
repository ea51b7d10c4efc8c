// Jobs that a person cancels or resubmits: first what would happen to how many, then, once confirmed, it happens. Done
// by repair-jobs (docs/decisions/0016-repair.md).
import pMap from 'p-map';
import * as z from 'zod';
import { meansOf } from '../../functions/acts/resubmit.ts';
import { isFinished, type JobRecord } from '../../functions/jobs/job.ts';
import { JobRepair, MOST_AT_ONCE, resubmissionOf } from '../../functions/jobs/repair.ts';
import { sentenceOf } from './failure.ts';
import type { Site } from './site.ts';
import { jobs as jobsText, section } from './words.ts';

export type Action = 'cancel' | 'resubmit';

/** What the action would do to a job, in a word; or why it would do nothing. */
export type Planned = { job: JobRecord; does: string; acts: boolean };

const cancelling = (job: JobRecord): Omit<Planned, 'job'> => {
  if (isFinished(job)) return { does: `nothing: it is ${job.status}`, acts: false };
  if (job.cancel_requested_at !== undefined) return { does: 'nothing: it was asked for before', acts: false };
  return { does: job.stage === 'bound' ? 'cancel at LEIA' : 'cancel here', acts: true };
};

const AT_ONCE = 8;

/** Jobs the oldest first. */
export const plan = async (site: Site, action: Action, jobs: readonly JobRecord[]): Promise<Planned[]> => {
  if (action === 'cancel') return jobs.map((job) => ({ job, ...cancelling(job) }));
  const looks = await pMap(jobs, async (job) => ({ job, why: await whyNot(site, job) }), { concurrency: AT_ONCE });
  const acting = new Set<string>();
  return looks.map(({ job, why }) => {
    // Its prerequisite is resubmitted just before it.
    const acts = why === undefined || (why.behind !== undefined && acting.has(why.behind));
    if (acts) acting.add(job.id);
    const does = job.status === 'FAILED' ? 'submit as a new job' : 'send now';
    return { job, does: acts ? does : `nothing: ${why.no}`, acts };
  });
};

/** Why a job cannot be resubmitted; undefined when it can. */
const whyNot = async (
  { mirror }: Site,
  job: JobRecord,
): Promise<{ no: string; behind?: string | undefined } | undefined> => {
  const resubmission = resubmissionOf(job);
  if (resubmission === 'send-now') return undefined;
  if (resubmission !== 'submit-anew') return resubmission;
  const means = await meansOf({ mirror }, job);
  return 'no' in means ? means : undefined;
};

const SAMPLE = 3;

/** How many of which kind, and what would happen to them. */
export const showPlan = (planned: readonly Planned[], more: boolean): string => {
  const kinds = Map.groupBy(planned, ({ job, does }) => JSON.stringify([does, job.job_type, job.status, job.stage]));
  const rows = [...kinds.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const { does, job } = first;
    const sample = same.slice(0, SAMPLE).map((one) => one.job.id);
    return [[String(same.length), does, job.job_type, job.status, job.stage, sample.join(' ')]];
  });
  const title = `${jobsText(planned.length)}${more ? ', and there are more: the oldest of those found come first, --most N takes more' : ''}`;
  return planned.length === 0
    ? 'No such job.'
    : section(title, ['', 'would', 'type', 'status', 'stage', 'such as'], rows);
};

export type Repaired = { repairs: JobRepair[]; failures: string[] };

/** A call that fails says nothing of what became of its jobs: to repeat it is safe. */
export const repair = async (
  { functions }: Site,
  { action, ids }: { action: Action; ids: readonly string[] },
  progress: (done: number) => void,
): Promise<Repaired> => {
  const repaired: Repaired = { repairs: [], failures: [] };
  for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
    const job_ids = ids.slice(at, at + MOST_AT_ONCE);
    try {
      repaired.repairs.push(...z.array(JobRepair).parse(await functions.call('repair', { action, job_ids })));
    } catch (error) {
      repaired.failures.push(`${job_ids.join(' ')}: ${sentenceOf(error)}`);
    }
    progress(Math.min(at + MOST_AT_ONCE, ids.length));
  }
  return repaired;
};

const did: Record<JobRepair['outcome'], string> = {
  cancelled: 'cancelled',
  asked: 'asked to be cancelled',
  queued: 'on its way to LEIA',
  submitted: 'submitted anew as',
  nothing: 'unchanged',
};

export const showRepaired = ({ repairs, failures }: Repaired): string =>
  [
    ...repairs.map(({ job_id, outcome, new_job_id, why }) =>
      [`${job_id} ${did[outcome]}`, ...(new_job_id ? [` ${new_job_id}`] : []), ...(why ? [` (${why})`] : [])].join(''),
    ),
    ...failures.map((failure) => `not known what became of ${failure}; to repeat it is safe`),
  ].join('\n');
