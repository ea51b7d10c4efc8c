// One change of a job: what it causes happens (D4), and the metrics tell of an ending.
import { effectsOf } from '../jobs/effects.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import type { Deps } from './deps.ts';
import { type FollowDeps, follow, performAll } from './follow.ts';

export type FollowChangeDeps = FollowDeps & Pick<Deps, 'count'>;

/**
 * Follows a change as the stream shows it; `before` is absent of a new job. Safe to repeat. What is still due of an ending
 * that came before this change stays so: the stream may have given that up.
 */
export const followChange = async (
  deps: FollowChangeDeps,
  before: JobRecord | undefined,
  after: JobRecord,
): Promise<void> => {
  const hadEnded = before !== undefined && isFinished(before);
  await (hadEnded ? performAll : follow)(deps, after, effectsOf(before, after));
  if (before && !isFinished(before) && isFinished(after) && !after.refusal) noteEnding(deps, after);
};

/** How a job that a client knows ended, how long that took, how it was learnt. One that is followed twice counts twice. */
const noteEnding = ({ count }: Pick<Deps, 'count'>, job: JobRecord): void => {
  count('JobsFinished', 1, job.status);
  count('EndingLearnt', 1, job.observed_via);
  count('TimeToFinish', Math.max(0, Date.parse(job.observed_at) - Date.parse(job.creation_time)));
};
