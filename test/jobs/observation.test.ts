import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, isFinished, type JobRecord, rank, statuses } from '../../functions/jobs/job.ts';
import { type Observation, observe } from '../../functions/jobs/observation.ts';
import { aBoundJob, aJob, aSighting, id, seconds, T0, TEXT_RESULT } from '../support/jobs.ts';

const after = (job: JobRecord, ...sightings: Observation[]): JobRecord =>
  sightings.reduce((record, seen, at) => observe(record, seen, T0 + seconds(at + 1)).record ?? record, job);

const anySighting = fc
  .record({ status: fc.constantFrom(...statuses), leia: fc.constantFrom(0xaaa, 0xbbb), whole: fc.boolean() })
  .map(({ status, leia, whole }): Observation => {
    const seen = aSighting(status, { leiaId: id(leia) });
    return whole ? seen : { leiaId: seen.leiaId, status, via: 'sweep' };
  });

describe('an observation', () => {
  it('moves a job forward and keeps what it saw', () => {
    const job = after(aBoundJob(), aSighting('PROCESSED'));
    expect(job).toMatchObject({ status: 'PROCESSED', http_code: 200, result_type: 'document', result: TEXT_RESULT });
    expect(job.follow_up_due).toBe(instant(T0 + seconds(1)));
    expect(job.finished_time).toBe(instant(T0 + seconds(5)));
  });

  it('binds a job that has no LEIA id yet', () => {
    const job = after(aJob({ stage: 'claimed', claimed_until: instant(T0 + seconds(30)) }), aSighting('STARTING'));
    expect(job).toMatchObject({ stage: 'bound', leia_id: id(0xaaa), status: 'STARTING' });
    expect(job).not.toHaveProperty('claimed_until');
  });

  it('of another LEIA job is a duplicate and changes nothing', () => {
    expect(observe(aBoundJob(), aSighting('PROCESSED', { leiaId: id(0xbbb) }), T0)).toEqual({ outcome: 'duplicate' });
  });

  it('of a job that ended here without LEIA is a duplicate', () => {
    const cancelled = aJob({ stage: 'dropped', status: 'CANCELED' });
    expect(observe(cancelled, aSighting('PROCESSED'), T0)).toEqual({ outcome: 'duplicate' });
  });

  it('that is late does not move a finished job', () => {
    const finished = after(aBoundJob(), aSighting('PROCESSED'));
    expect(observe(finished, aSighting('PROCESSING'), T0)).toEqual({ outcome: 'stale' });
  });

  it('of a second, different ending is kept beside the first', () => {
    const finished = after(aBoundJob(), aSighting('PROCESSED'));
    const { outcome, record } = observe(finished, aSighting('FAILED'), T0 + seconds(9));
    expect(outcome).toBe('contradiction');
    expect(record).toEqual({ ...finished, contradiction: { status: 'FAILED', at: instant(T0 + seconds(9)) } });
  });

  it('of statuses alone does not end a job, whose result would be missing', () => {
    expect(observe(aBoundJob(), { leiaId: id(0xaaa), status: 'PROCESSED', via: 'sweep' }, T0)).toEqual({
      outcome: 'unchanged',
    });
  });

  it('of BLOCKED does not undo a start that was asked for', () => {
    const started = aJob({ stage: 'claimed', status: 'READY', start_requested_at: instant(T0) });
    const job = after(started, aSighting('BLOCKED'));
    expect(job).toMatchObject({ status: 'READY', stage: 'bound', start_requested_at: instant(T0) });
    expect(after(job, aSighting('READY'))).not.toHaveProperty('start_requested_at');
  });

  it('of a cancelled job settles the cancel', () => {
    const job = after(aBoundJob({ cancel_requested_at: instant(T0) }), aSighting('CANCELED'));
    expect(job.status).toBe('CANCELED');
    expect(job).not.toHaveProperty('cancel_requested_at');
  });

  it('of life settles a suspicion of absence', () => {
    const job = after(aBoundJob({ status: 'PROCESSING', absent_since: instant(T0) }), aSighting('PROCESSING'));
    expect(job).not.toHaveProperty('absent_since');
  });
});

describe('whatever is seen, in whatever order,', () => {
  const history = fc.array(anySighting, { maxLength: 12 });

  it('a status never goes backwards once a job is bound', () => {
    fc.assert(
      fc.property(history, (sightings) => {
        let job = aBoundJob({ status: 'BLOCKED' });
        for (const seen of sightings) {
          const next = observe(job, seen, T0).record ?? job;
          expect(rank(next.status)).toBeGreaterThanOrEqual(rank(job.status));
          job = next;
        }
      }),
    );
  });

  it('a finished job never changes, but for the note of a contradiction', () => {
    fc.assert(
      fc.property(history, (sightings) => {
        const finished = after(aBoundJob(), aSighting('FAILED'));
        const { contradiction: _note, ...later } = after(finished, ...sightings);
        expect(later).toEqual(finished);
      }),
    );
  });

  it('a job is bound to one LEIA job, the first seen', () => {
    fc.assert(
      fc.property(history, (sightings) => {
        const job = after(aJob({ stage: 'claimed' }), ...sightings);
        const first = sightings.find((seen) => seen.details || !isFinished(seen));
        expect(job.leia_id).toBe(first?.leiaId);
      }),
    );
  });

  it('seeing the same again changes nothing', () => {
    fc.assert(
      fc.property(history, anySighting, (sightings, seen) => {
        const once = after(aBoundJob(), ...sightings, seen);
        expect(observe(once, seen, T0 + seconds(99)).record ?? once).toEqual(once);
      }),
    );
  });

  it('the furthest status wins, in any order of arrival', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(['READY', 'STARTING', 'LOADING_MODEL', 'PROCESSING', 'PROCESSED'] as const, {
          minLength: 1,
        }),
        (order) => {
          const job = after(aBoundJob({ status: 'WAITING' }), ...order.map((status) => aSighting(status)));
          expect(rank(job.status)).toBe(Math.max(...order.map(rank)));
        },
      ),
    );
  });
});
