// Where nothing goes wrong nothing is repaired, and all comes soon: the sweep is for accidents.
import { isFinished, type JobRecord } from '../../../functions/jobs/job.ts';
import type { Facts } from './facts.ts';

const repairs = [
  'DuplicateAtLeia',
  'ContradictoryEnding',
  'LeiaDenied',
  'LeiaUnavailable',
  'SubmissionDeferred',
  'OrphanFound',
  'GivenUp',
  'JobAbsent',
  'MassAbsence',
  'FollowUpRepeated',
  'ChainDied',
] as const;

/** Milliseconds; well below the time between two sweeps. */
const SOON = 15_000;

export const checkCalm = (facts: Facts): string[] =>
  facts.faults.calm
    ? [
        ...checkRepairs(facts),
        ...facts.jobs.filter(({ id, leia_id }) => id !== leia_id).flatMap((job) => checkSoon(facts, job)),
      ]
    : [];

const checkRepairs = ({ ground: { counted } }: Facts): string[] =>
  repairs
    .filter((metric) => counted[metric] !== undefined)
    .map((metric) => `nothing went wrong, and yet ${metric} ${counted[metric]}`);

const checkSoon = (facts: Facts, job: JobRecord): string[] => {
  const { leia, history, byId, ledger } = facts;
  const truth = facts.truthOf(job);
  const of = (holds: (record: JobRecord) => boolean): number | undefined =>
    history.find(({ after }) => after.id === job.id && holds(after))?.at;
  const ended = of(isFinished) ?? Number.POSITIVE_INFINITY;
  const told = truth?.finished_time == null ? undefined : truth.finished_time - leia.skew;
  const before = job.execute_after_id === null ? undefined : byId.get(job.execute_after_id);
  const isHeld = of(({ stage }) => stage === 'held');
  const free = Math.max(
    isHeld ?? 0,
    history.find(({ after }) => after.id === before?.id && isFinished(after))?.at ?? 0,
    of(({ status, stage }) => stage === 'held' && status !== 'BLOCKED') ?? 0,
  );
  const released = of(({ stage }) => stage !== 'held') ?? Number.POSITIVE_INFINITY;
  const isConditional = job.job_type === 'conditional';
  const wasBlocked = history.some(({ after }) => after.id === job.id && after.status === 'BLOCKED');
  const cancelledAt = ledger.byId(job.id)?.cancelledAt;
  return [
    ...(told !== undefined && ended - told > SOON
      ? [`LEIA ended job ${job.id} ${ended - told} ms before the mirror knew`]
      : []),
    ...(isHeld !== undefined && !(isConditional && wasBlocked) && released - free > SOON
      ? [`job ${job.id} was held ${released - free} ms too long`]
      : []),
    ...(cancelledAt !== undefined &&
    job.status !== 'CANCELED' &&
    (told ?? Number.POSITIVE_INFINITY) > cancelledAt + SOON
      ? [`job ${job.id} is ${job.status} although it was cancelled`]
      : []),
  ];
};
