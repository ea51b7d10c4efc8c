// A conditional job ended otherwise than by its rules: its execution and its unfinished children end as well (D6).
import type { ChainRuns } from '../adapters/chains.ts';
import { cancelRequested } from '../jobs/intents.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import type { Deps } from './deps.ts';

type StoppingDeps = Pick<Deps, 'mirror' | 'submissions' | 'now'>;

/** Stops the execution and has each unfinished child cancelled. */
export const stopChain = async (deps: StoppingDeps & { chains: ChainRuns }, chain: string): Promise<void> => {
  await deps.chains.stop(chain);
  await endChildren(deps, chain);
};

/** Has each unfinished child of a chain cancelled, by whoever calls LEIA. */
export const endChildren = async (deps: StoppingDeps, chain: string): Promise<void> =>
  cancelSoon(deps, await cancelChildren(deps, chain));

/** LEIA is asked to cancel by send-job, now; what a lost message or LEIA leaves undone, by the sweep. */
export const cancelSoon = async ({ submissions }: Pick<Deps, 'submissions'>, jobs: JobRecord[]): Promise<void> => {
  const asked = jobs.filter(
    (job) => job.stage === 'bound' && !isFinished(job) && job.cancel_requested_at !== undefined,
  );
  if (asked.length > 0) await submissions.put(asked.map(({ id }) => id));
};

/** The children whose cancellation LEIA must be told of. */
export const cancelChildren = async (deps: Pick<Deps, 'mirror' | 'now'>, chain: string): Promise<JobRecord[]> => {
  const cancelled: JobRecord[] = [];
  for (const child of await deps.mirror.children(chain)) {
    if (isFinished(child)) continue;
    const change = await deps.mirror.change(child.id, (job) => cancelRequested(job, deps.now()), child);
    if (change?.after) cancelled.push(change.after);
  }
  return cancelled;
};
