// After an attempt without a clear answer: is there a job at LEIA that it made? (D2) One listing serves many jobs.
import type { Leia, LeiaJob, Unavailable } from '../adapters/leia-api.ts';
import type { JobRecord } from '../jobs/job.ts';
import { instant } from '../jobs/job.ts';
import type { Deps } from './deps.ts';
import { jobsWithin } from './leia-list.ts';
import { CLOCK_SLACK, suspectsOf } from './own-or-foreign.ts';

type OrphanDeps = Pick<Deps, 'mirror' | 'callbackKeys' | 'now'>;

/**
 * LEIA's jobs that belong to each of `jobs`, all of one submitter, by our id. More than one for a job: all but the bound
 * one are duplicates.
 */
export const findOrphans = async (
  deps: OrphanDeps,
  leia: Pick<Leia, 'newestJobs'>,
  jobs: JobRecord[],
): Promise<{ outcome: 'found'; value: Map<string, LeiaJob[]> } | Unavailable> => {
  const first = Math.min(...jobs.map((job) => Date.parse(job.creation_time)));
  const makersOf = await suspectsOf(deps, jobs[0]?.submitter_id ?? '');
  const listed = await jobsWithin(leia, { createdAfter: instant(first - CLOCK_SLACK) });
  if (listed.outcome === 'unavailable') return listed;
  const seen = listed.value.jobs;
  const byCallback = await matchByCallback(deps, jobs, seen);
  const left = jobs.filter((job) => !byCallback.has(job.id) && job.leia_id === undefined);
  // A LEIA that shows callback URLs would show ours: a job without one is somebody else's, however much alike.
  const isSilent = seen.every(({ callback_url }) => callback_url === null);
  const byContent = isSilent ? await matchByContent(deps, left, { seen, makersOf }) : new Map<string, LeiaJob[]>();
  return { outcome: 'found', value: new Map([...byCallback, ...byContent]) };
};

const matchByCallback = async (
  deps: OrphanDeps,
  jobs: JobRecord[],
  seen: LeiaJob[],
): Promise<Map<string, LeiaJob[]>> => {
  const wanted = new Set(jobs.map((job) => job.id));
  const found = new Map<string, LeiaJob[]>();
  for (const job of seen) {
    const ours = job.callback_url === null ? undefined : await deps.callbackKeys.jobIdOf(job.callback_url);
    if (ours !== undefined && wanted.has(ours)) found.set(ours, [...(found.get(ours) ?? []), job]);
  }
  return found;
};

type Sights = { seen: LeiaJob[]; makersOf: (seen: LeiaJob) => Promise<JobRecord[]> };

/**
 * For a LEIA that does not echo callback URLs: alike in type, documents, model and time, the only one alike, and of no
 * other job of ours, be that on its way, in doubt or ended.
 */
const matchByContent = async (
  deps: OrphanDeps,
  jobs: JobRecord[],
  { seen, makersOf }: Sights,
): Promise<Map<string, LeiaJob[]>> => {
  const free: LeiaJob[] = [];
  for (const job of jobs.length === 0 ? [] : seen) {
    if ((await deps.mirror.jobByLeiaId(job.id)) === undefined) free.push(job);
  }
  const pairs = jobs.flatMap((job) =>
    free.filter((candidate) => alike(job, candidate)).map((candidate) => ({ job, candidate })),
  );
  const lonely = pairs.filter(
    ({ job, candidate }) =>
      pairs.filter((pair) => pair.job === job).length === 1 &&
      pairs.filter((pair) => pair.candidate === candidate).length === 1,
  );
  const matches = new Map<string, LeiaJob[]>();
  for (const { job, candidate } of lonely) {
    const makers = await makersOf(candidate);
    if (makers.every(({ id }) => id === job.id)) matches.set(job.id, [candidate]);
  }
  return matches;
};

const alike = (job: JobRecord, seen: LeiaJob): boolean =>
  job.job_type === seen.job_type &&
  job.document_ids.join() === seen.document_ids.join() &&
  (job.model_id === null || seen.seen.details?.model_id == null || job.model_id === seen.seen.details.model_id) &&
  Date.parse(seen.creation_time) >= Date.parse(job.creation_time) - CLOCK_SLACK;
