// Which jobs of a lane a sweep looks at, and what it reads for that (D7).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laneByAge } from '../../functions/acts/lane-by-age.ts';
import type { Mirror } from '../../functions/adapters/mirror.ts';
import { instant } from '../../functions/jobs/job.ts';
import { windows } from '../../functions/jobs/lanes.ts';
import { APPLICATION, aBoundJob, id, seconds, T0 } from '../support/jobs.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const ages = { firstSeconds: 60, thenSeconds: 3600 };
const HOUR = 3600;
const YEAR = 365 * 24 * HOUR;

/** Jobs in flight since these ages in seconds, and what a sweep a minute after the last one looks at. */
const look = async (sentBefore: number[], { since = 60 } = {}) => {
  const now = T0 + seconds(2 * YEAR);
  const mirror = memoryMirror();
  for (const [index, age] of sentBefore.entries())
    await mirror.create(aBoundJob({ id: id(index + 1), sent_at: instant(now - seconds(age)) }));
  let reads = 0;
  const counted: Mirror = {
    ...mirror,
    lane: (...asked) => {
      reads += 1;
      return mirror.lane(...asked);
    },
    oldestInLane: (...asked) => {
      reads += 1;
      return mirror.oldestInLane(...asked);
    },
  };
  const sweep = { submitter: APPLICATION, now, since: () => now - seconds(since) };
  const seen = await Array.fromAsync(laneByAge({ mirror: counted, ages }, sweep, 'sent'), ({ at }) => at);
  const oldest = now - seconds(Math.max(0, ...sentBefore));
  const due = windows(ages, oldest, now - seconds(since), now);
  const expected = sentBefore
    .map((age) => now - seconds(age))
    .filter((sent) => due.some(({ after, until }) => after < sent && sent <= until))
    .map((sent) => instant(sent));
  return { seen: seen.toSorted(), expected: expected.toSorted(), reads };
};

describe('the jobs of a lane whose age says so', () => {
  it('are those in the windows of all ages, whoever else is there', async () => {
    const age = fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 3 * 24 * HOUR }),
      // As old as an hour's window, within the minute.
      fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: -70, max: 70 })).map(([n, by]) => n * HOUR + by),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(age, { maxLength: 12 }), fc.integer({ min: 1, max: 7200 }), async (ages, since) => {
        const { seen, expected } = await look(ages, { since });
        expect(seen).toEqual(expected);
      }),
    );
  });

  it('cost no more reads for being old: one that was never started, for years', async () => {
    expect((await look([2 * YEAR])).reads).toBeLessThanOrEqual(3);
    expect((await look([2 * YEAR - 17 * 60, YEAR, 40 * 24 * HOUR + 5, 90])).reads).toBeLessThanOrEqual(12);
  });

  it('are read window after window where there are many', async () => {
    const { seen, reads } = await look(Array.from({ length: 48 }, (_, hour) => 64 * 60 + hour * HOUR));
    expect(seen).toHaveLength(48);
    expect(reads).toBeLessThanOrEqual(48 + 8);
  });
});
