// What goes wrong in a run, and how often. Each seed has a choice of faults of its own: where everything goes wrong at
// once, one fault hides another.
import type { Chance } from './kernel/chance.ts';

/** Each with its usual probability, or, for what comes by itself, how often it comes in a run at most. */
const usual = {
  /** Per request of a function: its container dies before or after it; no later code of it runs. */
  crash: 0.004,
  throttled: 0.01,
  /** The request took effect, and the function is told otherwise. */
  'answer-lost': 0.005,
  /** So slow that the function may run out of time. */
  'slow-request': 0.002,
  'index-lag': 0.1,
  /** A stream batch that was followed comes again, with some before it. */
  'batch-again': 0.08,
  /** A stream batch is given up and goes to the failure destination. */
  'batch-set-aside': 0.2,
  'message-twice': 0.1,
  'message-late': 0.1,
  /** Intervals in which LEIA cannot be reached, or does not answer. */
  'leia-down': 2,
  'leia-silent': 2,
  /** Intervals in which LEIA refuses our key. */
  'key-refused': 1,
  /** Per request: 5xx or 429, an answer that cannot be read, or none though it was processed. */
  'leia-error': 0.05,
  /** Its answer takes seconds. */
  'leia-slow': 0.25,
  'leia-garbage': 0.02,
  'leia-cut': 0.04,
  /** A submission that reaches LEIA after its sender has given it up. */
  'leia-late': 0.1,
  'token-expired': 3,
  /** LEIA loses a job for ever. */
  'job-vanished': 1,
  /** LEIA says 404 to a job for some seconds. */
  'job-hidden': 3,
  /** Per run: LEIA's jobs show no callback URLs. */
  'callback-urls-hidden': 0.5,
  'callback-lost': 0.25,
  /** API Gateway takes no more of them for now: LEIA hears 429 or 503. */
  'callback-crowded-out': 0.1,
  'callback-twice': 0.2,
  'callback-late': 0.2,
  /** A caller does not acknowledge its callback. */
  'caller-fails': 0.3,
  'secret-rotated': 1,
  'sweep-twice': 0.3,
  'sweep-missed': 0.2,
  /** The clocks of two sweeps are up to ten minutes apart. */
  'clock-skew': 0.7,
  'execution-died': 0.1,
  'execution-end-lost': 0.5,
  /** Step Functions calls a task again although the call before succeeded. */
  'task-again': 0.15,
  /** A task succeeded, and Step Functions is told otherwise. */
  'task-answer-lost': 0.15,
  /** A client hears nothing of an answer. */
  'reply-lost': 0.04,
} as const;

export type FaultKind = keyof typeof usual;
export const faultKinds = Object.keys(usual) as FaultKind[];

export type Faults = {
  /** Whether it strikes now; counted if it does. */
  strikes(kind: FaultKind): boolean;
  /** Whether it is among this seed's. */
  isOn(kind: FaultKind): boolean;
  /** How often one that comes by itself comes. */
  times(kind: FaultKind): number;
  /** Counts one that came by itself. */
  met(kind: FaultKind): void;
  /** From now on nothing goes wrong. */
  stop(): void;
  /** This seed has none at all. */
  calm: boolean;
  counts(): Partial<Record<FaultKind, number>>;
};

/** One seed in so many is calm. */
const CALM = 8;

export const faultsOf = (chance: Chance): Faults => {
  const calm = chance.below(CALM) === 0;
  const on = new Map<FaultKind, number>();
  const own = new Map(faultKinds.map((kind) => [kind, chance.of(kind)]));
  const ofKind = (kind: FaultKind): Chance => own.get(kind) ?? chance;
  for (const kind of faultKinds) {
    const isOn = ofKind(kind).below(2) === 0;
    const strength = ofKind(kind).pick([0.5, 1, 2, 4]);
    if (isOn && !calm) on.set(kind, strength * usual[kind]);
  }
  const counts: Partial<Record<FaultKind, number>> = {};
  let over = false;
  const met = (kind: FaultKind): void => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  return {
    strikes: (kind) => {
      const struck = !over && ofKind(kind).happens(Math.min(1, on.get(kind) ?? 0));
      if (struck) met(kind);
      return struck;
    },
    isOn: (kind) => on.has(kind),
    times: (kind) => ofKind(kind).between(0, Math.ceil(on.get(kind) ?? 0)),
    met,
    stop: () => {
      over = true;
    },
    calm,
    counts: () => counts,
  };
};
