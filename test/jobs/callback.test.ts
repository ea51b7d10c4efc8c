import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterTry,
  type CallbackTry,
  deliveryId,
  mayBeTold,
  needsHeaders,
  nobodyToTell,
  waitAfter,
} from '../../functions/jobs/callback.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { settingsOf } from '../../lib/config.ts';
import { aBoundJob, id, T0 } from '../support/jobs.ts';

const job = (given: Partial<JobRecord> = {}): JobRecord =>
  aBoundJob({
    status: 'PROCESSED',
    fingerprint: 'of the submission',
    callback_url: 'https://cb.example/',
    callback: { state: 'asked', tries: 0 },
    ...given,
  });
const acknowledged: CallbackTry = { outcome: 'acknowledged', answer: 'HTTP 200' };
const failed: CallbackTry = { outcome: 'failed', answer: 'HTTP 503' };
const refused: CallbackTry = { outcome: 'refused', answer: 'no' };
const tried = (from: JobRecord, one: CallbackTry, last = false) => afterTry(from, one, { last, now: T0 });

describe('a try to tell a caller', () => {
  it('that is acknowledged is the last', () => {
    const after = tried(job(), acknowledged);
    expect(after?.callback).toEqual({ state: 'delivered', tries: 1, at: instant(T0), answer: 'HTTP 200' });
    expect(after && [mayBeTold(after), needsHeaders(after), tried(after, failed)]).toEqual([false, false, undefined]);
  });

  it('that fails is followed by others, with the headers', () => {
    const after = tried(job(), failed);
    expect(after?.callback).toMatchObject({ state: 'asked', tries: 1, answer: 'HTTP 503' });
    expect(after && [mayBeTold(after), needsHeaders(after)]).toEqual([true, true]);
  });

  it('that is given up may be made again by a person, with the headers', () => {
    const after = tried(job(), failed, true) ?? job();
    expect(after.callback?.state).toBe('given_up');
    expect([mayBeTold(after), needsHeaders(after)]).toEqual([true, true]);
    expect(tried(after, failed)?.callback).toMatchObject({ state: 'given_up', tries: 2 });
    expect(tried(after, acknowledged)?.callback).toMatchObject({ state: 'delivered', tries: 2 });
  });

  it('that may not be made is not made again', () => {
    const after = tried(job(), refused) ?? job();
    expect(after.callback?.state).toBe('refused');
    expect([mayBeTold(after), needsHeaders(after), tried(after, acknowledged)]).toEqual([false, false, undefined]);
  });

  it('by a default URL is remembered as well', () => {
    const { callback: _none, ...unasked } = job({ callback_url: null });
    expect(tried(unasked, acknowledged)?.callback).toMatchObject({ state: 'delivered', tries: 1 });
  });

  it('is for nothing before the end, and of a job that is not ours', () => {
    expect(mayBeTold(job({ status: 'PROCESSING' }))).toBe(false);
    const { fingerprint: _none, ...adopted } = job();
    expect(mayBeTold(adopted)).toBe(false);
    expect(mayBeTold(job({ refusal: { status: 400, detail: '' } }))).toBe(false);
  });

  it('has the id of its ending, whatever came before', () => {
    expect(deliveryId(job())).toBe(`${id(1)}/PROCESSED`);
    expect(deliveryId(tried(job(), failed) ?? job())).toBe(`${id(1)}/PROCESSED`);
  });

  it('is never made where nobody is to be told', () => {
    const after = nobodyToTell(job({ callback_url: null }), T0) ?? job();
    expect([after.callback?.state, mayBeTold(after), needsHeaders(after)]).toEqual(['none', false, false]);
    expect(nobodyToTell(after, T0)).toBeUndefined();
  });

  const outcomes = fc.record({
    outcome: fc.constantFrom('acknowledged', 'failed', 'refused' as const),
    answer: fc.string(),
    last: fc.boolean(),
  });
  it('settles once, whatever is tried in whatever order', () => {
    fc.assert(
      fc.property(fc.array(outcomes, { maxLength: 12 }), (tries) => {
        let now = job();
        let settled: string | undefined;
        for (const { last, ...one } of tries) {
          const after = tried(now, one as CallbackTry, last);
          expect(after === undefined).toBe(settled !== undefined);
          now = after ?? now;
          if (after && one.outcome !== 'failed') settled = one.outcome === 'refused' ? 'refused' : 'delivered';
        }
        if (settled !== undefined) expect(now.callback?.state).toBe(settled);
        expect(mayBeTold(now)).toBe(settled === undefined);
      }),
    );
  });
});

describe('the waits between tries', () => {
  const { callbackTries, callbackRetryFirstSeconds, callbackRetryMaxSeconds } = settingsOf({
    leiaUrl: 'https://leia.example.com',
  });
  const times = {
    tries: callbackTries,
    retryFirstSeconds: callbackRetryFirstSeconds,
    retryMaxSeconds: callbackRetryMaxSeconds,
  };
  const waits = Array.from({ length: callbackTries - 1 }, (_, nth) => waitAfter(nth + 1, times));

  it('grow, and last about a day together', () => {
    expect(waits).toEqual([30, 90, 270, 810, 2430, 7290, 21_870, 28_800, 28_800]);
    const hours = waits.reduce((sum, wait) => sum + wait) / 3600;
    expect(hours).toBeGreaterThan(22);
    expect(hours).toBeLessThan(27);
  });

  it('are no longer than SQS keeps a message back', () => {
    fc.assert(
      fc.property(fc.nat(1000), (tries) => {
        expect(waitAfter(tries, times)).toBeGreaterThanOrEqual(30);
        expect(waitAfter(tries, times)).toBeLessThan(12 * 3600);
      }),
    );
  });
});
