// Which sweep looks at a job, and when (D7). The lane and its instant are the job's key in the `in-flight` index.
import { isFinished, type JobRecord } from './job.ts';

/**
 * `unsent`: to be sent, or claimed, at the instant. `intent`: a start or cancel that LEIA has not confirmed, since.
 * `watch`: LEIA may still show a duplicate of it, since. `sent`: in flight at LEIA, since. `held`: waits here for its
 * prerequisite, since. `chain`: an execution runs it, since. `due`: ended at the instant, follow-ups not yet done.
 */
export const lanes = ['unsent', 'intent', 'absent', 'watch', 'sent', 'held', 'chain', 'due'] as const;
export type Lane = (typeof lanes)[number];
export type LaneKey = { lane: Lane; at: string };

/** A job that nobody needs to look at any more is in no lane. */
export const laneOf = (job: JobRecord): LaneKey | undefined => {
  if (job.follow_up_due !== undefined) return { lane: 'due', at: job.follow_up_due };
  const intent =
    job.stage === 'bound' && !isFinished(job) ? (job.cancel_requested_at ?? job.start_requested_at) : undefined;
  if (intent !== undefined) return { lane: 'intent', at: intent };
  if (job.absent_since !== undefined && !isFinished(job)) return { lane: 'absent', at: job.absent_since };
  if (job.watch_since !== undefined && (job.stage === 'bound' || isFinished(job)))
    return { lane: 'watch', at: job.watch_since };
  if (isFinished(job)) return undefined;
  if (job.stage === 'unsent') return { lane: 'unsent', at: job.next_attempt_at ?? job.creation_time };
  if (job.stage === 'claimed') return { lane: 'unsent', at: job.claimed_until ?? job.creation_time };
  if (job.stage === 'held') return { lane: 'held', at: job.creation_time };
  if (job.stage === 'chained') return { lane: 'chain', at: job.starting_time ?? job.creation_time };
  return { lane: 'sent', at: job.sent_at ?? job.creation_time };
};

/** What a sweep sees of a job in a lane: enough to ask LEIA about it without reading the job. */
export type LaneEntry = Pick<JobRecord, 'id' | 'status' | 'stage' | 'leia_id' | 'held_for'> & LaneKey;

/**
 * The windows of one sweep over a lane whose jobs are looked at when their age passes 1, 2, 4 … times `firstSeconds`,
 * then each `thenSeconds`: for every such age, the jobs that passed it since `since`. Later sweeps meet every age of
 * every job exactly once, however far apart they run (D7).
 */
export const windows = (
  ages: { firstSeconds: number; thenSeconds: number },
  oldest: number,
  since: number,
  now: number,
): { after: number; until: number }[] =>
  agesUpTo(ages, now - oldest)
    .map((age) => ({ after: since - age, until: now - age }))
    .filter(({ until }) => until >= oldest);

/** The same instants in windows of which no two overlap, oldest first: after a long pause between sweeps, they do. */
export const disjoint = (given: { after: number; until: number }[]): { after: number; until: number }[] => {
  const found: { after: number; until: number }[] = [];
  for (const { after, until } of given.toSorted((a, b) => a.after - b.after)) {
    const last = found.at(-1);
    if (last && after <= last.until) last.until = Math.max(last.until, until);
    else found.push({ after, until });
  }
  return found;
};

const agesUpTo = (
  { firstSeconds, thenSeconds }: { firstSeconds: number; thenSeconds: number },
  oldest: number,
): number[] => {
  const found: number[] = [];
  for (let age = firstSeconds * 1000; age <= oldest; ) {
    found.push(age);
    age = Math.min(age * 2, age + thenSeconds * 1000);
  }
  return found;
};
