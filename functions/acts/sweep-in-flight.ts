// Lanes `sent`, `watch` and `absent` of a sweep (D7): what has become of the jobs that LEIA has.
import pMap from 'p-map';
import type { LeiaJobs } from '../adapters/leia-api.ts';
import { afterLook, isHalted, type Look } from '../jobs/absence.ts';
import { instant, isFinished, type Status } from '../jobs/job.ts';
import type { LaneEntry } from '../jobs/lanes.ts';
import { absenceSeen } from '../jobs/sending.ts';
import { laneByAge } from './lane-by-age.ts';
import { noteUnavailable } from './leia-of.ts';
import { observeJob } from './observe-job.ts';
import { inPages } from './pages.ts';
import type { SweepDeps, SweepOf, Swept } from './sweep.ts';

const AT_ONCE = 8;
type InFlight = LaneEntry & { leia_id: string };

/** Asks LEIA about every job whose age says so, and about those under suspicion; moves the watermark if all was asked. */
export const sweepInFlight = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const { leiaForJobs: leia, submitter } = sweep;
  const suspects = await Array.fromAsync(atLeia(deps.mirror.lane(submitter, 'absent', { until: instant(sweep.now) })));
  if (!leia) return { complete: suspects.length === 0 && (await isEmpty(entriesDue(deps, sweep))) };
  // While absence proves nothing, suspects are jobs like others, asked about in batches.
  const halted = isHalted(await deps.access.absence(submitter));
  const asked = await askAll(deps, leia, entriesDue(deps, sweep, halted ? suspects : []));
  if (asked.stopped) return { complete: false };
  const unknown = [...suspects, ...asked.unknown];
  const count = asked.count - (halted ? suspects.length : 0);
  const look = { asked: count, unknown: asked.unknown.length, complete: asked.complete };
  if ((halted || unknown.length > 0) && (await mayFail(deps, sweep, look)))
    await pMap(unknown, (entry) => lookForAbsent(deps, leia, entry), { concurrency: AT_ONCE });
  return { complete: asked.complete, found: asked.ended, asked: count };
};

/** Whether a job that LEIA does not know may FAIL for it; asked after the answers, since another sweep may have met many. */
const mayFail = async (deps: SweepDeps, { submitter }: SweepOf, look: Look): Promise<boolean> => {
  const absence = await deps.access.changeAbsence(submitter, (present) =>
    afterLook(present, look, deps.now(), deps.ages.thenSeconds),
  );
  if (!isHalted(absence)) return true;
  deps.count('MassAbsence');
  const { asked, unknown } = look;
  deps.warn('LEIA does not know so many jobs that this is no news of them; none fails', { submitter, unknown, asked });
  return false;
};

/**
 * As they are read: there may be more of them than memory. Besides those whose age says so, jobs in lanes of their own,
 * where nobody else would see them end, or vanish.
 */
async function* entriesDue(deps: SweepDeps, sweep: SweepOf, more: InFlight[] = []): AsyncGenerator<InFlight> {
  for (const lane of ['intent', 'watch'] as const)
    for await (const entry of atLeia(deps.mirror.lane(sweep.submitter, lane, { until: instant(sweep.now) })))
      if (!isFinished(entry)) yield entry;
  yield* atLeia(laneByAge(deps, sweep, 'sent'));
  yield* more;
}

async function* atLeia(entries: AsyncIterable<LaneEntry>): AsyncGenerator<InFlight> {
  for await (const entry of entries) if (entry.leia_id !== undefined) yield { ...entry, leia_id: entry.leia_id };
}

const isEmpty = async (entries: AsyncIterable<InFlight>): Promise<boolean> => {
  for await (const _ of entries) return false;
  return true;
};

/** `complete`: whatever ended was looked at. `stopped`: LEIA does not answer. */
type Asked = { count: number; ended: number; unknown: InFlight[]; complete: boolean; stopped: boolean };

const askAll = async (deps: SweepDeps, leia: LeiaJobs, entries: AsyncIterable<InFlight>): Promise<Asked> => {
  const total: Asked = { count: 0, ended: 0, unknown: [], complete: true, stopped: false };
  for await (const page of inPages(entries, deps.statusBatch)) {
    total.count += page.length;
    await ask(deps, leia, { page, total });
    if (total.stopped) break;
  }
  return total;
};

type Asking = { page: InFlight[]; total: Asked };

const ask = async (deps: SweepDeps, leia: LeiaJobs, { page, total }: Asking): Promise<void> => {
  const answer = await leia.statuses(page.map((entry) => entry.leia_id));
  if (answer.outcome === 'unavailable') {
    noteUnavailable(deps, page[0]?.id ?? '', answer);
    total.stopped = true;
  } else if (answer.outcome === 'refused') {
    // One unknown or foreign job may spoil a batch; a batch too long for LEIA halves as well.
    if (page.length === 1) total.unknown.push(...page);
    else
      for (const half of chunks(page, Math.ceil(page.length / 2)))
        if (!total.stopped) await ask(deps, leia, { page: half, total });
  } else {
    const ended = await sort(deps, page, { statuses: answer.value, into: total });
    total.ended += ended.length;
    if (!(await lookAtEnded(deps, leia, ended))) total.complete = false;
  }
};

/** @returns those that ended */
const sort = async (
  deps: SweepDeps,
  batch: InFlight[],
  { statuses, into }: { statuses: Map<string, Status>; into: Asked },
): Promise<InFlight[]> => {
  const moved: { entry: InFlight; status: Status }[] = [];
  const ended: InFlight[] = [];
  for (const entry of batch) {
    const status = statuses.get(entry.leia_id);
    if (status === undefined) into.unknown.push(entry);
    else if (isFinished({ status })) ended.push(entry);
    else if (status !== entry.status || entry.lane === 'absent') moved.push({ entry, status });
  }
  const observe = ({ entry, status }: { entry: InFlight; status: Status }) =>
    observeJob(deps, { id: entry.id }, { leiaId: entry.leia_id, status, via: 'sweep' });
  await pMap(moved, observe, { concurrency: AT_ONCE });
  return ended;
};

/** Reads the whole Job of those that ended; false when LEIA stopped answering. */
const lookAtEnded = async (deps: SweepDeps, leia: LeiaJobs, ended: InFlight[]): Promise<boolean> => {
  const looked = await pMap(ended, (entry) => lookAt(deps, leia, entry), { concurrency: AT_ONCE });
  return looked.every((outcome) => outcome !== 'unavailable');
};

const lookAt = async (
  deps: SweepDeps,
  leia: LeiaJobs,
  entry: InFlight,
): Promise<'found' | 'refused' | 'unavailable' | 'absent'> => {
  const answer = await leia.job(entry.leia_id);
  if (answer.outcome === 'found') await observeJob(deps, { id: entry.id }, { ...answer.value.seen, via: 'sweep' });
  return answer.outcome === 'refused' && answer.status === 404 ? 'absent' : answer.outcome;
};

/** A batch never proves absence; only the job's own 404 does, twice. */
const lookForAbsent = async (deps: SweepDeps, leia: LeiaJobs, entry: InFlight): Promise<void> => {
  if ((await lookAt(deps, leia, entry)) !== 'absent') return;
  const change = await deps.mirror.change(entry.id, (job) => absenceSeen(job, deps.now(), deps.absenceConfirmSeconds));
  if (change?.after && isFinished(change.after)) {
    deps.count('JobAbsent');
    deps.warn('LEIA does not know this job any more', { job_id: entry.id, leia_id: entry.leia_id });
  }
};

const chunks = <T>(items: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
