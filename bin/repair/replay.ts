// Failed batches of the stream, followed once more.
import * as z from 'zod';
import { jobSortKey } from '../../functions/adapters/table-schema.ts';
import { Failure, sentenceOf } from './failure.ts';
import type { Redriven } from './redrive.ts';
import type { SetAsideBatch, StreamRecord } from './set-aside.ts';
import type { Site } from './site.ts';

/** As Lambda's own batches: more would not end within the function's time. */
const RECORDS = 25;
/** Lambda is called with 6 MB at most. */
const BYTES = 4_000_000;

const Answer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** The oldest first; one that fails again stays, and the others have their turn. */
export const replay = async (
  site: Site,
  batches: readonly SetAsideBatch[],
  progress: (done: number) => void,
): Promise<Redriven> => {
  const redriven: Redriven = { source: 'changes', redriven: 0, failures: [] };
  for (const batch of batches) {
    try {
      for (const records of parts(await site.setAside.records(batch))) await followAgain(site, records);
      await site.setAside.drop(batch);
      redriven.redriven += 1;
    } catch (error) {
      redriven.failures.push(`${batch.key}: ${sentenceOf(error)}`);
    }
    progress(redriven.redriven);
  }
  return redriven;
};

const followAgain = async ({ functions }: Site, Records: StreamRecord[]): Promise<void> => {
  const { batchItemFailures } = Answer.parse(await functions.call('follow', { Records }));
  const [first] = batchItemFailures;
  if (first) throw new Failure(`record ${first.itemIdentifier} could not be followed`);
};

/** Changes of jobs, in order, as many at a time as may be. */
const parts = (records: StreamRecord[]): StreamRecord[][] => {
  const all: StreamRecord[][] = [];
  let bytes = 0;
  for (const record of records.filter(({ dynamodb }) => dynamodb.Keys?.sk?.S === jobSortKey)) {
    const size = Buffer.byteLength(JSON.stringify(record));
    const last = all.at(-1);
    if (!last || last.length === RECORDS || bytes + size > BYTES) {
      all.push([record]);
      bytes = size;
    } else {
      last.push(record);
      bytes += size;
    }
  }
  return all;
};
