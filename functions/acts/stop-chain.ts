// A conditional job ended otherwise than by its rules: its execution and its unfinished children end as well (D6).

import type { ChainRuns } from '../adapters/chains.ts';
import { cancelRequested } from '../jobs/intents.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import type { Deps } from './deps.ts';

/** Stops the execution and asks for the cancellation of each unfinished child; LEIA hears of it by `honourIntents`. */
export const stopChain = async (
  deps: Pick<Deps, 'mirror' | 'now'> & { chains: ChainRuns },
  chain: string,
): Promise<void> => {
  await deps.chains.stop(chain);
  await cancelChildren(deps, chain);
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
