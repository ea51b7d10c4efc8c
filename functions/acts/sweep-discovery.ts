// Lane `discovery` of a sweep (D7): what was started directly at LEIA.
import { discover } from './discover.ts';
import type { SweepDeps, SweepOf, Swept } from './sweep.ts';

/** Reads LEIA's list, unless that was done a short while ago. */
export const sweepDiscovery = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const { submitter, leia, now } = sweep;
  if (now < sweep.since('discovered') + deps.discoveryIntervalSeconds * 1000) return { complete: true };
  if (!leia) return { complete: false };
  const until = now + deps.leaseSeconds * 1000;
  return { complete: await discover(deps, { submitter, leia, marks: sweep.marks, via: 'sweep', until }) };
};
