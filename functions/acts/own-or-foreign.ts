// Is a job that LEIA shows without a callback URL one of ours, or was it started by somebody else? (D2, D7)
import type { LeiaJob } from '../adapters/leia-api.ts';
import { instant, type JobRecord, mayBeAtLeia } from '../jobs/job.ts';
import type { Lane } from '../jobs/lanes.ts';
import type { ListEntry } from '../jobs/select-jobs.ts';
import type { Deps } from './deps.ts';

/** `ours`: bound to it, though the index does not tell yet. `unclear`: an attempt of ours may have made it. */
export type Verdict = 'ours' | 'unclear' | 'foreign';

/** LEIA's clock and ours may differ by so much. */
export const CLOCK_SLACK = 10 * 60_000;
/** So long an index may need, and more, to show a job that was just recorded or bound. */
const INDEX_SLACK = 60_000;

/** A judge of LEIA's jobs that nothing in the mirror claims. To be asked for before LEIA's list is read. */
export const judgeOf = async (
  deps: Pick<Deps, 'mirror' | 'now'>,
  submitter: string,
): Promise<(seen: LeiaJob) => Promise<Verdict>> => {
  const makersOf = await suspectsOf(deps, submitter);
  return async (seen) => {
    const makers = await makersOf(seen);
    if (makers.some(({ leia_id }) => leia_id === seen.id)) return 'ours';
    return makers.length > 0 ? 'unclear' : 'foreign';
  };
};

/**
 * Which jobs of ours may have made one of LEIA's, or are bound to it. To be asked for before LEIA's list is read: a job
 * that is sent in between must be among the suspects. What it needs to read it reads once, and only if it is asked
 * anything.
 */
export const suspectsOf = async (
  deps: Pick<Deps, 'mirror' | 'now'>,
  submitter: string,
): Promise<(seen: LeiaJob) => Promise<JobRecord[]>> => {
  const { mirror } = deps;
  const waiting = (await Promise.all(LANES.map((lane) => idsIn(deps, submitter, lane)))).flat();
  let suspects: Promise<{ waiting: JobRecord[]; recent: ListEntry[] }> | undefined;
  const read = async () => ({ waiting: await mirror.jobs(waiting), recent: await recentJobs(deps, submitter) });
  return async (seen) => {
    suspects ??= read();
    const { waiting, recent } = await suspects;
    const alike = recent.filter((entry) => mayHaveMade(entry, seen)).map(({ id }) => id);
    const candidates = [...waiting.filter((job) => mayHaveMade(job, seen)), ...(await mirror.jobs(alike))];
    const makers: JobRecord[] = [];
    for (const job of candidates)
      if (job.leia_id === seen.id || (isUnclear(job) && (await mayHaveSent(mirror, job, seen)))) makers.push(job);
    return makers;
  };
};

const isUnclear = (job: JobRecord): boolean =>
  job.watch_since !== undefined || (job.leia_id === undefined && mayBeAtLeia(job));

/** Behind a job that LEIA does not have, it may have been sent other documents than the job names (D5). */
const mayHaveSent = async (mirror: Deps['mirror'], job: JobRecord, seen: LeiaJob): Promise<boolean> => {
  if (isOfAnotherModel(job.model_id, seen.seen.details?.model_id)) return false;
  if (job.document_ids.join() === seen.document_ids.join()) return true;
  return job.execute_after_id !== null && (await mirror.job(job.execute_after_id))?.leia_id === undefined;
};

/** Ours may be a short name (contract §3.1), which says nothing. */
const isOfAnotherModel = (ours: string | null, atLeia: string | null | undefined): boolean =>
  ours !== null && atLeia != null && /^[0-9a-f]{24}$/.test(ours) && ours !== atLeia;

/** Where there are jobs in doubt, and jobs to be watched: what else is owed to one of these comes first in `laneOf`. */
const LANES = ['unsent', 'watch', 'intent', 'absent', 'due'] as const satisfies Lane[];

const idsIn = async ({ mirror }: Pick<Deps, 'mirror'>, submitter: string, lane: Lane) =>
  (await Array.fromAsync(mirror.lane(submitter, lane, {}))).map(({ id }) => id);

const recentJobs = async ({ mirror, now }: Pick<Deps, 'mirror' | 'now'>, submitter: string): Promise<ListEntry[]> => {
  const parts = mirror.listed(submitter, { after: instant(now() - INDEX_SLACK) }, [
    'job_type',
    'document_ids',
    'execute_after_id',
  ]);
  return (await Promise.all(parts.map((pages) => Array.fromAsync(pages)))).flat(2);
};

/** As far as a list tells: `mayHaveSent` knows better of the documents. */
const mayHaveMade = (job: ListEntry, seen: LeiaJob): boolean =>
  job.job_type === seen.job_type &&
  (job.execute_after_id != null || job.document_ids?.join() === seen.document_ids.join()) &&
  Date.parse(seen.creation_time) >= Date.parse(job.creation_time) - CLOCK_SLACK;
