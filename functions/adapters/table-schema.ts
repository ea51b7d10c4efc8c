// The key schema of the table (D3), said once: lib/ makes the table of it, the adapters read and write by it.

/** Partition key, sort key and the attribute that ends an item (epoch seconds). */
export const tableKeys = { partition: 'pk', sort: 'sk', ttl: 'ttl' } as const;

/** Sort key of the one item per job whose changes follow-mirror hears of; no other kind of item has it. */
export const jobSortKey = 'META';

/** Where Lambda puts, in the bucket, the changes of jobs that follow-mirror could not follow. */
export const setAsidePrefix = 'aws/lambda/';

/** Global secondary indexes; all keys are strings. Without `include`, an index holds keys only. */
export const indexes = {
  /** Sparse: `<submitter>#<shard>` / `<lane>#<instant>#<id>` of jobs that a sweep may have to look at (D7). */
  inFlight: {
    name: 'in-flight',
    partition: 'in_flight_pk',
    sort: 'in_flight_sk',
    include: ['id', 'status', 'stage', 'leia_id', 'held_for'],
  },
  /** `<submitter>#<shard>` / `<creation time>#<id>`, with what LEIA's lists filter and sort by (contract §2.2, §2.4). */
  byApplication: {
    name: 'by-application',
    partition: 'by_application_pk',
    sort: 'by_application_sk',
    include: [
      'id',
      'submitter_id',
      'application_id',
      'creation_time',
      'starting_time',
      'finished_time',
      'job_type',
      'model_id',
      'document_ids',
      'status',
      'execute_after_id',
      'parent_job_id',
    ],
  },
  byLeiaId: { name: 'by-leia-id', partition: 'leia_id' },
} as const;
