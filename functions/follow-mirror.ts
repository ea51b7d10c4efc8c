// follow-mirror – a change of a job arrives by the table's stream; what it causes is handed on here, and only here (D4).
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamHandler } from 'aws-lambda';
import { type FollowChangeDeps, followChange } from './acts/follow-change.ts';
import { jobOfItem } from './adapters/job-items.ts';
import { jobSortKey } from './adapters/table-schema.ts';
import { wired } from './runtime/wired.ts';
import { followDeps } from './runtime/wiring.ts';

export type MirrorDeps = FollowChangeDeps & {
  fail: (message: string, error: unknown, about: Record<string, string>) => void;
};

/** Follows one record of the stream. Items other than jobs, and removals (all by TTL), cause nothing. */
export const followRecord = async (record: DynamoDBRecord, deps: FollowChangeDeps): Promise<void> => {
  const { NewImage, OldImage, Keys } = record.dynamodb ?? {};
  if (!NewImage || Keys?.sk?.S !== jobSortKey) return;
  await followChange(deps, OldImage && jobOf(OldImage), jobOf(NewImage));
};

/** `unmarshall` reads the SDK's type; the stream's differs from it in name only. */
const jobOf = (image: Record<string, AttributeValue>) =>
  jobOfItem(unmarshall(image as Parameters<typeof unmarshall>[0]));

/**
 * Follows a batch in order and stops at the first record that fails: Lambda begins again there, and the order of
 * each job's changes is kept. With nothing done, the batch fails as a whole: so does the emulator understand it.
 */
export const followBatch = async (records: DynamoDBRecord[], deps: MirrorDeps): Promise<DynamoDBBatchResponse> => {
  for (const [index, record] of records.entries()) {
    try {
      await followRecord(record, deps);
    } catch (error) {
      deps.fail('a change of a job could not be followed', error, { record: record.eventID ?? '' });
      if (index === 0) throw error;
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }] };
    }
  }
  return { batchItemFailures: [] };
};

export const handler: DynamoDBStreamHandler = wired(() => {
  const deps = followDeps();
  return (event) => followBatch(event.Records, deps);
});
