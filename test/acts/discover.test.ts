// Discovery (D7): what was started directly at LEIA comes into the mirror, once, and nothing of ours twice.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Metric } from '../../functions/acts/deps.ts';
import { discover, discoveredAt } from '../../functions/acts/discover.ts';
import { ownView } from '../../functions/acts/leia-views.ts';
import type { LeiaJob } from '../../functions/adapters/leia-api.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { APPLICATION, aBoundJob, aJob, aSighting, id, seconds, T0 } from '../support/jobs.ts';
import { aSeenJob, type ListingLeia, listingLeia } from '../support/listing-leia.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const DAY = 86_400;
let mirror = memoryMirror();
let access = memoryAccess();
let counted: Partial<Record<Metric, number>> = {};
let now = T0;
beforeEach(() => {
  mirror = memoryMirror();
  access = memoryAccess();
  counted = {};
  now = T0 + seconds(DAY);
});

const urlOf = (ours: string) => `https://api.example.test/callbacks/${ours}/mac`;

const look = async (leia: ListingLeia, { requests = 1000 } = {}): Promise<boolean> => {
  const deps = {
    mirror,
    access,
    callbackKeys: {
      callbackUrl: async (ours: string) => urlOf(ours),
      verify: async () => true,
      jobIdOf: async (url: string) => /\/callbacks\/(\w+)\/mac$/.exec(url)?.[1],
    },
    now: () => now + (leia.asked.length >= requests ? seconds(10) : 0),
    count: (metric: Metric, value = 1) => {
      counted[metric] = (counted[metric] ?? 0) + value;
    },
    warn: () => {},
    adoptHistorySeconds: 7 * DAY,
  };
  const marks = await access.watermarks(APPLICATION);
  const view = ownView({ ...deps, leiaForKey: async () => undefined }, { submitter: APPLICATION, leia });
  return discover(deps, { view, marks, via: 'sweep', until: now + seconds(1) });
};
const known = (): string[] =>
  mirror
    .snapshot()
    .jobs.map((job) => job.id)
    .toSorted();
const markOf = async (lane: string): Promise<number | undefined> => (await access.watermarks(APPLICATION))[lane];
const ended = (leiaId: string, status: JobRecord['status']): LeiaJob['seen'] => aSighting(status, { leiaId });

describe('what is unknown', () => {
  it('is adopted under LEIA’s id, ended or not, with all that LEIA shows of it', async () => {
    const job = aSeenJob(1, { parent_job_id: id(7), page_range: '0', callback_url: 'https://caller.example/' });
    const leia = listingLeia([job, aSeenJob(2, { seen: ended(id(2), 'PROCESSING') })], now);
    expect(await look(leia)).toBe(true);
    const { id: _id, seen, ...shown } = job;
    expect(await mirror.job(id(1))).toMatchObject({
      ...shown,
      ...seen.details,
      leia_id: id(1),
      stage: 'bound',
      observed_via: 'adoption',
      follow_up_due: instant(now),
    });
    expect(await mirror.job(id(2))).toMatchObject({ status: 'PROCESSING', finished_time: null });
    expect(await mirror.job(id(2))).not.toHaveProperty('follow_up_due');
    expect(counted).toEqual({ JobAdopted: 2 });
  });

  it('is adopted once, however often it is seen', async () => {
    const leia = listingLeia([aSeenJob(1), aSeenJob(2)], now);
    await look(leia);
    const before = mirror.snapshot();
    await look(leia);
    expect(mirror.snapshot()).toEqual(before);
  });

  it('of another submitter is left to that one; without a submitter it is whose list it is in', async () => {
    await look(listingLeia([aSeenJob(1, { submitter_id: id(99) }), aSeenJob(2, { submitter_id: '' })], now));
    expect(known()).toEqual([id(2)]);
    expect((await mirror.job(id(2)))?.submitter_id).toBe(APPLICATION);
  });

  it('behind a job of ours names that by our id, also when it is bound only now', async () => {
    await mirror.create(aJob({ id: id(50), stage: 'unsent', doubt_since: instant(T0) }));
    const prerequisite = aSeenJob(1, { callback_url: urlOf(id(50)), seen: ended(id(1), 'PROCESSING') });
    await look(listingLeia([aSeenJob(2, { execute_after_id: id(1), parent_job_id: id(1) }), prerequisite], now));
    expect(await mirror.job(id(50))).toMatchObject({ leia_id: id(1), stage: 'bound', status: 'PROCESSING' });
    expect(await mirror.job(id(2))).toMatchObject({ execute_after_id: id(50), parent_job_id: id(50) });
    expect(known()).toEqual([id(2), id(50)]);
  });
});

