// What a change of a job causes (D4). Pure: the effects of an ending depend on the item alone, so that they can be
// derived again at any time; each is safe to repeat.
import { isFinished, type JobRecord, type Status } from './job.ts';

export type Effect =
  /** Tell the account's event bus; `id` is the same on every try. */
  | { effect: 'publish'; id: string; from: Status | null; to: Status }
  /** A held job appeared: let it go if its prerequisite has ended already (two-sided handshake). */
  | { effect: 'check-prerequisite'; prerequisite: string }
  /** This job ended: let go, or fail, those that wait for it. */
  | { effect: 'release-dependents' };

/** Effects of one change, in order. `before` is absent for a job that has just been recorded. */
export const effectsOf = (before: JobRecord | undefined, after: JobRecord): Effect[] => {
  if (after.refusal) return [];
  return [
    ...(before === undefined && after.held_for !== undefined
      ? [{ effect: 'check-prerequisite', prerequisite: after.held_for } as const]
      : []),
    ...(before?.status !== after.status ? [publish(before, after)] : []),
    ...(isFinished(after) && !(before && isFinished(before)) ? [{ effect: 'release-dependents' } as const] : []),
  ];
};

/** The effects still owed by a job whose follow-ups are due, or that is held. What is published again has its first id. */
export const effectsOwed = (job: JobRecord): Effect[] => {
  if (job.refusal) return [];
  if (job.follow_up_due !== undefined) return [publish(undefined, job), { effect: 'release-dependents' }];
  return job.held_for === undefined ? [] : [{ effect: 'check-prerequisite', prerequisite: job.held_for }];
};

const publish = (before: JobRecord | undefined, after: JobRecord): Effect => ({
  effect: 'publish',
  id: `${after.id}/${after.status}`,
  from: before?.status ?? null,
  to: after.status,
});

/** What becomes of a held job once its prerequisite has ended (contract §3.8, §8 row 28). */
export const afterPrerequisite = (prerequisite: JobRecord): { release: true } | { fail: string } | undefined => {
  if (!isFinished(prerequisite)) return undefined;
  return prerequisite.status === 'PROCESSED'
    ? { release: true }
    : { fail: `Job ${prerequisite.id} ${prerequisite.status}` };
};
