import { describe, expect, it } from 'vitest';
import { jobsWithin } from '../../functions/acts/leia-list.ts';
import type { Unavailable } from '../../functions/adapters/leia-api.ts';
import { instant } from '../../functions/jobs/job.ts';
import { id, T0 } from '../support/jobs.ts';
import { aSeenJob, listingLeia } from '../support/listing-leia.ts';

const everything = { createdAfter: instant(T0 - 1000) };
const numbered = (count: number) => Array.from({ length: count }, (_, nth) => aSeenJob(nth + 1));
const tooLarge: Unavailable = { outcome: 'unavailable', cause: 'too long', tooLarge: true };

const read = async (leia: ReturnType<typeof listingLeia>, most?: number) => {
  const answer = await jobsWithin(leia, everything, most);
  if (answer.outcome !== 'found') throw new Error(answer.cause);
  return answer.value;
};
const idsOf = ({ jobs }: { jobs: { id: string }[] }) => jobs.map((job) => job.id).toSorted();

describe('LEIA’s list', () => {
  it('of a hundred jobs is one request', async () => {
    const leia = listingLeia(numbered(100), T0);
    const { jobs, date, complete } = await read(leia);
    expect([jobs.length, date, complete, leia.asked.length]).toEqual([100, T0, true, 1]);
  });

  it('is read to its end, whose time is that of its first page', async () => {
    const leia = listingLeia(numbered(450), T0);
    leia.before = (nth) => {
      leia.date = T0 + nth;
      return undefined;
    };
    const listing = await read(leia);
    expect(idsOf(listing)).toEqual(idsOf({ jobs: leia.jobs }));
    expect(listing.date).toBe(T0 + 1);
  });

  it('misses none when jobs come and go between its pages', async () => {
    const leia = listingLeia(numbered(450));
    leia.before = (nth) => {
      if (nth === 2) leia.jobs.push(aSeenJob(1000), aSeenJob(1001), aSeenJob(1002));
      // What is gone from the pages before moves the next ones up.
      if (nth === 3) leia.jobs = leia.jobs.filter(({ id: known }) => known < id(440) || known > id(445));
      return undefined;
    };
    const { jobs } = await read(leia);
    const seen = new Set(jobs.map((job) => job.id));
    expect(leia.jobs.filter((job) => job.id < id(1000) && !seen.has(job.id))).toEqual([]);
  });

  it('that never stands still is not read', async () => {
    const leia = listingLeia(numbered(450));
    leia.before = (nth, { offset }) =>
      offset === 0 ? undefined : { outcome: 'found', value: { jobs: [aSeenJob(nth + 5000)], total: 450 } };
    expect(await jobsWithin(leia, everything)).toMatchObject({ outcome: 'unavailable' });
    expect(leia.asked.length).toBeLessThan(20);
  });

  it('is read in smaller pages when its results are too long, and around a job that is too long alone', async () => {
    const leia = listingLeia(numbered(30));
    leia.before = (_nth, { offset, limit }) =>
      limit > 4 || (offset <= 7 && 7 < offset + limit) ? tooLarge : undefined;
    const { jobs } = await read(leia);
    expect(jobs).toHaveLength(29);
  });

  it('of more jobs than wanted is not read on', async () => {
    const leia = listingLeia(numbered(450));
    expect(await read(leia, 300)).toMatchObject({ complete: false });
    expect(leia.asked).toHaveLength(1);
    expect(await read(leia, 450)).toMatchObject({ complete: true });
  });

  it.each([
    { outcome: 'unavailable', cause: 'LEIA answered HTTP 500' },
    { outcome: 'refused', status: 400, detail: 'no' },
  ] as const)('is unknown when LEIA does not give it: $outcome', async (answer) => {
    const leia = listingLeia(numbered(150));
    leia.before = (nth) => (nth === 2 ? answer : undefined);
    expect(await jobsWithin(leia, everything)).toMatchObject({ outcome: 'unavailable' });
  });
});
