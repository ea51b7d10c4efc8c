// After an attempt without a clear answer: is there a job at LEIA that it made? (D2) One listing serves many jobs.
import type { Leia, LeiaJob, Unavailable } from '../adapters/leia-api.ts';
import type { JobRecord } from '../jobs/job.ts';
import { instant } from '../jobs/job.ts';
import type { Deps } from './deps.ts';
import { jobsWithin } from './leia-list.ts';

type OrphanDeps = Pick<Deps, 'mirror' | 'callbackKeys'>;

/** LEIA's clock and ours may differ by so much. */
export const CLOCK_SLACK = 10 * 60_000;

/** LEIA's jobs that belong to each of `jobs`, by our id. More than one for a job: all but the bound one are duplicates. */
export const findOrphans = async (
  deps: OrphanDeps,
  leia: Pick<Leia, 'newestJobs'>,
  jobs: JobRecord[],
): Promise<{ outcome: 'found'; value: Map<string, LeiaJob[]> } | Unavailable> => {
  const first = Math.min(...jobs.map((job) => Date.parse(job.creation_time)));
  const listed = await jobsWithin(leia, { createdAfter: instant(first - CLOCK_SLACK) });
  if (listed.outcome === 'unavailable') return listed;
  const seen = listed.value.jobs;
  const byCallback = await matchByCallback(deps, jobs, seen);
  const left = jobs.filter((job) => !byCallback.has(job.id) && job.leia_id === undefined);
  // A LEIA that shows callback URLs would show ours: a job without one is somebody else's, however much alike.
  const isSilent = seen.every(({ callback_url }) => callback_url === null);
  const byContent = isSilent ? await matchByContent(deps, left, seen) : new Map<string, LeiaJob[]>();
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

/** For a LEIA that does not echo callback URLs: alike in type, documents, model and time, and the only one alike. */
const matchByContent = async (
  deps: OrphanDeps,
  jobs: JobRecord[],
  seen: LeiaJob[],
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
  return new Map(lonely.map(({ job, candidate }) => [job.id, [candidate]]));
};

const alike = (job: JobRecord, seen: LeiaJob): boolean =>
  job.job_type === seen.job_type &&
  job.document_ids.join() === seen.document_ids.join() &&
  (job.model_id === null || seen.seen.details?.model_id == null || job.model_id === seen.seen.details.model_id) &&
  Date.parse(seen.creation_time) >= Date.parse(job.creation_time) - CLOCK_SLACK;
