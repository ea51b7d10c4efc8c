// Brings what LEIA's list shows into the mirror: news of known jobs, jobs not known yet, duplicates of ours (D7).
import pMap from 'p-map';
import type { LeiaJob, LeiaJobs } from '../adapters/leia-api.ts';
import { isFinished, type JobRecord, type Source } from '../jobs/job.ts';
import { type AdoptDeps, adopt } from './adopt-job.ts';
import { cancelDuplicate, observeJob } from './observe-job.ts';
import type { Verdict } from './own-or-foreign.ts';

export type TakingIn = {
  submitter: string;
  leia: Pick<LeiaJobs, 'cancel'>;
  via: Source;
  /** An ended duplicate created before this instant has been counted. */
  since: string;
  judge: (seen: LeiaJob) => Promise<Verdict>;
};

const AT_ONCE = 8;

/** Gives the jobs of which it is not clear yet whose they are: the next look at LEIA's list must show them again. */
export const takeIn = async (deps: AdoptDeps, taking: TakingIn, jobs: LeiaJob[]): Promise<LeiaJob[]> => {
  const marked = await Promise.all(jobs.map(async (seen) => ({ seen, ours: await markOf(deps, seen) })));
  const records = await recordsOf(
    deps,
    marked.map(({ seen, ours }) => ours ?? seen.id),
  );
  const sights = marked.map(({ seen, ours }) => ({ seen, known: records.get(ours ?? seen.id), ours }));
  // Ours first: those that come to be bound may be named by others as their prerequisite or parent.
  const ourIds = new Map<string, string>();
  for (const { seen, known, ours } of sights) {
    if (ours === undefined) continue;
    const job = known ? await seeOurs(deps, taking, { seen, known }) : await adopt(deps, taking, seen);
    if (job?.leia_id === seen.id) ourIds.set(seen.id, job.id);
  }
  const others = sights.filter(({ ours }) => ours === undefined);
  const unclear = await pMap(others, (sight) => seeOther(deps, { ...taking, ourIds }, sight), { concurrency: AT_ONCE });
  return unclear.flat();
};

const markOf = ({ callbackKeys }: AdoptDeps, { callback_url }: LeiaJob): Promise<string | undefined> =>
  callback_url === null ? Promise.resolve(undefined) : callbackKeys.jobIdOf(callback_url);

const recordsOf = async ({ mirror }: AdoptDeps, ids: string[]): Promise<Map<string, JobRecord>> =>
  new Map((await mirror.jobs(ids)).map((job) => [job.id, job]));

type Sight = { seen: LeiaJob; known: JobRecord };

const seeOurs = async (deps: AdoptDeps, taking: TakingIn, { seen, known }: Sight): Promise<JobRecord> => {
  const isDuplicate = known.leia_id === undefined ? isFinished(known) : known.leia_id !== seen.id;
  if (!isDuplicate) return seeKnown(deps, taking, { seen, known });
  const isOld = isFinished(seen.seen) && seen.creation_time <= taking.since;
  // A cancelled one is none that anybody has to hear of again.
  if (isOld || seen.seen.status === 'CANCELED') return known;
  const sighting = await observeJob(deps, { id: known.id, known }, { ...seen.seen, via: taking.via });
  if (sighting?.outcome === 'duplicate') await cancelDuplicate(taking.leia, seen.seen);
  return sighting?.job ?? known;
};

const seeKnown = async (deps: AdoptDeps, { via }: TakingIn, { seen, known }: Sight): Promise<JobRecord> => {
  const news = known.leia_id === undefined || known.absent_since !== undefined || known.status !== seen.seen.status;
  if (!news) return known;
  return (await observeJob(deps, { id: known.id, known }, { ...seen.seen, via }))?.job ?? known;
};

const seeOther = async (
  deps: AdoptDeps,
  taking: TakingIn & { ourIds: ReadonlyMap<string, string> },
  { seen, known }: { seen: LeiaJob; known: JobRecord | undefined },
): Promise<LeiaJob[]> => {
  const job = known ?? (await deps.mirror.jobByLeiaId(seen.id));
  if (job) await seeKnown(deps, taking, { seen, known: job });
  // LEIA may keep callback URLs to itself: a job without one can be ours all the same.
  const verdict = job ? 'ours' : seen.callback_url === null ? await taking.judge(seen) : 'foreign';
  if (verdict === 'foreign') await adopt(deps, taking, seen);
  return verdict === 'unclear' ? [seen] : [];
};
