// Tells the account's event bus of each change of a job's status. Ids and statuses only: no result, URL or header.
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { JobRecord, Status } from '../jobs/job.ts';
import { untilAllTaken } from './partial-failure.ts';

/** `id` is the same however often a change is published: receivers tell repetitions by it. */
export type StatusChange = { job: JobRecord; id: string; from: Status | null; to: Status };

export type EventBus = {
  /** At least once. @throws Error when some were not taken even after several tries. */
  publish(changes: StatusChange[]): Promise<void>;
};

/** EventBridge's own limit. */
const batchSize = 10;

export const eventBus = ({ client, busName }: { client: EventBridgeClient; busName: string }): EventBus => ({
  publish: (changes) =>
    untilAllTaken({ what: 'events', size: batchSize }, changes, async (batch) => {
      const Entries = batch.map((change) => ({ EventBusName: busName, ...entryOf(change) }));
      const reply = await client.send(new PutEventsCommand({ Entries }));
      return batch.filter((_, index) => reply.Entries?.[index]?.EventId === undefined);
    }),
});

const entryOf = ({ job, id, from, to }: StatusChange) => ({
  Source: 'leia-jobs',
  DetailType: 'Job Status Changed',
  Time: new Date(job.observed_at),
  Detail: JSON.stringify({
    id,
    job_id: job.id,
    application_id: job.application_id,
    submitter_id: job.submitter_id,
    job_type: job.job_type,
    from,
    to,
    time: job.observed_at,
    execute_after_id: job.execute_after_id,
    parent_job_id: job.parent_job_id,
  }),
});
