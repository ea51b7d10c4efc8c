// Lane `unsent` of a sweep (D7): jobs that LEIA does not have, or may have without our knowing its id.
import type { Leia, LeiaJob } from '../adapters/leia-api.ts';
import { instant, type JobRecord } from '../jobs/job.ts';
import { doubtResolved, expireClaim, failUnsent, isOverdue } from '../jobs/sending.ts';
import { findOrphans } from './find-orphans.ts';
import { honourIntents } from './honour-intents.ts';
import { noteUnavailable } from './leia-of.ts';
import { cancelDuplicate, observeJob } from './observe-job.ts';
import { sendJob } from './send-job.ts';
import type { SweepDeps, SweepOf, Swept } from './sweep.ts';

/** Looks for orphans of doubtful attempts, then sends what may be sent, oldest first, until LEIA wants no more. */
export const sweepUnsent = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const jobs = await unsentJobs(deps, sweep);
  const doubtful = jobs.filter((job) => job.doubt_since !== undefined);
  if (sweep.leia && doubtful.length > 0) await resolveDoubts(deps, sweep.leia, doubtful);
  const ids: string[] = [];
  for (const job of jobs) if (!(await giveUp(deps, job))) ids.push(job.id);
  const complete = await sendAll(deps, ids);
  return { complete, asked: jobs.length };
};

/** Claims that nobody answered for become doubts first. */
const unsentJobs = async (deps: SweepDeps, { submitter, now }: SweepOf): Promise<JobRecord[]> => {
  const ids: string[] = [];
  for await (const { id } of deps.mirror.lane(submitter, 'unsent', { until: instant(now) })) ids.push(id);
  const jobs: JobRecord[] = [];
  for (const job of await deps.mirror.jobs(ids)) {
    const change = await deps.mirror.change(job.id, (record) => expireClaim(record, deps.now()), job);
    jobs.push(change?.after ?? change?.before ?? job);
  }
  return jobs.filter((job) => job.stage === 'unsent').sort((a, b) => (a.creation_time < b.creation_time ? -1 : 1));
};

const resolveDoubts = async (deps: SweepDeps, leia: Leia, doubtful: JobRecord[]): Promise<void> => {
  const orphans = await findOrphans(deps, leia, doubtful);
  if (orphans.outcome === 'unavailable') return noteUnavailable(deps, doubtful[0]?.submitter_id ?? '', orphans);
  for (const job of doubtful) {
    const found = orphans.value.get(job.id) ?? [];
    if (found.length > 0) await takeOrphans(deps, leia, { job, found });
    else await deps.mirror.change(job.id, (record) => doubtResolved(record, deps.now()), job);
  }
};

/** The first is the job's from now on, whatever intent came meanwhile; any other is a duplicate. */
const takeOrphans = async (
  deps: SweepDeps,
  leia: Leia,
  { job, found }: { job: JobRecord; found: LeiaJob[] },
): Promise<void> => {
  deps.count('OrphanFound', found.length);
  for (const orphan of found) {
    const sighting = await observeJob(deps, { id: job.id }, { ...orphan.seen, via: 'sweep' });
    if (sighting?.outcome === 'duplicate') await cancelDuplicate(leia, orphan.seen);
    else if (sighting) await honourIntents(deps, sighting.job);
  }
};

/** True when the job has waited too long: it FAILS, whether LEIA could be asked once more or not. */
const giveUp = async (deps: SweepDeps, job: JobRecord): Promise<boolean> => {
  if (!isOverdue(job, deps.now(), deps.sending)) return false;
  const reason = `LEIA did not take this job in time (${job.last_error ?? 'it was never sent'})`;
  const change = await deps.mirror.change(job.id, (record) => failUnsent(record, reason, 500, deps.now()));
  if (change?.after) {
    deps.count('GivenUp');
    deps.warn('gave a job up that LEIA did not take', { job_id: job.id, cause: job.last_error });
  }
  return true;
};

const DOUBTS_IN_A_ROW = 3;

/** False when LEIA wants no more: a job that was surely not taken stops the lane, one without a clear answer only itself. */
const sendAll = async (deps: SweepDeps, ids: string[]): Promise<boolean> => {
  let doubts = 0;
  for (const id of ids) {
    const sent = await sendJob(deps, id);
    if (sent?.outcome !== 'deferred') {
      if (sent?.outcome === 'sent') doubts = 0;
      continue;
    }
    doubts += 1;
    if (sent.attempt.outcome === 'unsent' || doubts >= DOUBTS_IN_A_ROW) return false;
  }
  return true;
};
