// What a change of a job causes (D4). Pure: the effects of an ending depend on the item alone, so that they can be
// derived again at any time; each is safe to repeat.
import { deliveryId, tellsCaller } from './callback.ts';
import { isFinished, type JobRecord, type Status } from './job.ts';

export type Effect =
  /** Tell the account's event bus; `id` is the same on every try. */
  | { effect: 'publish'; id: string; from: Status | null; to: Status }
  /** A held job appeared: let it go if its prerequisite has ended already (two-sided handshake). */
  | { effect: 'check-prerequisite'; prerequisite: string }
  /** A conditional job was released: an execution runs its rules. */
  | { effect: 'start-chain' }
  /** A child ended: its execution goes on. */
  | { effect: 'answer-step'; token: string; ok: boolean }
  /** A conditional job ended otherwise than by its execution: that, and its children, must end as well. */
  | { effect: 'stop-chain' }
  /** A conditional job FAILED by its execution: a child whose step timed out still runs. */
  | { effect: 'cancel-children' }
  /** It ended: the job that it waited for here need not know of it any more, whatever became of its release. */
  | { effect: 'leave-prerequisite'; prerequisite: string }
  /** This job ended: let go, or fail, those that wait for it. */
  | { effect: 'release-dependents' }
  /** This job ended: its caller may want to be told (D11). */
  | { effect: 'tell-caller' };

/** Effects of one change, in order. `past` is absent for a job that has just been recorded. */
export const effectsOf = (past: JobRecord | undefined, after: JobRecord): Effect[] => {
  if (after.refusal || after.unproven !== undefined) return [];
  const before = past?.unproven === undefined ? past : undefined;
  return [
    ...(mayGo(before, after) ? [{ effect: 'check-prerequisite', prerequisite: after.held_for ?? '' } as const] : []),
    ...(before?.status !== after.status ? [publish(before, after)] : []),
    ...(after.stage === 'chained' && before?.stage !== 'chained' ? [{ effect: 'start-chain' } as const] : []),
    ...(isFinished(after) && !(before && isFinished(before)) ? endingOf(after) : []),
  ];
};

/** A held job that has just appeared, or whose start was just asked for: its prerequisite may have ended before. */
const mayGo = (before: JobRecord | undefined, after: JobRecord): boolean =>
  after.held_for !== undefined && (before === undefined || (before.status === 'BLOCKED' && after.status !== 'BLOCKED'));

/** Why it ended does not matter: who waits for it must hear of it. */
const endingOf = (job: JobRecord): Effect[] => [
  ...(job.stage === 'chained' ? chainEnding(job) : []),
  ...(job.execute_after_id !== null && wasHeld(job)
    ? [{ effect: 'leave-prerequisite', prerequisite: job.execute_after_id } as const]
    : []),
  { effect: 'release-dependents' },
  ...(job.task_token === undefined
    ? []
    : [{ effect: 'answer-step', token: job.task_token, ok: job.status === 'PROCESSED' } as const]),
  ...(tellsCaller(job) ? [{ effect: 'tell-caller' } as const] : []),
];

/** A job that LEIA could have at once was sendable from its first moment; of a step, LEIA always has the job before. */
const wasHeld = ({ stage, step, sendable_since: since, creation_time }: JobRecord): boolean =>
  step === undefined && (stage !== 'bound' || (since !== undefined && since !== creation_time));

const chainEnding = ({ status, observed_via }: JobRecord): Effect[] => {
  if (observed_via !== 'chain') return [{ effect: 'stop-chain' }];
  return status === 'PROCESSED' ? [] : [{ effect: 'cancel-children' }];
};

/** The effects still owed by a job whose follow-ups are due, or that is held. What is published again has its first id. */
export const effectsOwed = (job: JobRecord): Effect[] => {
  if (job.refusal) return [];
  if (job.follow_up_due !== undefined) return [publish(undefined, job), ...endingOf(job)];
  return job.held_for === undefined ? [] : [{ effect: 'check-prerequisite', prerequisite: job.held_for }];
};

const publish = (before: JobRecord | undefined, after: JobRecord): Effect => ({
  effect: 'publish',
  id: deliveryId(after),
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
