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
import type { Measure, SortedMetric } from '../jobs/metrics.ts';
import type { SendingTimes } from '../jobs/sending.ts';

/** Counts an occurrence in the metrics, or notes a measure; loud ones have an alarm. `sort`: of a metric that has some. */
export type Count = (metric: Metric, value?: number, sort?: string) => void;

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
  | 'JobAbsent'
  /** A job that was started directly at LEIA came into the mirror. */
  | 'JobAdopted'
  /** LEIA does not know many of our jobs at once: while that is so, in each sweep (D7). */
  | 'MassAbsence'
  | 'SweepLeaseBusy'
  | 'SweepCompleted'
  /** A lane of an application's sweep did not come to its end. */
  | 'SweepIncomplete'
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
  | 'CallbackRefused'
  /** Something here is wrong: a client got a 500. */
  | 'UnexpectedError'
  /**
   * By `status`, `source` (how the ending was learnt: `sweep` instead of `callback` is a callback lost), request `kind`,
   * and where a word stood that LEIA's API does not have.
   */
  | SortedMetric
  /** From submission to the end, for a client; ages of the oldest job to be sent, and to be followed up. */
  | Measure;

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
