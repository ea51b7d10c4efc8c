// Is a job that LEIA shows without a callback URL one of ours, or was it started by somebody else? (D2, D7)
import type { LeiaJob } from '../adapters/leia-api.ts';
import { instant, type JobRecord, mayBeAtLeia } from '../jobs/job.ts';
import type { ListEntry } from '../jobs/select-jobs.ts';
import type { Deps } from './deps.ts';
import { CLOCK_SLACK } from './find-orphans.ts';

/** `ours`: bound to it, though the index does not tell yet. `unclear`: an attempt of ours may have made it. */
export type Verdict = 'ours' | 'unclear' | 'foreign';

/** So long an index may need, and more, to show a job that was just recorded or bound. */
const INDEX_SLACK = 60_000;

/**
 * A judge of LEIA's jobs that nothing in the mirror claims. To be asked for before LEIA's list is read: a job that is
 * sent in between must be among the suspects. What it needs to read it reads once, and only if it is asked anything.
 */
export const judgeOf = async (
  deps: Pick<Deps, 'mirror' | 'now'>,
  submitter: string,
): Promise<(seen: LeiaJob) => Promise<Verdict>> => {
  const { mirror } = deps;
  const waiting = [...(await idsIn(deps, submitter, 'unsent')), ...(await idsIn(deps, submitter, 'watch'))];
  let suspects: Promise<{ waiting: JobRecord[]; recent: ListEntry[] }> | undefined;
  const read = async () => ({ waiting: await mirror.jobs(waiting), recent: await recentJobs(deps, submitter) });
  return async (seen) => {
    suspects ??= read();
    const { waiting, recent } = await suspects;
    const alike = recent.filter((entry) => mayHaveMade(entry, seen)).map(({ id }) => id);
    const candidates = [...waiting.filter((job) => mayHaveMade(job, seen)), ...(await mirror.jobs(alike))];
    if (candidates.some(({ leia_id }) => leia_id === seen.id)) return 'ours';
    return candidates.some(isUnclear) ? 'unclear' : 'foreign';
  };
};

const isUnclear = (job: JobRecord): boolean =>
  job.watch_since !== undefined || (job.leia_id === undefined && mayBeAtLeia(job));

const idsIn = async ({ mirror }: Pick<Deps, 'mirror'>, submitter: string, lane: 'unsent' | 'watch') =>
  (await Array.fromAsync(mirror.lane(submitter, lane, {}))).map(({ id }) => id);

const recentJobs = async ({ mirror, now }: Pick<Deps, 'mirror' | 'now'>, submitter: string): Promise<ListEntry[]> => {
  const parts = mirror.listed(submitter, { after: instant(now() - INDEX_SLACK) }, [
    'job_type',
    'document_ids',
    'execute_after_id',
  ]);
  return (await Promise.all(parts.map((pages) => Array.fromAsync(pages)))).flat(2);
};

/** Behind a job of ours other documents may have been sent than the job names (D5). */
const mayHaveMade = (job: ListEntry, seen: LeiaJob): boolean =>
  job.job_type === seen.job_type &&
  (job.execute_after_id != null || job.document_ids?.join() === seen.document_ids.join()) &&
  Date.parse(seen.creation_time) >= Date.parse(job.creation_time) - CLOCK_SLACK;
