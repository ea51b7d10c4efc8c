// Lanes `sent`, `watch` and `absent` of a sweep (D7): what has become of the jobs that LEIA has.
import pMap from 'p-map';
import type { LeiaJobs } from '../adapters/leia-api.ts';
import { afterLook, isHalted, type Look } from '../jobs/absence.ts';
import { instant, isFinished, type Status } from '../jobs/job.ts';
import { type LaneEntry, windows } from '../jobs/lanes.ts';
import { absenceSeen } from '../jobs/sending.ts';
import { noteUnavailable } from './leia-of.ts';
import { observeJob } from './observe-job.ts';
import type { SweepDeps, SweepOf, Swept } from './sweep.ts';

const AT_ONCE = 8;
type InFlight = LaneEntry & { leia_id: string };

/** Asks LEIA about every job whose age says so, and about those under suspicion; moves the watermark if all was asked. */
export const sweepInFlight = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const { leiaForJobs: leia, submitter } = sweep;
  const entries = await entriesDue(deps, sweep);
  const suspects = await collect(deps.mirror.lane(submitter, 'absent', { until: instant(sweep.now) }));
  if (!leia) return { complete: entries.length + suspects.length === 0 };
  // While absence proves nothing, suspects are jobs like others, asked about in batches.
  const halted = isHalted(await deps.access.absence(submitter));
  const asked = await askAll(deps, leia, halted ? [...entries, ...suspects] : entries);
  if (asked.stopped) return { complete: false };
  const complete = await lookAtEnded(deps, leia, asked.ended);
  const unknown = [...suspects, ...asked.unknown];
  const look = { asked: entries.length, unknown: asked.unknown.length, complete };
  if ((halted || unknown.length > 0) && (await mayFail(deps, sweep, look)))
    await pMap(unknown, (entry) => lookForAbsent(deps, leia, entry), { concurrency: AT_ONCE });
  return { complete, found: asked.ended.length, asked: entries.length };
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

const entriesDue = async (deps: SweepDeps, { submitter, now, since }: SweepOf): Promise<InFlight[]> => {
  const watched = await collect(deps.mirror.lane(submitter, 'watch', { until: instant(now) }));
  const found = new Map(watched.filter((entry) => !isFinished(entry)).map((entry) => [entry.id, entry]));
  const oldest = await deps.mirror.oldestInLane(submitter, 'sent');
  if (oldest === undefined) return [...found.values()];
  for (const { after, until } of windows(deps.ages, Date.parse(oldest), since('sent'), now)) {
    const range = { after: instant(Math.max(0, after)), until: instant(until) };
    for (const entry of await collect(deps.mirror.lane(submitter, 'sent', range))) found.set(entry.id, entry);
  }
  return [...found.values()];
};

const collect = async (entries: AsyncIterable<LaneEntry>): Promise<InFlight[]> => {
  const found: InFlight[] = [];
  for await (const entry of entries) if (entry.leia_id !== undefined) found.push({ ...entry, leia_id: entry.leia_id });
  return found;
};

type Asked = { ended: InFlight[]; unknown: InFlight[]; stopped: boolean };

const askAll = async (deps: SweepDeps, leia: LeiaJobs, entries: InFlight[]): Promise<Asked> => {
  const total: Asked = { ended: [], unknown: [], stopped: false };
  const waiting = chunks(entries, deps.statusBatch);
  for (let batch = waiting.shift(); batch && !total.stopped; batch = waiting.shift()) {
    const answer = await leia.statuses(batch.map((entry) => entry.leia_id));
    if (answer.outcome === 'unavailable') {
      noteUnavailable(deps, batch[0]?.id ?? '', answer);
      total.stopped = true;
    } else if (answer.outcome === 'refused') {
      // One unknown or foreign job may spoil a batch; a batch too long for LEIA halves as well.
      if (batch.length > 1) waiting.unshift(...chunks(batch, Math.ceil(batch.length / 2)));
      else total.unknown.push(...batch);
    } else await sort(deps, batch, { statuses: answer.value, into: total });
  }
  return total;
};

const sort = async (
  deps: SweepDeps,
  batch: InFlight[],
  { statuses, into }: { statuses: Map<string, Status>; into: Asked },
): Promise<void> => {
  const moved: { entry: InFlight; status: Status }[] = [];
  for (const entry of batch) {
    const status = statuses.get(entry.leia_id);
    if (status === undefined) into.unknown.push(entry);
    else if (isFinished({ status })) into.ended.push(entry);
    else if (status !== entry.status || entry.lane === 'absent') moved.push({ entry, status });
  }
  const observe = ({ entry, status }: { entry: InFlight; status: Status }) =>
    observeJob(deps, { id: entry.id }, { leiaId: entry.leia_id, status, via: 'sweep' });
  await pMap(moved, observe, { concurrency: AT_ONCE });
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