describe('what is known', () => {
  it('gets the news that LEIA’s list brings', async () => {
    await mirror.create(aBoundJob({ id: id(50), leia_id: id(1) }));
    await mirror.create(aBoundJob({ id: id(2), leia_id: id(2), status: 'PROCESSING' }));
    const silent = aSeenJob(1);
    await look(listingLeia([silent, aSeenJob(2, { seen: ended(id(2), 'READY') })], now));
    expect(await mirror.job(id(50))).toMatchObject({ status: 'PROCESSED', observed_via: 'sweep' });
    expect(await mirror.job(id(2))).toMatchObject({ status: 'PROCESSING', version: 1 });
    expect(known()).toEqual([id(2), id(50)]);
  });

  it('and has a second job at LEIA: that one is cancelled, counted once, and never applied', async () => {
    await mirror.create(aBoundJob({ id: id(50), leia_id: id(1) }));
    const duplicate = aSeenJob(2, { callback_url: urlOf(id(50)), seen: ended(id(2), 'PROCESSING') });
    const leia = listingLeia([duplicate], now);
    await look(leia);
    expect(leia.cancelled).toEqual([id(2)]);
    leia.jobs = [{ ...duplicate, seen: ended(id(2), 'CANCELED') }];
    await look(leia);
    expect(counted).toEqual({ DuplicateAtLeia: 1 });
    expect(await mirror.job(id(50))).toMatchObject({ leia_id: id(1), status: 'READY', version: 1 });
    expect(known()).toEqual([id(50)]);
  });
});

describe('a job of which LEIA does not say whose it is', () => {
  const attempted = {
    id: id(50),
    creation_time: instant(T0),
    stage: 'claimed',
    claimed_until: instant(T0 + DAY),
  } as const;

  it('is not adopted while an attempt of ours may have made it, and not forgotten either', async () => {
    await mirror.create(aJob(attempted));
    const leia = listingLeia([aSeenJob(1), aSeenJob(2, { job_type: 'pdf-images' })], now);
    expect(await look(leia)).toBe(true);
    expect(known()).toEqual([id(2), id(50)]);
    expect(await markOf('discovery')).toBeLessThan(Date.parse(aSeenJob(1).creation_time));
    await mirror.change(id(50), (job) => ({ ...job, stage: 'bound', leia_id: id(3), sent_at: instant(T0) }));
    now += seconds(3600);
    await look(Object.assign(leia, { date: now }));
    expect(known()).toEqual([id(1), id(2), id(50)]);
    expect(await markOf('discovery')).toBe(now);
  });

  it('is ours when a job was bound to it just now, though the index does not tell yet', async () => {
    now = T0 + seconds(30);
    await mirror.create(aBoundJob({ id: id(50), leia_id: id(1) }));
    mirror.jobByLeiaId = async () => undefined;
    await look(listingLeia([aSeenJob(1)], now));
    expect(known()).toEqual([id(50)]);
  });

  it('is somebody’s own when nothing of ours is like it', async () => {
    await mirror.create(aJob({ ...attempted, document_ids: ['another'] }));
    await look(listingLeia([aSeenJob(1)], now));
    expect(known()).toEqual([id(1), id(50)]);
  });
});

describe('a discovery', () => {
  it('begins as far back as it is told, and then where the last one ended, with ten minutes’ overlap', async () => {
    const leia = listingLeia([], now - seconds(60));
    await look(leia);
    now += seconds(300);
    await look(leia);
    expect(leia.asked.map(({ createdAfter }) => createdAfter)).toEqual([
      instant(T0 - seconds(6 * DAY)),
      instant(T0 + seconds(DAY - 60 - 600)),
    ]);
    expect(discoveredAt(await access.watermarks(APPLICATION))).toBe(now);
  });

  it.each([
    ['far ahead', (time: number) => time + seconds(DAY), (time: number) => time],
    ['behind', (time: number) => time - seconds(50), (time: number) => time - seconds(50)],
    ['not told', () => undefined, () => T0 + seconds(9)],
  ])('goes by LEIA’s clock, %s, and hides no job by it', async (_what, dateOf, markAt) => {
    await look(listingLeia([aSeenJob(9)], dateOf(now)));
    expect(await markOf('discovery')).toBe(markAt(now));
  });

  it('that LEIA does not answer is none, and the next one looks as far back', async () => {
    const leia = listingLeia([aSeenJob(1)], now);
    leia.before = () => ({ outcome: 'unavailable', cause: 'down' });
    expect(await look(leia)).toBe(false);
    expect(await access.watermarks(APPLICATION)).toEqual({});
    expect(counted).toEqual({ LeiaUnavailable: 1 });
  });

  it('of many jobs goes window by window, and on from where it was stopped', async () => {
    const leia = listingLeia(
      Array.from({ length: 1000 }, (_, nth) => aSeenJob(nth * 60 + 1)),
      now,
    );
    let rounds = 0;
    while (!(await look(leia, { requests: leia.asked.length + 6 }))) {
      rounds += 1;
      expect(discoveredAt(await access.watermarks(APPLICATION))).toBeUndefined();
      expect(rounds).toBeLessThan(20);
    }
    expect(rounds).toBeGreaterThan(1);
    expect(known()).toHaveLength(1000);
    expect(leia.asked.length).toBeLessThan(100);
  });

  it('misses no job, wherever in time jobs crowd', async () => {
    const times = fc.array(fc.record({ at: fc.nat(DAY * 1000 - 1), count: fc.integer({ min: 1, max: 400 }) }), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(times, async (crowds) => {
        mirror = memoryMirror();
        access = memoryAccess();
        const jobs = crowds
          .flatMap(({ at, count }) => Array.from({ length: count }, (_, nth) => T0 + at + nth * 7))
          .map((time, nth) => aSeenJob(nth + 1, { creation_time: instant(Math.min(time, now - 1)) }));
        expect(await look(listingLeia(jobs, now))).toBe(true);
        expect(known()).toEqual(jobs.map((job) => job.id).toSorted());
      }),
      { numRuns: 25 },
    );
  });
});
