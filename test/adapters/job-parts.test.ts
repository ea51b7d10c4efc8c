// Where a request lies beside its job (D3).
import { describe, expect, it } from 'vitest';
import { placeRequest, type Table } from '../../functions/adapters/job-parts.ts';
import { toItem } from '../../functions/adapters/table-client.ts';
import type { ConditionalRequest } from '../../functions/jobs/request.ts';
import { aJob, aRequest, id, MODEL } from '../support/jobs.ts';

const table = { tableName: 'jobs', shards: 1, retentionSeconds: 1, refusalMemorySeconds: 1 } as unknown as Table;
const rules = (bytes: number): ConditionalRequest => ({
  kind: 'conditional',
  execute_after_id: id(1),
  rules: [{ id: 'r'.repeat(bytes), conditions: [], jobs: [{ kind: 'apply', model_id: MODEL, document_ids: [] }] }],
  block_processing: false,
});

describe('a request', () => {
  it('lies in the job’s own item where it is small', async () => {
    const request = aRequest({ callback_url: `https://c.example/${'x'.repeat(2000)}` });
    expect((await placeRequest(table, aJob(), request)).attributes).toHaveProperty('request');
  });

  it('of a conditional job lies there only up to 1 KB, since each child’s birth pays for what the item weighs', async () => {
    const small = await placeRequest(table, aJob({ job_type: 'conditional' }), rules(500));
    expect(small.attributes).toEqual({ request: JSON.stringify(rules(500)) });
    const large = await placeRequest(table, aJob({ job_type: 'conditional' }), rules(1500));
    expect(large.attributes).toEqual({ request_at: 'item' });
    expect(large.writes).toMatchObject([
      { Put: { Item: toItem({ sk: 'REQUEST', request: JSON.stringify(rules(1500)) }) } },
    ]);
  });
});
