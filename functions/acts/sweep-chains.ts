// Lane `chain` of a sweep (D7): conditional jobs whose execution never began, or is gone.
import { instant } from '../jobs/job.ts';
import { failDeadChain } from './end-chain.ts';
import type { SweepDeps, SweepOf, Swept } from './sweep.ts';

/** Every unfinished chain must have a running execution: one that was never started is, one that ended ends its job. */
export const sweepChains = async (deps: SweepDeps, { submitter, now }: SweepOf): Promise<Swept> => {
  const ids: string[] = [];
  for await (const { id } of deps.mirror.lane(submitter, 'chain', { until: instant(now) })) ids.push(id);
  if (ids.length === 0) return { complete: true };
  const running = await deps.chains.running();
  for (const id of ids) {
    if (running.has(id)) continue;
    const state = await deps.chains.state(id);
    if (state === 'absent') await deps.chains.start(id);
    if (state === 'ended') await failDeadChain(deps, id);
  }
  return { complete: true, asked: ids.length };
};
