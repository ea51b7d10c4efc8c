import { describe, expect, it } from 'vitest';
import { statuses } from '../../functions/jobs/job.ts';
import { type Observation, observe } from '../../functions/jobs/observation.ts';
import { aBoundJob, aJob, aSighting, T0 } from '../support/jobs.ts';

const unknown: Observation = { ...aSighting('READY'), statusUnknown: true };

describe('a job seen with a status that LEIA’s API does not have', () => {
  it.each(statuses)('stays %s', (status) => {
    expect(observe(aBoundJob({ status }), unknown, T0)).toEqual({ outcome: 'unchanged' });
  });

  it('is bound by it nonetheless, and keeps the status that it was given', () => {
    for (const status of ['BLOCKED', 'WAITING', 'READY'] as const) {
      const { record } = observe(aJob({ stage: 'claimed', status }), unknown, T0);
      expect(record).toMatchObject({ stage: 'bound', leia_id: unknown.leiaId, status });
    }
  });

  it('is a duplicate under another LEIA id, as ever', () => {
    expect(observe(aBoundJob({ leia_id: 'other' }), unknown, T0)).toEqual({ outcome: 'duplicate' });
  });
});
