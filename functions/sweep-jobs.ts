// sweep-jobs – on a schedule: what no callback told, and what any accident left undone (D7).
import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import { type Summary, type SweepDeps, sweepApplication } from './acts/sweep.ts';
import { wired } from './runtime/wired.ts';
import { sweepDeps } from './runtime/wiring.ts';

const AT_ONCE = 4;

/**
 * Sweeps all applications: those that are or were served, and those whose jobs an admin sees.
 * @throws AggregateError after all had their turn, if any sweep failed: the alarm must ring.
 */
export const sweepJobs = async (deps: SweepDeps, owner: string): Promise<Summary[]> => {
  const failures: unknown[] = [];
  const sweep = async (submitter: string): Promise<Summary[]> => {
    try {
      return [await sweepApplication(deps, submitter, owner)];
    } catch (error) {
      failures.push(error);
      return [];
    }
  };
  const submitters = new Set([...(await deps.access.applicationIds()), ...(await deps.access.strangers())]);
  const summaries = await pMap(submitters, sweep, { concurrency: AT_ONCE });
  if (failures.length > 0) throw new AggregateError(failures, `the sweep of ${failures.length} application(s) failed`);
  deps.count('SweepCompleted');
  return summaries.flat();
};

export const handler = wired(() => {
  const deps = sweepDeps();
  return () => sweepJobs(deps, randomUUID());
});
