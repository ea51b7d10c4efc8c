// Performs what a change of a job causes (D4). Every effect is safe to repeat; a crash anywhere repeats them.
import type { ChainAnswers, ChainRuns } from '../adapters/chains.ts';
import type { Effect } from '../jobs/effects.ts';
import { afterPrerequisite } from '../jobs/effects.ts';
import type { JobRecord } from '../jobs/job.ts';
import { failUnsent, released } from '../jobs/sending.ts';
import type { Deps } from './deps.ts';
import { endChildren, stopChain } from './stop-chain.ts';

export type FollowDeps = Pick<Deps, 'mirror' | 'submissions' | 'callbacks' | 'events' | 'now' | 'warn'> & {
  chains: ChainAnswers & ChainRuns;
};

/** Performs effects in order, then, if `job` has ended, marks its follow-ups as done: they must be among `effects`. */
export const follow = async (deps: FollowDeps, job: JobRecord, effects: Effect[]): Promise<void> => {
  await performAll(deps, job, effects);
  if (job.follow_up_due !== undefined) await deps.mirror.change(job.id, followedUp);
};

export const performAll = async (deps: FollowDeps, job: JobRecord, effects: Effect[]): Promise<void> => {
  for (const effect of effects) await perform(deps, job, effect);
};

/** A step that has been answered has no use for its token. */
const followedUp = (job: JobRecord): JobRecord | undefined => {
  const { follow_up_due: due, task_token: _token, ...rest } = job;
  return due === undefined ? undefined : rest;
};

const perform = async (deps: FollowDeps, job: JobRecord, effect: Effect): Promise<void> => {
  switch (effect.effect) {
    case 'publish':
      return deps.events.publish([{ job, id: effect.id, from: effect.from, to: effect.to }]);
    case 'check-prerequisite':
      return checkPrerequisite(deps, job.id, effect.prerequisite);
    case 'leave-prerequisite':
      return deps.mirror.dropDependent(effect.prerequisite, job.id);
    case 'release-dependents':
      return releaseDependents(deps, job);
    case 'start-chain':
      return deps.chains.start(job.id);
    case 'stop-chain':
      return stopChain(deps, job.id);
    case 'cancel-children':
      return endChildren(deps, job.id);
    case 'answer-step':
      return deps.chains.answer(effect.token, effect.ok);
    case 'tell-caller':
      return deps.callbacks.put([job.id]);
  }
};

/** The dependent's half of the handshake: it was recorded, and its prerequisite may have ended before that. */
const checkPrerequisite = async (deps: FollowDeps, dependent: string, prerequisiteId: string): Promise<void> => {
  const prerequisite = await deps.mirror.job(prerequisiteId);
  if (prerequisite) return releaseDependent(deps, prerequisite, dependent);
  deps.warn('the prerequisite of a held job is gone', { job_id: dependent, prerequisite: prerequisiteId });
  const reason = `Job ${prerequisiteId} does not exist`;
  await deps.mirror.change(dependent, (job) =>
    job.stage === 'held' ? failUnsent(job, reason, 400, deps.now()) : undefined,
  );
};

/** The prerequisite's half: it ended, and jobs may wait for it. */
const releaseDependents = async (deps: FollowDeps, prerequisite: JobRecord): Promise<void> => {
  for (const dependent of await deps.mirror.dependents(prerequisite.id)) {
    await releaseDependent(deps, prerequisite, dependent);
  }
};

const releaseDependent = async (deps: FollowDeps, prerequisite: JobRecord, dependent: string): Promise<void> => {
  const verdict = afterPrerequisite(prerequisite);
  if (!verdict) return;
  const now = deps.now();
  const change = await deps.mirror.change(dependent, (job) => {
    if (job.stage !== 'held') return undefined;
    return 'fail' in verdict ? failUnsent(job, verdict.fail, 400, now) : released(job, now);
  });
  const job = change?.after ?? change?.before;
  // A blocked conditional job waits on: its start makes it look again.
  if (job?.stage === 'held') return;
  if (job?.stage === 'unsent') await deps.submissions.put([job.id]);
  await deps.mirror.dropDependent(prerequisite.id, dependent);
};
