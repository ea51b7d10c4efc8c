// What a job that has ended keeps once all has followed from its end.
import { expect, it } from 'vitest';
import { type FollowDeps, follow } from '../../functions/acts/follow.ts';
import { instant } from '../../functions/jobs/job.ts';
import { aBoundJob, T0 } from '../support/jobs.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const followAnEnding = async (answer: () => Promise<void>) => {
  const mirror = memoryMirror();
  const given = { task_token: 'the token', follow_up_due: instant(T0) };
  const job = aBoundJob({ status: 'PROCESSED', finished_time: instant(T0), ...given });
  await mirror.create(job);
  const deps = { mirror, chains: { answer }, now: () => T0, warn: () => {} } as unknown as FollowDeps;
  const effects = [{ effect: 'answer-step', token: 'the token', ok: true } as const];
  const followed = follow(deps, job, effects).catch((error: unknown) => error);
  return { error: await followed, after: await mirror.job(job.id) };
};

it('a step that was answered has no token any more, and nothing is due', async () => {
  const { error, after } = await followAnEnding(async () => {});
  expect(error).toBeUndefined();
  expect(after).not.toHaveProperty('task_token');
  expect(after).not.toHaveProperty('follow_up_due');
});

it('a step that could not be answered keeps its token, and the answer stays due', async () => {
  const { error, after } = await followAnEnding(() => Promise.reject(new Error('Step Functions is down')));
  expect(error).toEqual(new Error('Step Functions is down'));
  expect(after).toMatchObject({ task_token: 'the token', follow_up_due: instant(T0) });
});
