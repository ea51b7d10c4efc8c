// Lanes `intent`, `watch`, `due` and `held` of a sweep (D7): what is owed and did not happen, by whatever accident.
import { effectsOwed } from '../jobs/effects.ts';
import { instant, type JobRecord } from '../jobs/job.ts';
import type { Lane } from '../jobs/lanes.ts';
import { watchEnded } from '../jobs/sending.ts';
import { findOrphans } from './find-orphans.ts';
import { follow } from './follow.ts';
import { honourIntents } from './honour-intents.ts';
import { laneByAge } from './lane-by-age.ts';
import { noteUnavailable } from './leia-of.ts';
import { cancelDuplicate } from './observe-job.ts';
import { inPages } from './pages.ts';
import type { SweepDeps, SweepOf, Swept } from './sweep.ts';

/** Starts and cancels that LEIA has not confirmed are asked again. */
export const sweepIntents = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const jobs = await jobsIn(deps, sweep, { lane: 'intent', until: sweep.now });
  if (!sweep.leiaForJobs) return { complete: jobs.length === 0 };
  for (const job of jobs) await honourIntents(deps, job);
  return { complete: true, asked: jobs.length };
};

/** Jobs of doubtful attempts that turn up at LEIA after all are duplicates by now: cancelled there, never applied. */
export const sweepWatch = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const { leia } = sweep;
  const jobs = await jobsIn(deps, sweep, { lane: 'watch', until: sweep.now });
  if (!leia || jobs.length === 0) return { complete: jobs.length === 0 };
  const seen = await findOrphans(deps, leia, jobs);
  if (seen.outcome === 'unavailable') {
    noteUnavailable(deps, sweep.submitter, seen);
    return { complete: false };
  }
  for (const job of jobs) {
    for (const orphan of seen.value.get(job.id) ?? []) {
      if (orphan.id !== job.leia_id && orphan.seen.status !== 'CANCELED') {
        deps.count('DuplicateAtLeia');
        await cancelDuplicate(leia, orphan.seen);
      }
    }
    const over = Date.parse(job.watch_since ?? '') + deps.watchSeconds * 1000 <= deps.now();
    if (over) await deps.mirror.change(job.id, watchEnded);
  }
  return { complete: true, asked: jobs.length };
};

/** Follow-ups of endings that are still not done are done again. */
export const sweepDue = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const jobs = await jobsIn(deps, sweep, { lane: 'due', until: sweep.now - deps.followUpOverdueSeconds * 1000 });
  const due = jobs.flatMap((job) => (job.follow_up_due === undefined ? [] : [Date.parse(job.follow_up_due)]));
  if (due.length > 0) deps.count('OldestFollowUp', (deps.now() - due.reduce((a, b) => Math.min(a, b))) / 1000);
  for (const job of jobs) {
    if (job.follow_up_due === undefined) continue;
    deps.count('FollowUpRepeated');
    await follow(deps, job, effectsOwed(job));
  }
  return { complete: true, asked: jobs.length };
};

/** Held jobs whose prerequisite has ended without their hearing of it. */
export const sweepHeld = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  for await (const page of inPages(laneByAge(deps, sweep, 'held'), PAGE))
    for (const job of await deps.mirror.jobs(page.map(({ id }) => id))) await follow(deps, job, effectsOwed(job));
  return { complete: true };
};

const PAGE = 100;

const jobsIn = async (
  deps: SweepDeps,
  { submitter }: SweepOf,
  { lane, until }: { lane: Lane; until: number },
): Promise<JobRecord[]> => {
  const ids: string[] = [];
  for await (const { id } of deps.mirror.lane(submitter, lane, { until: instant(until) })) ids.push(id);
  return deps.mirror.jobs(ids);
};
