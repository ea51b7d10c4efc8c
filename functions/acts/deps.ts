// The adapters and settings that acts need; each act names those it uses with `Pick`.
import type { Access } from '../adapters/access.ts';
import type { CallbackKeys } from '../adapters/callback-keys.ts';
import type { CallbacksQueue } from '../adapters/callbacks-queue.ts';
import type { Chains } from '../adapters/chains.ts';
import type { EventBus } from '../adapters/event-bus.ts';
import type { LeiaForKey } from '../adapters/leia-api.ts';
import type { Mirror } from '../adapters/mirror.ts';
import type { SubmissionsQueue } from '../adapters/submissions-queue.ts';
import type { BreakerTimes } from '../jobs/breaker.ts';
import type { SendingTimes } from '../jobs/sending.ts';

/** Counts an occurrence in the metrics; loud ones have an alarm. */
export type Count = (metric: Metric, value?: number) => void;

export type Metric =
  /** Another LEIA job with an id of ours turned up (D2). */
  | 'DuplicateAtLeia'
  /** LEIA told two different endings of one job (D3). */
  | 'ContradictoryEnding'
  /** LEIA refuses one of our keys. */
  | 'LeiaDenied'
  | 'LeiaUnavailable'
  | 'SubmissionDeferred'
  | 'OrphanFound'
  | 'GivenUp'
  /** A job's ending was learnt by the sweep before any callback told it. */
  | 'EndingFoundBySweep'
  | 'JobAbsent'
  /** A job that was started directly at LEIA came into the mirror. */
  | 'JobAdopted'
  | 'MassAbsence'
  | 'SweepLeaseBusy'
  | 'SweepCompleted'
  | 'FollowUpRepeated'
  /** The execution of a conditional job ended without ending it. */
  | 'ChainDied'
  /** A caller acknowledged that it was told of its job's end (D11). */
  | 'CallbackDelivered'
  /** A caller did not, and will be told again. */
  | 'CallbackRetried'
  /** … and will not be told again. */
  | 'CallbackGivenUp'
  /** A callback URL leads to an address that may not be called. */
  | 'CallbackRefused';

export type Deps = {
  mirror: Mirror;
  access: Access;
  leiaForKey: LeiaForKey;
  callbackKeys: CallbackKeys;
  submissions: SubmissionsQueue;
  /** Jobs of whose ends callers are to be told. */
  callbacks: Pick<CallbacksQueue, 'put'>;
  chains: Chains;
  events: EventBus;
  /** Epoch milliseconds. */
  now: () => number;
  sending: SendingTimes;
  breaker: BreakerTimes;
  count: Count;
  warn: (message: string, about: Record<string, string | number | undefined>) => void;
};
