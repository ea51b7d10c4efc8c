// Everything that is known of one job. Neither task tokens nor callback headers are shown, nor the
// callback's URL, which may hold a secret.
import type * as z from 'zod';
import { explanationOf } from '../../functions/acts/explain.ts';
import type { Explanation } from '../../functions/jobs/explain.ts';
import { JobRecord } from '../../functions/jobs/job.ts';
import { laneOf } from '../../functions/jobs/lanes.ts';
import { Failure } from './failure.ts';
import { plan } from './repairs.ts';
import type { Site } from './site.ts';

/** What is shown of a record: what is not named here is not. */
const Shown = JobRecord.pick({
  id: true,
  leia_id: true,
  application_id: true,
  submitter_id: true,
  job_type: true,
  status: true,
  stage: true,
  reason: true,
  http_code: true,
  last_error: true,
  attempt: true,
  creation_time: true,
  sendable_since: true,
  next_attempt_at: true,
  claimed_until: true,
  sent_at: true,
  starting_time: true,
  finished_time: true,
  observed_at: true,
  observed_via: true,
  start_requested_at: true,
  cancel_requested_at: true,
  doubt_since: true,
  watch_since: true,
  absent_since: true,
  follow_up_due: true,
  contradiction: true,
  execute_after_id: true,
  held_for: true,
  parent_job_id: true,
  step: true,
  chain_depth: true,
  matched: true,
  document_ids: true,
  model_id: true,
  page_range: true,
  result_type: true,
  version: true,
});

type Relative = Pick<JobRecord, 'id' | 'job_type' | 'status' | 'stage' | 'reason'>;

export type JobSight = {
  record: z.infer<typeof Shown>;
  /** In which lane a sweep finds it, and since or from when. */
  lane: { lane: string; at: string } | null;
  explanation: Explanation;
  /** From the nearest to the first. */
  prerequisites: Relative[];
  /** Of a conditional job. */
  children: (Relative & { rule: number; entry: number })[];
  /** Jobs that wait for it. */
  dependents: string[];
  /** The callback that its caller asked for: only where to, for the URL may hold a secret. */
  callback_host: string | null;
  /** Of a conditional job that is run. */
  execution: 'running' | 'ended' | 'absent' | null;
  /** What `resubmit` would do. */
  resubmit: string;
};

/** @throws Failure when nobody knows the job */
export const jobSightOf = async (site: Site, id: string): Promise<JobSight> => {
  const { mirror, chains } = site;
  const job = (await mirror.job(id)) ?? (await mirror.jobByLeiaId(id));
  if (!job) throw new Failure(`no job ${id} is known, by our id or LEIA's`);
  const children = job.job_type === 'conditional' ? await mirror.children(job.id) : [];
  const isRun = job.stage === 'chained' && site.isServed;
  return {
    record: Shown.parse(job),
    lane: laneOf(job) ?? null,
    explanation: await explanationOf({ mirror }, job),
    prerequisites: await prerequisitesOf(site, job),
    children: children.map((child) => ({ ...relativeOf(child), ...(child.step ?? { rule: 0, entry: 0 }) })),
    dependents: await mirror.dependents(job.id),
    callback_host: job.callback_url === null ? null : hostOf(job.callback_url),
    execution: isRun ? await chains.state(job.id) : null,
    resubmit: await resubmitText(site, job),
  };
};

const relativeOf = ({ id, job_type, status, stage, reason }: JobRecord): Relative => ({
  id,
  job_type,
  status,
  stage,
  reason,
});

/** A row of jobs may be long. */
const MOST_PREREQUISITES = 50;

const prerequisitesOf = async ({ mirror }: Site, job: JobRecord): Promise<Relative[]> => {
  const found: Relative[] = [];
  let next = job.execute_after_id;
  while (next !== null && found.length < MOST_PREREQUISITES) {
    const prerequisite = await mirror.job(next);
    if (!prerequisite) break;
    found.push(relativeOf(prerequisite));
    next = prerequisite.execute_after_id;
  }
  return found;
};

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '(no URL)');

const resubmitText = async (site: Site, job: JobRecord): Promise<string> => {
  const [planned] = await plan(site, 'resubmit', [job]);
  return planned?.does ?? '';
};
