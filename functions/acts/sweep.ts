// One sweep over one application's jobs (D7): every lane in turn, under a lease that only saves work.

import type { Watermarks } from '../adapters/access.ts';
import type { Leia, LeiaJobs } from '../adapters/leia-api.ts';
import type { Deps } from './deps.ts';
import { leiaForJobsOf, leiaOf } from './leia-of.ts';
import { sweepChains } from './sweep-chains.ts';
import { sweepDiscovery, sweepStrangers } from './sweep-discovery.ts';
import { sweepInFlight } from './sweep-in-flight.ts';
import { sweepDue, sweepHeld, sweepIntents, sweepWatch } from './sweep-owed.ts';
import { sweepUnsent } from './sweep-unsent.ts';

export type SweepDeps = Deps & {
  ages: { firstSeconds: number; thenSeconds: number };
  leaseSeconds: number;
  statusBatch: number;
  absenceConfirmSeconds: number;
  followUpOverdueSeconds: number;
  watchSeconds: number;
  discoveryIntervalSeconds: number;
  /** How far back the first discovery of an application looks. */
  adoptHistorySeconds: number;
};

export type SweepOf = {
  submitter: string;
  /** Absent when the application's key is gone, or never was here. */
  leia?: Leia;
  /** The same, or an admin's, who sees the application's jobs. Absent: only what needs no LEIA is done. */
  leiaForJobs?: LeiaJobs;
  /** The instant up to which this sweep looks. */
  now: number;
  /** Where the last complete sweep of a lane ended; 0 at first. */
  since: (lane: string) => number;
  marks: Watermarks;
};

/** `complete`: the lane was worked to its end, so that the next sweep may start where this one looked last. */
export type Swept = { complete: boolean; asked?: number; found?: number };
export type Summary = { submitter: string; busy?: true; lanes?: Record<string, Swept> };

/**
 * In this order: what was never sent first, since its client waits longest; then effects, for all the rest to show in
 * them; discovery last: it looks at what nobody waits for here, and its first look back may take long.
 */
const lanes = {
  unsent: sweepUnsent,
  intent: sweepIntents,
  sent: sweepInFlight,
  watch: sweepWatch,
  due: sweepDue,
  held: sweepHeld,
  chain: sweepChains,
  discovery: sweepDiscovery,
  strangers: sweepStrangers,
};

/** Lanes that start where the last sweep ended; the others show only what is owed. */
const WINDOWED = new Set(['sent', 'held']);

/**
 * Sweeps one application, unless another sweep is at it.
 * @throws AggregateError after all lanes had their turn, if any of them failed.
 */
export const sweepApplication = async (deps: SweepDeps, submitter: string, owner: string): Promise<Summary> => {
  const now = deps.now();
  if (!(await deps.access.takeLease(submitter, owner, now, now + deps.leaseSeconds * 1000))) {
    deps.count('SweepLeaseBusy');
    return { submitter, busy: true };
  }
  try {
    return { submitter, lanes: await sweepLanes(deps, submitter, now) };
  } finally {
    await deps.access.dropLease(submitter, owner);
  }
};

const sweepLanes = async (deps: SweepDeps, submitter: string, now: number): Promise<Record<string, Swept>> => {
  const leia = await leiaOf(deps, submitter);
  const leiaForJobs = leia ?? (await leiaForJobsOf(deps, submitter));
  const marks = await deps.access.watermarks(submitter);
  const sweep: SweepOf = {
    submitter,
    now,
    marks,
    since: (lane) => marks[lane] ?? 0,
    ...(leia ? { leia } : {}),
    ...(leiaForJobs ? { leiaForJobs } : {}),
  };
  const swept: Record<string, Swept> = {};
  const failures: unknown[] = [];
  for (const [lane, run] of Object.entries(lanes)) {
    try {
      swept[lane] = await run(deps, sweep);
      if (swept[lane].complete && WINDOWED.has(lane)) await deps.access.moveWatermark(submitter, lane, now);
    } catch (error) {
      failures.push(error);
    }
  }
  noteIncomplete(deps, submitter, swept);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} lane(s) of the sweep failed`);
  return swept;
};

/** A lane that failed is not in `swept`. */
const noteIncomplete = (deps: SweepDeps, submitter: string, swept: Record<string, Swept>): void => {
  const incomplete = Object.keys(lanes).filter((lane) => !swept[lane]?.complete);
  if (incomplete.length === 0) return;
  deps.count('SweepIncomplete');
  deps.warn('lanes of a sweep did not come to their end', { submitter, lanes: incomplete.join(', ') });
};
