// Lanes `discovery` and `strangers` of a sweep (D7): what was started directly at LEIA.
import { discover, discoveredAt } from './discover.ts';
import { ownView, STRANGERS, strangersView, type View } from './leia-views.ts';
import type { SweepDeps, SweepOf, Swept } from './sweep.ts';

/** Reads the application's own list, unless that was done a short while ago. A stranger's jobs an admin's look finds. */
export const sweepDiscovery = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const { submitter, leia } = sweep;
  if (!leia) return { complete: true }; // nobody's list to read
  return discoverIn(deps, sweep, ownView(deps, { submitter, leia }));
};

/** An admin's key shows what applications have started that the bundle does not serve; one admin's look is enough. */
export const sweepStrangers = async (deps: SweepDeps, sweep: SweepOf): Promise<Swept> => {
  const { submitter, leia } = sweep;
  const isAdmin = (await deps.access.application(submitter))?.application_type === 'admin';
  if (!leia || !isAdmin) return { complete: true };
  return discoverIn(deps, sweep, strangersView(deps, { admin: submitter, leia }));
};

const discoverIn = async (deps: SweepDeps, { submitter, marks: own, now }: SweepOf, view: View): Promise<Swept> => {
  const marks = view.keptAs === submitter ? own : await deps.access.watermarks(STRANGERS);
  if (now < (discoveredAt(marks) ?? 0) + deps.discoveryIntervalSeconds * 1000) return { complete: true };
  const until = now + deps.leaseSeconds * 1000;
  return { complete: await discover(deps, { view, marks, via: 'sweep', until }) };
};
