// LEIA's own list of jobs, read page by page without missing one (D7).
import type { Found, Leia, LeiaJob, LeiaPage, Unavailable } from '../adapters/leia-api.ts';

const PAGE = 100;
/** So often is a list that moves under our eyes begun again. */
const RESTARTS = 3;

export type LeiaWindow = Pick<LeiaPage, 'createdAfter' | 'createdBefore'>;
export type LeiaListing = {
  jobs: LeiaJob[];
  /** LEIA's clock when the first page was asked for. */
  date?: number;
  /** False when there are more than were wanted: then `jobs` are only some of them. */
  complete: boolean;
};

/** LEIA's jobs of a window, newest first; with `most`, not read on when there are more. */
export const jobsWithin = async (
  leia: Pick<Leia, 'newestJobs'>,
  window: LeiaWindow,
  most = Number.POSITIVE_INFINITY,
): Promise<Found<LeiaListing> | Unavailable> => {
  const reading: Reading = { seen: new Map(), restarts: 0, offset: 0, limit: PAGE };
  for (;;) {
    const { offset, limit } = reading;
    const answer = await leia.newestJobs({ ...window, offset, limit });
    if (answer.outcome === 'refused')
      return { outcome: 'unavailable', cause: `LEIA refuses its list: HTTP ${answer.status}` };
    if (answer.outcome === 'unavailable') {
      if (!answer.tooLarge) return answer;
      readLess(reading);
      continue;
    }
    reading.date ??= answer.value.date;
    const step = readOn(reading, answer.value);
    if (step === 'moved') return { outcome: 'unavailable', cause: "LEIA's list changes faster than it can be read" };
    const crowded = answer.value.total > most;
    if (step === 'more' && !crowded) continue;
    const { seen, date } = reading;
    const value = { jobs: [...seen.values()], complete: !crowded, ...(date === undefined ? {} : { date }) };
    return { outcome: 'found', value };
  }
};

type Reading = {
  seen: Map<string, LeiaJob>;
  date?: number | undefined;
  restarts: number;
  offset: number;
  limit: number;
  /** Last job of the page before: the next page begins with it, or jobs have shifted in between. */
  last?: string | undefined;
};

/** A page of such results does not fit; a single job that does not fit cannot be read at all, and is passed over. */
const readLess = (reading: Reading): void => {
  if (reading.limit > 1) reading.limit = Math.ceil(reading.limit / 2);
  else Object.assign(reading, { offset: reading.offset + 1, last: undefined });
};

const readOn = (reading: Reading, { jobs, total }: { jobs: LeiaJob[]; total: number }): 'more' | 'end' | 'moved' => {
  const { last, offset } = reading;
  if (last !== undefined && !jobs.some(({ id }) => id === last)) {
    Object.assign(reading, { restarts: reading.restarts + 1, offset: 0, last: undefined });
    return reading.restarts > RESTARTS ? 'moved' : 'more';
  }
  for (const job of jobs) reading.seen.set(job.id, job);
  if (jobs.length === 0 || offset + jobs.length >= total) return 'end';
  const overlaps = jobs.length > 1;
  Object.assign(reading, {
    offset: offset + jobs.length - Number(overlaps),
    last: overlaps ? jobs.at(-1)?.id : undefined,
  });
  return 'more';
};
