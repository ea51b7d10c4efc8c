// Lane `unsent` of a sweep (D7): jobs that LEIA does not have, or may have without our knowing its id.
import pMap from 'p-map';
import type { Leia, LeiaJob } from '../adapters/leia-api.ts';
import { instant, type JobRecord } from '../jobs/job.ts';
import { doubtResolved, expireClaim, failUnsent, isOverdue, takenBack, tokenInQuestion } from '../jobs/sending.ts';
import { findOrphans } from './find-orphans.ts';
import { honourIntents } from './honour-intents.ts';
import { noteUnavailable } from './leia-of.ts';
import { cancelDuplicate, observeJob } from './observe-job.ts';
import { inPages } from './pages.ts';
import { sendJob } from './send-job.ts';
import type { SweepDeps, SweepOf, Swept } from './sweep.ts';

/** Looks for orphans of doubtful attempts, then sends what may be sent, oldest first, until LEIA wants no more. */
export const sweepUnsent = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const { doubtful, sendable } = await unsentJobs(deps, sweep);
  noteOldest(deps, [...doubtful, ...sendable]);
  if (sweep.leia && doubtful.length > 0) await resolveDoubts(deps, sweep.leia, doubtful);
  for (const job of doubtful) if (!(await giveUp(deps, job))) sendable.push(job);
  const complete = await sendAll(
    deps,
    sendable.toSorted(byAge).map(({ id }) => id),
  );
  return { complete, asked: sendable.length };
};

type Waiting = Pick<JobRecord, 'id' | 'creation_time' | 'sendable_since'>;
type Unsent = { doubtful: JobRecord[]; sendable: Waiting[] };

/** Of a job that waits for LEIA no more is kept in memory than its place in the line: after an outage there are many. */
const unsentJobs = async (deps: SweepDeps, { submitter, now }: SweepOf): Promise<Unsent> => {
  const unsent: Unsent = { doubtful: [], sendable: [] };
  for await (const page of inPages(deps.mirror.lane(submitter, 'unsent', { until: instant(now) }), PAGE)) {
    for (const found of await deps.mirror.jobs(page.map(({ id }) => id))) {
      const job = await withoutDeadClaim(deps, found);
      if (job.stage !== 'unsent') continue;
      if (job.doubt_since !== undefined) unsent.doubtful.push(job);
      else if (!(await giveUp(deps, job))) unsent.sendable.push(placeOf(job));
    }
  }
  return unsent;
};

const placeOf = ({ id, creation_time, sendable_since }: JobRecord): Waiting => ({ id, creation_time, sendable_since });

const PAGE = 100;

/** A claim that nobody answered for becomes a doubt, unless its token has turned out to have ended: then it is taken back. */
const withoutDeadClaim = async (deps: SweepDeps, job: JobRecord): Promise<JobRecord> => {
  const token = tokenInQuestion(job, deps.now());
  const lives = token === undefined || (await deps.access.session(token, Math.floor(deps.now() / 1000)));
  const decide = lives ? expireClaim : takenBack;
  const change = await deps.mirror.change(job.id, (record) => decide(record, deps.now()), job);
  return change?.after ?? change?.before ?? job;
};

const byAge = (a: Waiting, b: Waiting): number => (a.creation_time < b.creation_time ? -1 : 1);

/** How long the oldest has waited for nothing but LEIA. What is sent right now is among them: it has waited, too. */
const noteOldest = ({ count, now }: SweepDeps, jobs: Waiting[]): void => {
  const since = jobs.map((job) => Date.parse(job.sendable_since ?? job.creation_time));
  if (since.length > 0) count('OldestUnsent', Math.max(0, now() - since.reduce((a, b) => Math.min(a, b))) / 1000);
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
const AT_ONCE = 5;

/**
 * False when LEIA wants no more: a job that was surely not taken stops the lane, one without a clear answer only itself.
 * One after the other until LEIA answers – one that is down is asked once – then several at once.
 */
const sendAll = async (deps: SweepDeps, ids: string[]): Promise<boolean> => {
  const waiting = ids.values();
  let doubts = 0;
  let answers = false;
  let wantsMore = true;
  const send = async (id: string): Promise<void> => {
    const sent = await sendJob(deps, id);
    if (sent?.outcome === 'sent' || sent?.outcome === 'refused') {
      doubts = 0;
      answers = true;
    }
    if (sent?.outcome !== 'deferred') return;
    doubts += 1;
    if (sent.attempt.outcome === 'unsent' || doubts >= DOUBTS_IN_A_ROW) wantsMore = false;
  };
  while (!answers && wantsMore) {
    const { value: id } = waiting.next();
    if (id === undefined) return true;
    await send(id);
  }
  await pMap(waiting, (id) => (wantsMore ? send(id) : undefined), { concurrency: AT_ONCE });
  return wantsMore;
};
