import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { eventBus } from '../../functions/adapters/event-bus.ts';
import { cannedAws } from '../support/canned-aws.ts';
import { aBoundJob, id, TEXT_RESULT } from '../support/jobs.ts';

const Batch = z.object({
  Entries: z.array(
    z.object({
      EventBusName: z.string(),
      Source: z.string(),
      DetailType: z.string(),
      Detail: z.string(),
      Time: z.number(),
    }),
  ),
});
type Entry = z.infer<typeof Batch>['Entries'][number];

/** A bus that does not take the first event of a batch as often as told, and what it was sent. */
const busThatRefuses = (times: number) => {
  const batches: Entry[][] = [];
  const answer = (_operation: string, input: unknown) => {
    const { Entries } = Batch.parse(input);
    batches.push(Entries);
    const refuses = batches.length <= times;
    const results = Entries.map((_, index) =>
      refuses && index === 0 ? { ErrorCode: 'InternalFailure' } : { EventId: `e${index}` },
    );
    return { FailedEntryCount: refuses ? 1 : 0, Entries: results };
  };
  return { bus: eventBus({ client: new EventBridgeClient(cannedAws(answer)), busName: 'bus' }), batches };
};

const job = aBoundJob({
  status: 'PROCESSED',
  result: TEXT_RESULT,
  callback_url: 'https://client.example.org/secret',
  execute_after_id: id(2),
});
const ended = { job, id: `${id(1)}/PROCESSED`, from: 'PROCESSING', to: 'PROCESSED' } as const;

describe('the event bus', () => {
  it('hears who, what and when, and nothing that is not its business', async () => {
    const { bus, batches } = busThatRefuses(0);
    await bus.publish([ended]);
    const [entry] = batches[0] ?? [];
    expect(entry).toMatchObject({ EventBusName: 'bus', Source: 'leia-jobs', DetailType: 'Job Status Changed' });
    expect(entry?.Time).toBe(Date.parse(job.observed_at) / 1000);
    expect(JSON.parse(entry?.Detail ?? '')).toEqual({
      id: `${id(1)}/PROCESSED`,
      job_id: id(1),
      application_id: job.application_id,
      submitter_id: job.submitter_id,
      job_type: 'image-text',
      from: 'PROCESSING',
      to: 'PROCESSED',
      time: job.observed_at,
      execute_after_id: id(2),
      parent_job_id: null,
    });
  });

  it('hears many events ten at a time', async () => {
    const { bus, batches } = busThatRefuses(0);
    await bus.publish(Array.from({ length: 23 }, () => ended));
    expect(batches.map(({ length }) => length)).toEqual([10, 10, 3]);
  });

  it('is told again what it did not take, and only that', async () => {
    const { bus, batches } = busThatRefuses(1);
    await bus.publish([ended, { ...ended, id: 'other' }]);
    expect(batches.map((batch) => batch.map(({ Detail }) => JSON.parse(Detail).id))).toEqual([
      [ended.id, 'other'],
      [ended.id],
    ]);
  });

  it('that takes an event never makes the caller fail', async () => {
    const { bus } = busThatRefuses(Number.POSITIVE_INFINITY);
    await expect(bus.publish([ended])).rejects.toThrow('1 events were not taken');
  });
});
