// Jobs in flight that nobody would see end but the sweep (D7).
import { describe, expect, it } from 'vitest';
import type { SweepDeps } from '../../functions/acts/sweep.ts';
import { sweepInFlight } from '../../functions/acts/sweep-in-flight.ts';
import type { Leia } from '../../functions/adapters/leia-api.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { APPLICATION, aBoundJob, id, seconds, T0 } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const MINUTE = seconds(60);

/** LEIA has lost every job. */
const forgetful: Pick<Leia, 'statuses' | 'job'> = {
  statuses: async () => ({ outcome: 'refused', status: 404, detail: 'not found' }),
  job: async () => ({ outcome: 'refused', status: 404, detail: 'not found' }),
};

describe('a job that LEIA has lost', () => {
  it.each(['cancel_requested_at', 'start_requested_at'] as const)(
    'ends although LEIA never confirmed what was asked of it (%s)',
    async (intent) => {
      const mirror = memoryMirror();
      await mirror.create(aBoundJob({ [intent]: instant(T0) } satisfies Partial<JobRecord>));
      let now = T0 + MINUTE;
      const deps = {
        mirror,
        access: memoryAccess(),
        now: () => now,
        count: () => {},
        warn: () => {},
        ages: { firstSeconds: 60, thenSeconds: 3600 },
        statusBatch: 200,
        absenceConfirmSeconds: 60,
      } as Partial<SweepDeps> as SweepDeps;
      for (; now <= T0 + 3 * MINUTE; now += MINUTE) {
        await sweepInFlight(deps, {
          submitter: APPLICATION,
          leiaForJobs: forgetful as Leia,
          now,
          marks: {},
          since: () => now - MINUTE,
        });
      }
      expect(await mirror.job(id(1))).toMatchObject({ status: 'FAILED', http_code: 500 });
    },
  );
});
