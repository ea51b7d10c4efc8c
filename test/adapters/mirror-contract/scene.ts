// A mirror under test, and jobs for it that no other test meets.
import { beforeEach } from 'vitest';
import type { Mirror } from '../../../functions/adapters/mirror.ts';
import { instant, type JobRecord } from '../../../functions/jobs/job.ts';
import { aBoundJob, aJob, aRequest, seconds, T0 } from '../../support/jobs.ts';
import { newId } from '../../support/new-id.ts';

export type Scene = {
  mirror: Mirror;
  /** The submitter of this test's jobs: another in every test. */
  submitter: () => string;
  newJob: (given?: Partial<JobRecord>) => JobRecord;
  newBoundJob: (given?: Partial<JobRecord>) => JobRecord;
  /** The job, once the mirror has it with a request. */
  recorded: (job: JobRecord) => Promise<JobRecord>;
};

export const sceneOf = (mirror: Mirror): Scene => {
  let submitter: string;
  beforeEach(() => {
    submitter = newId();
  });
  return {
    mirror,
    submitter: () => submitter,
    newJob: (given) => aJob({ id: newId(), submitter_id: submitter, ...given }),
    newBoundJob: (given) => aBoundJob({ id: newId(), submitter_id: submitter, leia_id: newId(), ...given }),
    recorded: async (job) => {
      await mirror.create(job, aRequest());
      return job;
    },
  };
};

/** An instant some seconds after T0. */
export const at = (second: number): string => instant(T0 + seconds(second));

export const ended = (job: JobRecord): JobRecord => ({
  ...job,
  status: 'PROCESSED',
  finished_time: at(5),
  follow_up_due: at(5),
});

export const followedUp = ({ follow_up_due: _due, ...job }: JobRecord): JobRecord => job;

/** Refused by LEIA before a client held its id. */
export const remembered = (job: JobRecord): JobRecord => ({
  ...job,
  stage: 'dropped',
  status: 'FAILED',
  finished_time: at(1),
  refusal: { status: 404, detail: 'no such document' },
});
