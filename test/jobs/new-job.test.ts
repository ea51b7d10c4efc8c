// The status of a new job until LEIA has told its own (contract §3.9).
import { expect, it } from 'vitest';
import { newJob } from '../../functions/jobs/new-job.ts';
import { APPLICATION, aBoundJob, aJob, aRequest, id, T0, times } from '../support/jobs.ts';

const behind = aRequest({ execute_after_id: id(2) });
const before = { id: id(2) };

it.each([
  ['behind nothing: READY', aRequest(), undefined, { status: 'READY', stage: 'claimed' }],
  ['blocked: BLOCKED', aRequest({ block_processing: true }), undefined, { status: 'BLOCKED', stage: 'claimed' }],
  ['behind one under way at LEIA: WAITING', behind, aBoundJob(before), { status: 'WAITING', stage: 'claimed' }],
  [
    'behind one that LEIA PROCESSED: READY',
    behind,
    aBoundJob({ ...before, status: 'PROCESSED' }),
    { status: 'READY', stage: 'claimed' },
  ],
  [
    'behind one that FAILED at LEIA, which ends it there: WAITING, as LEIA says first',
    behind,
    aBoundJob({ ...before, status: 'FAILED' }),
    { status: 'WAITING', stage: 'claimed' },
  ],
  ['behind one that LEIA does not have: WAITING, held', behind, aJob(before), { status: 'WAITING', held_for: id(2) }],
] as const)('%s', (_what, request, prerequisite, told) => {
  const parts = { id: id(1), submitter: APPLICATION, request, fingerprint: '' };
  expect(newJob({ ...parts, ...(prerequisite ? { prerequisite } : {}) }, T0, times)).toMatchObject(told);
});
