// A job is to be cancelled, with its children if it is a chain (D2, D6): the intent first, then LEIA.
import type { LeiaJobs } from '../adapters/leia-api.ts';
import { cancelRequested } from '../jobs/intents.ts';
import type { JobRecord } from '../jobs/job.ts';
import type { Deps } from './deps.ts';
import { honourIntents } from './honour-intents.ts';
import { cancelChildren } from './stop-chain.ts';

export type CancelDeps = Pick<Deps, 'mirror' | 'access' | 'leiaForKey' | 'now' | 'count' | 'warn'>;

/** `asked`: this call recorded the intent. `job`: as it is known then; undefined when it is gone. */
export type Cancelling = { asked: true; job: JobRecord } | { asked: false; job: JobRecord | undefined };

/** What LEIA does not confirm now, a sweep asks it again. `instead`: see `honourIntents`. */
export const cancel = async (
  deps: CancelDeps,
  job: JobRecord,
  instead?: () => Promise<LeiaJobs | undefined>,
): Promise<Cancelling> => {
  const change = await deps.mirror.change(job.id, (record) => cancelRequested(record, deps.now()), job);
  if (!change?.after) return { asked: false, job: change?.before };
  const after = await honourIntents(deps, change.after, instead);
  if (job.job_type === 'conditional') await cancelAllChildren(deps, job.id);
  return { asked: true, job: after };
};

/** LEIA hears of it at once; of a child that is being born meanwhile, from what follows the cancel (D6). */
const cancelAllChildren = async (deps: CancelDeps, chain: string): Promise<void> => {
  for (const child of await cancelChildren(deps, chain)) await honourIntents(deps, child);
};
