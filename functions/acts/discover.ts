// Discovery (D7): LEIA's list since the last look, so that the mirror also has what was started directly at LEIA.

import type { Watermarks } from '../adapters/access.ts';
import type { LeiaJob } from '../adapters/leia-api.ts';
import { instant, type Source } from '../jobs/job.ts';
import type { AdoptDeps } from './adopt-job.ts';
import type { Deps } from './deps.ts';
import { jobsWithin, type LeiaListing, type LeiaWindow } from './leia-list.ts';
import { noteUnavailable } from './leia-of.ts';
import type { Portion, View } from './leia-views.ts';
import { takeIn } from './take-in.ts';

export type DiscoverDeps = AdoptDeps & Pick<Deps, 'access'> & { adoptHistorySeconds: number };

export type Discovering = {
  view: View;
  /** The watermarks that are kept of the view. */
  marks: Watermarks;
  via: Source;
  /** No request to LEIA is begun after this instant (epoch milliseconds). */
  until: number;
};

/** Up to which instant of LEIA's clock its list was read. */
const READ_TO = 'discovery';
/** When, by our clock, the last complete discovery began. */
const COMPLETED = 'discovered';

/** LEIA may show a job so long after its creation time. */
const OVERLAP = 10 * 60_000;
/** No more jobs at once: their results are in memory. */
const MOST = 300;
const SHORTEST = 2000;

/** When the last complete discovery of a view began (epoch milliseconds), if there was any. */
export const discoveredAt = (marks: Watermarks): number | undefined => marks[COMPLETED];

/**
 * Reads LEIA's list from the watermark on, in windows that are as long as their jobs are few, the oldest first: what is
 * done stays done, however soon this ends. True when the list was read to its end.
 */
export const discover = async (deps: DiscoverDeps, discovering: Discovering): Promise<boolean> => {
  const { view, marks, until } = discovering;
  const began = deps.now();
  const portionsOf = await view.begin();
  const readTo = marks[READ_TO];
  let from = readTo === undefined ? began - deps.adoptHistorySeconds * 1000 : readTo - OVERLAP;
  let to: number | undefined;
  let clear = Number.POSITIVE_INFINITY;
  while (deps.now() <= until) {
    const span = (to ?? began) - from;
    const listed = await jobsWithin(view.leia, windowOf(from, to), span > SHORTEST ? MOST : undefined);
    if (listed.outcome === 'unavailable') {
      noteUnavailable(deps, view.keptAs, listed);
      return false;
    }
    if (!listed.value.complete) {
      to = wholeSecond(from + span / 2);
      continue;
    }
    const unclear = await takeAllIn(deps, discovering, await portionsOf(listed.value.jobs));
    for (const { creation_time } of unclear) clear = Math.min(clear, Date.parse(creation_time) - 1);
    await deps.access.moveWatermark(view.keptAs, READ_TO, Math.min(clear, to ?? endOf(listed.value, began)));
    if (to === undefined) {
      await deps.access.moveWatermark(view.keptAs, COMPLETED, began);
      return true;
    }
    // Both bounds are exclusive at LEIA.
    from = to - 1000;
    to = from + 2 * span < began ? wholeSecond(from + 2 * span) : undefined;
  }
  return false;
};

const takeAllIn = async (deps: DiscoverDeps, { marks, via }: Discovering, portions: Portion[]): Promise<LeiaJob[]> => {
  const since = instant(marks[READ_TO] ?? 0);
  const unclear: LeiaJob[] = [];
  for (const { jobs, ...whose } of portions) unclear.push(...(await takeIn(deps, { ...whose, via, since }, jobs)));
  return unclear;
};

const windowOf = (from: number, to: number | undefined): LeiaWindow => ({
  createdAfter: instant(from),
  ...(to === undefined ? {} : { createdBefore: instant(to) }),
});

const wholeSecond = (millis: number): number => Math.ceil(millis / 1000) * 1000;

/** LEIA's clock, as its answer or else its newest job shows it; never ahead of ours, which could hide jobs. */
const endOf = ({ date, jobs }: LeiaListing, now: number): number => {
  const newest = Math.max(0, ...jobs.map(({ creation_time }) => Date.parse(creation_time)));
  return Math.min(date ?? newest, now);
};
