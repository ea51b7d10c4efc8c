import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributesOf,
  changedAttributes,
  indexPartitions,
  jobOfItem,
  laneEntryOf,
  shardOf,
  updateOf,
} from '../../functions/adapters/job-items.ts';
import { instant, type JobRecord, statuses } from '../../functions/jobs/job.ts';
import { laneOf } from '../../functions/jobs/lanes.ts';
import { APPLICATION, aJob, id, T0 } from '../support/jobs.ts';

const anInstant = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instant);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const text = fc.string({ unit: 'grapheme' });

const anyJob: fc.Arbitrary<JobRecord> = fc
  .record({
    id: fc.string({ minLength: 1 }),
    status: fc.constantFrom(...statuses),
    stage: fc.constantFrom('held', 'unsent', 'claimed', 'bound', 'dropped'),
    creation_time: anInstant,
    document_ids: fc.array(text),
    reason: fc.option(text),
    leia_id: maybe(fc.string({ minLength: 1 })),
    held_for: maybe(text),
    result: maybe(text),
    result_at: maybe(fc.constantFrom('item', 's3:results/1/2')),
    sent_at: maybe(anInstant),
    follow_up_due: maybe(anInstant),
    cancel_requested_at: maybe(anInstant),
    watch_since: maybe(anInstant),
    refusal: maybe(fc.record({ status: fc.integer(), detail: text })),
  })
  .map((given) => aJob(JSON.parse(JSON.stringify(given))));

/** What DynamoDB keeps: the attributes that are there. */
const kept = (attributes: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

describe('the item of a job', () => {
  it('gives the job back, but for a result that lies elsewhere', () => {
    void fc.assert(
      fc.property(anyJob, (job) => {
        const { result: _elsewhere, ...rest } = job;
        expect(jobOfItem(kept(attributesOf(job, 4)))).toEqual(job.result_at === undefined ? job : rest);
      }),
    );
  });

  it('gives in the sweeps’ index what its lane says, and is not in it without a lane', () => {
    void fc.assert(
      fc.property(anyJob, (job) => {
        const item = kept(attributesOf(job, 4));
        const lane = laneOf(job);
        if (lane) expect(laneEntryOf(item)).toMatchObject({ id: job.id, status: job.status, ...lane });
        else expect(Object.keys(item).filter((name) => name.startsWith('in_flight'))).toEqual([]);
      }),
    );
  });

  it('becomes another by what a change changes of it, and that is no more than it has to be', () => {
    void fc.assert(
      fc.property(anyJob, anyJob, (before, after) => {
        const changed = changedAttributes(before, after, 4);
        expect(kept({ ...attributesOf(before, 4), ...changed })).toEqual(kept(attributesOf(after, 4)));
        // Keys of indexes may be there as an older version wrote them.
        expect(Object.keys(changedAttributes(after, after, 4)).toSorted()).toEqual([
          'by_application_pk',
          'by_application_sk',
          'in_flight_pk',
          'in_flight_sk',
        ]);
      }),
    );
  });

  it('is in the list of its submitter unless it was refused', () => {
    expect(attributesOf(aJob(), 1)).toMatchObject({
      by_application_pk: `${APPLICATION}#0`,
      by_application_sk: `${instant(T0)}#${id(1)}`,
    });
    const refused = attributesOf(aJob({ refusal: { status: 404, detail: '' } }), 1);
    expect(kept(refused)).not.toHaveProperty('by_application_pk');
  });

  it('is never written in a form that could not be read', () => {
    expect(() => attributesOf(aJob({ finished_time: '2026-01-01' }), 1)).toThrow('finished_time');
  });
});

describe('the shard of a job', () => {
  it('is one of its submitter’s partitions, the same every time', () => {
    void fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 64 }), (jobId, shards) => {
        const shard = shardOf(jobId, shards);
        expect(indexPartitions('s', shards)).toContain(`s#${shard}`);
        expect(shardOf(jobId, shards)).toBe(shard);
      }),
    );
  });

  it('stays the same for ever', () => {
    expect(shardOf('5dce8b2f1e1a000000000001', 64)).toBe(58);
  });

  it('spreads jobs of one second over all shards', () => {
    const used = new Set(Array.from({ length: 200 }, (_, index) => shardOf(id(index), 8)));
    expect(used.size).toBe(8);
  });
});

describe('an update', () => {
  it('sets what is there and removes what is not', () => {
    expect(updateOf({ status: 'READY', reason: null, leia_id: undefined })).toEqual({
      UpdateExpression: 'SET #status = :status, #reason = :reason REMOVE #leia_id',
      ExpressionAttributeNames: { '#status': 'status', '#reason': 'reason', '#leia_id': 'leia_id' },
      ExpressionAttributeValues: { ':status': 'READY', ':reason': null },
    });
  });
});
