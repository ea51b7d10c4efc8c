// A step ended without its child (D6): its time was up, or it failed again and again itself.
import { childId } from '../jobs/chain.ts';
import { givenUp } from '../jobs/intents.ts';
import type { GivenUp } from '../jobs/job.ts';
import { sha256 } from '../runtime/hash.ts';
import type { Deps } from './deps.ts';
import { cancelSoon } from './stop-chain.ts';

type GivingUpDeps = Pick<Deps, 'mirror' | 'submissions' | 'now'>;

export type GivingUp = { job_id: string; rule: number; entry: number; why: GivenUp };

/**
 * Keeps with the child that its step was given up, so that its rule has failed even if the child is PROCESSED yet, and
 * has it cancelled now: the other rules may run for days. Nothing where the entry never became a child.
 */
export const giveUpStep = async (deps: GivingUpDeps, { job_id, why, ...place }: GivingUp): Promise<void> => {
  const id = childId(job_id, place, sha256);
  const change = await deps.mirror.change(id, (child) => givenUp(child, why, deps.now()));
  const child = change?.after ?? change?.before;
  if (child) await cancelSoon(deps, [child]);
};
