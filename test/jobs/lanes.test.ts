import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../functions/jobs/job.ts';
import { disjoint, laneOf, windows } from '../../functions/jobs/lanes.ts';
import { aBoundJob, aJob, id, seconds, T0 } from '../support/jobs.ts';

const at = instant(T0);
const later = instant(T0 + seconds(9));

describe('the lane of a job', () => {
  it.each([
    ['unsent until its next attempt', aJob({ next_attempt_at: later }), { lane: 'unsent', at: later }],
    [
      'unsent while an attempt is on its way, due when the claim is over',
      aJob({ stage: 'claimed', claimed_until: later }),
      { lane: 'unsent', at: later },
    ],
    ['held while it waits here', aJob({ stage: 'held', held_for: id(2) }), { lane: 'held', at }],
    ['sent while LEIA has it', aBoundJob({ sent_at: later }), { lane: 'sent', at: later }],
    [
      'intent while LEIA has not confirmed a cancel',
      aBoundJob({ cancel_requested_at: later }),
      { lane: 'intent', at: later },
    ],
    ['absent after a first 404', aBoundJob({ absent_since: later }), { lane: 'absent', at: later }],
    ['watch while a duplicate may turn up', aBoundJob({ watch_since: later }), { lane: 'watch', at: later }],
    ['due once it has ended', aBoundJob({ status: 'PROCESSED', follow_up_due: later }), { lane: 'due', at: later }],
  ])('is %s', (_what, job, key) => {
    expect(laneOf(job)).toEqual(key);
  });

  it('is none once everything is done', () => {
    expect(laneOf(aBoundJob({ status: 'PROCESSED' }))).toBeUndefined();
    expect(laneOf(aJob({ status: 'FAILED', stage: 'dropped', refusal: { status: 404, detail: '' } }))).toBeUndefined();
  });
});

describe('the windows of successive sweeps', () => {
  const ages = { firstSeconds: 60, thenSeconds: 3600 };

  it('are at 1, 2, 4 … minutes and then each hour', () => {
    const found = windows(ages, T0, T0, T0 + seconds(3 * 3600)).map(
      ({ until }) => (T0 + seconds(3 * 3600) - until) / 60_000,
    );
    expect(found).toEqual([1, 2, 4, 8, 16, 32, 64, 124]);
  });

  it('meet every age of a job exactly once, however irregular the sweeps', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 7200 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 3600 }), (sweeps, sentAfter) => {
        const sent = T0 + seconds(sentAfter);
        let since = T0;
        let looks = 0;
        for (const gap of sweeps) {
          const now = since + seconds(gap);
          looks += windows(ages, Math.min(sent, now), since, now).filter(
            ({ after, until }) => after < sent && sent <= until,
          ).length;
          since = now;
        }
        const passed = windows(ages, sent, T0, since).length;
        expect(looks).toBe(since >= sent ? passed : 0);
      }),
    );
  });
});

describe('windows made disjoint', () => {
  const window = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 20 }));

  it('hold the same instants, each once', () => {
    fc.assert(
      fc.property(fc.array(window), (pairs) => {
        const given = pairs.map(([after, length]) => ({ after, until: after + length }));
        const found = disjoint(given);
        for (let at = 0; at <= 70; at += 1) {
          const holds = ({ after, until }: { after: number; until: number }) => after < at && at <= until;
          expect(found.filter(holds)).toHaveLength(given.some(holds) ? 1 : 0);
        }
      }),
    );
  });
});
