// The jobs of a lane that are to be looked at because of their age (D7), however long the oldest has been there.
import { instant } from '../jobs/job.ts';
import { disjoint, type LaneEntry, windows } from '../jobs/lanes.ts';
import type { SweepDeps, SweepOf } from './sweep.ts';

/** As they are read: there may be more of them than memory. */
export async function* laneByAge(
  { mirror, ages }: Pick<SweepDeps, 'mirror' | 'ages'>,
  { submitter, now, since }: Pick<SweepOf, 'submitter' | 'now' | 'since'>,
  lane: 'sent' | 'held',
): AsyncGenerator<LaneEntry> {
  let next = await mirror.oldestInLane(submitter, lane);
  const due = next === undefined ? [] : disjoint(windows(ages, Date.parse(next), since(lane), now));
  for (const { after, until } of due) {
    if (next === undefined) return;
    if (until < Date.parse(next)) continue;
    let isEmpty = true;
    for await (const entry of mirror.lane(submitter, lane, {
      after: instant(Math.max(0, after)),
      until: instant(until),
    })) {
      isEmpty = false;
      yield entry;
    }
    // A job may wait for months, alone, and each of its hours is a window: those with nobody in them are passed over.
    if (isEmpty) next = await mirror.oldestInLane(submitter, lane, instant(until));
  }
}
