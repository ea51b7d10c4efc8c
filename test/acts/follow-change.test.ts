// A change of a job as the stream shows it: what the metrics tell of its end, and what stays due.
import { expect, it } from 'vitest';
import type { Metric } from '../../functions/acts/deps.ts';
import { type FollowChangeDeps, followChange } from '../../functions/acts/follow-change.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { aBoundJob, seconds, T0 } from '../support/jobs.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const counted = async (
  before: JobRecord | undefined,
  after: JobRecord,
  mirror = memoryMirror(),
): Promise<unknown[]> => {
  const seen: [Metric, number, string | undefined][] = [];
  const nothing = async (): Promise<void> => {};
  const deps: FollowChangeDeps = {
    mirror,
    submissions: { put: nothing },
    callbacks: { put: nothing },
    events: { publish: nothing },
    chains: { start: nothing, stop: nothing, answer: nothing },
    now: () => T0,
    warn: () => {},
    count: (metric, value = 1, sort) => void seen.push([metric, value, sort]),
  };
  await followChange(deps, before, after);
  return seen;
};
const ended: Partial<JobRecord> = {
  status: 'PROCESSED',
  observed_via: 'sweep',
  creation_time: instant(T0),
  observed_at: instant(T0 + seconds(90)),
  follow_up_due: instant(T0 + seconds(90)),
};

it('an ending tells its status, how it was learnt, and how long it took the client to see it', async () => {
  expect(await counted(aBoundJob({ status: 'PROCESSING' }), aBoundJob(ended))).toEqual([
    ['JobsFinished', 1, 'PROCESSED'],
    ['EndingLearnt', 1, 'sweep'],
    ['TimeToFinish', 90_000, undefined],
  ]);
});

it.each([
  ['a change that ends nothing', aBoundJob(), aBoundJob({ status: 'PROCESSING' })],
  ['a change after the end', aBoundJob(ended), aBoundJob({ ...ended, follow_up_due: undefined })],
  ['a job that had ended when it was adopted', undefined, aBoundJob(ended)],
  [
    'a submission that was refused, whose id no client got',
    aBoundJob(),
    aBoundJob({ ...ended, refusal: { status: 400, detail: 'no' } }),
  ],
] as const)('%s counts as no ending', async (_what, before, after) => {
  expect(await counted(before, after)).toEqual([]);
});

it('what an ending that the stream gave up owes stays due, whatever changes after it', async () => {
  const mirror = memoryMirror();
  const contradicted = { ...aBoundJob(ended), contradiction: { status: 'FAILED', at: instant(T0) } } as const;
  await mirror.create(contradicted);
  await counted(aBoundJob(ended), contradicted, mirror);
  expect(await mirror.job(contradicted.id)).toHaveProperty('follow_up_due');
  await counted(aBoundJob({ status: 'PROCESSING' }), contradicted, mirror);
  expect(await mirror.job(contradicted.id)).not.toHaveProperty('follow_up_due');
});
