// The table's stream and Lambda's reading of it: in order within a lane, at least once, again from the first record
// that failed, and again from further back where Lambda has forgotten how far it was.
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { attributesOf } from '../../../functions/adapters/job-items.ts';
import { jobSortKey } from '../../../functions/adapters/table-schema.ts';
import type { JobRecord } from '../../../functions/jobs/job.ts';
import type { Images } from '../../support/memory-mirror.ts';
import type { Faults } from '../faults.ts';
import type { Chance } from '../kernel/chance.ts';
import type { Outcome } from '../kernel/lambda.ts';
import type { Scheduler } from '../kernel/scheduler.ts';

/** As `parallelizationFactor` makes them: all changes of a job are in one of them. */
const LANES = 3;
const MOST = 10;
/** `streamRetries` */
const RETRIES = 10;

type Follow = (records: DynamoDBRecord[]) => Promise<Outcome<DynamoDBBatchResponse>>;
type Parts = { scheduler: Scheduler; chance: Chance; faults: Faults; follow: Follow };

export type Stream = {
  add(images: Images): void;
  /** Jobs of which a change went to the failure destination. */
  setAside: Set<string>;
  isEmpty(): boolean;
};

type Entry = { id: string; record: DynamoDBRecord };

export const stream = (parts: Parts): Stream => {
  const setAside = new Set<string>();
  const lanes = Array.from({ length: LANES }, (_, lane) => laneOf(parts, lane, setAside));
  let sequence = 0;
  return {
    add: ({ before, after }) => {
      sequence += 1;
      const entry = { id: after.id, record: recordOf(before, after, String(sequence)) };
      lanes[Number.parseInt(after.id.slice(-2), 16) % LANES]?.add(entry);
    },
    setAside,
    isEmpty: () => lanes.every((lane) => lane.isEmpty()),
  };
};

const laneOf = ({ scheduler, chance, faults, follow }: Parts, lane: number, setAside: Set<string>) => {
  const log: Entry[] = [];
  let position = 0;
  let failures = 0;
  let busy = false;

  const poll = (wait: number): void => {
    if (busy || position >= log.length) return;
    busy = true;
    scheduler.after(
      wait,
      () => `stream ${lane} delivers`,
      () => void deliver(),
    );
  };
  const deliver = async (): Promise<void> => {
    const batch = log.slice(position, position + chance.between(1, MOST));
    const outcome = await follow(batch.map(({ record }) => record));
    const done = doneOf(batch, outcome);
    busy = false;
    if (done < batch.length) failed(batch.slice(done), done);
    else forgetful(done);
    poll(failures > 0 ? 1000 : chance.between(20, 400));
  };
  const failed = ([first]: Entry[], done: number): void => {
    failures = done > 0 ? 1 : failures + 1;
    position += done;
    if (!first || (failures <= RETRIES && !faults.strikes('batch-set-aside'))) return;
    scheduler.note(() => `stream ${lane} gives up a change of ${first.id}`);
    setAside.add(first.id);
    position += 1;
    failures = 0;
  };
  const forgetful = (done: number): void => {
    failures = 0;
    position += done;
    if (faults.strikes('batch-again')) position = Math.max(0, position - done - chance.below(4));
  };
  return {
    add: (entry: Entry): void => {
      log.push(entry);
      poll(chance.between(20, 400));
    },
    isEmpty: () => position >= log.length,
  };
};

/** How many records of the batch are done with. */
const doneOf = (batch: Entry[], outcome: Outcome<DynamoDBBatchResponse>): number => {
  if (outcome.outcome !== 'done') return 0;
  const [failure] = outcome.value.batchItemFailures;
  if (!failure) return batch.length;
  return Math.max(
    0,
    batch.findIndex(({ record }) => record.dynamodb?.SequenceNumber === failure.itemIdentifier),
  );
};

type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

const imageOf = (job: JobRecord): Image =>
  marshall(attributesOf(job, 4), { removeUndefinedValues: true }) as unknown as Image;

const recordOf = (before: JobRecord | undefined, after: JobRecord, SequenceNumber: string): DynamoDBRecord => ({
  eventID: `change ${SequenceNumber}`,
  eventName: before ? 'MODIFY' : 'INSERT',
  dynamodb: {
    Keys: { sk: { S: jobSortKey } },
    NewImage: imageOf(after),
    ...(before ? { OldImage: imageOf(before) } : {}),
    SequenceNumber,
  },
});
