// Promise 1 and 3: every job has ended, and says what its LEIA job says; one job, one record.
import { isFinished, type JobRecord, rank } from '../../../functions/jobs/job.ts';
import { instant } from '../../leia/rules/dates.ts';
import { type Facts, isUntold, ourIdIn } from './facts.ts';

export const checkTruth = (facts: Facts): string[] => [
  ...facts.jobs.flatMap((job) =>
    isFinished(job) ? checkEnding(facts, job) : [`job ${job.id} is ${job.status} (${job.stage}) for ever`],
  ),
  ...checkForward(facts),
  ...checkPromised(facts),
  ...checkAdopted(facts),
  ...checkCancelled(facts),
];

/** Once LEIA has told the status of a job, it moves forward only. */
const checkForward = ({ history }: Facts): string[] =>
  history.flatMap(({ before, after }) =>
    before?.leia_id !== undefined && rank(after.status) < rank(before.status)
      ? [`job ${after.id} was ${before.status}, and ${after.status} after that`]
      : [],
  );

/** LEIA hears of a cancel that was answered with 204, sooner or later; a job that has ended meanwhile stays as it is. */
const checkCancelled = (facts: Facts): string[] =>
  facts.ledger.asked.flatMap(({ ids, cancelledAt }) =>
    [...ids].flatMap((id) => {
      const job = facts.byId.get(id);
      if (!job || cancelledAt === undefined || job.status === 'CANCELED') return [];
      const told = facts.truthOf(job)?.finished_time;
      const isLate = told != null && told - facts.leia.skew > cancelledAt + CANCEL_PATIENCE;
      return isLate || job.job_type === 'conditional'
        ? [`job ${id} is ${job.status}, long after its cancel was answered`]
        : [];
    }),
  );

const CANCEL_PATIENCE = 15 * 60_000;

/** A client holds an id, and only one for a submission. */
const checkPromised = ({ ledger, byId, jobs }: Facts): string[] =>
  ledger.asked.flatMap(({ name, ids }) => [
    ...(ids.size > 1 ? [`submission ${name} got ${ids.size} ids`] : []),
    ...[...ids].filter((id) => !byId.has(id)).map((id) => `job ${id} is lost`),
    ...(jobs.filter(({ callback_url }) => callback_url === name).length > 1
      ? [`submission ${name} has several jobs`]
      : []),
  ]);

const checkEnding = (facts: Facts, job: JobRecord): string[] => {
  const truth = facts.truthOf(job);
  if (job.leia_id !== undefined && !truth) return [`job ${job.id} is bound to a job that LEIA never had`];
  if (!truth) return checkUnsent(facts, job);
  if (job.id !== truth.id && ourIdIn(truth.callback_url) !== job.id)
    return [`job ${job.id} is bound to LEIA's job ${truth.id}, which it did not make`];
  const { status, http_code, result_type } = truth;
  if (status === 'CANCELED' && !mayBeCancelled(facts, job) && !isUntold(facts, truth.id))
    return [`job ${job.id} was CANCELED at LEIA, and nobody asked for it`];
  const isAbsent = job.status === 'FAILED' && job.reason?.startsWith('LEIA does not know this job any more');
  if (isAbsent && facts.hasVanished(truth.id)) return [];
  if (job.status !== status) return [`job ${job.id} is ${job.status}, at LEIA ${status} (${job.reason})`];
  const finished = truth.finished_time === null ? null : instant(truth.finished_time);
  const told = [
    job.result_type,
    facts.results.get(job.id) ?? null,
    job.finished_time,
    status === 'CANCELED' ? null : job.http_code,
  ];
  const wanted = [result_type, truth.result, finished, status === 'CANCELED' ? null : http_code];
  return JSON.stringify(told) === JSON.stringify(wanted)
    ? []
    : [`job ${job.id} tells ${JSON.stringify(told)}, LEIA ${JSON.stringify(wanted)}`];
};

/** Why a job may have ended without LEIA. Conditional jobs have a check of their own. */
const checkUnsent = (facts: Facts, job: JobRecord): string[] => {
  if (job.job_type === 'conditional' && job.stage === 'chained') return [];
  const { reason } = job;
  if (job.status === 'CANCELED')
    return mayBeCancelled(facts, job) ? [] : [`job ${job.id} is CANCELED, and nobody asked for it`];
  if (job.status !== 'FAILED' || reason === null) return [`job ${job.id} is ${job.status} without LEIA`];
  const [, before, status] = /^Job ([0-9a-f]{24}) (FAILED|CANCELED)$/.exec(reason) ?? [];
  if (before !== undefined) {
    const fits = before === job.execute_after_id && facts.byId.get(before)?.status === status;
    return fits ? [] : [`job ${job.id} FAILED because of ${before}, which is ${facts.byId.get(before)?.status}`];
  }
  return isExplained(facts, job, reason) ? [] : [`job ${job.id} FAILED without LEIA: ${reason}`];
};

const isExplained = (facts: Facts, job: JobRecord, reason: string): boolean => {
  if (/^(Document|No document) /.test(reason)) return true;
  const before = job.execute_after_id === null ? undefined : facts.byId.get(job.execute_after_id)?.leia_id;
  return /^Job [0-9a-f]{24} not found$/.test(reason) && before !== undefined && facts.hasVanished(before);
};

/** A client asked for it, or it is the child of a conditional job that ended otherwise. */
const mayBeCancelled = ({ ledger, byId }: Facts, job: JobRecord): boolean =>
  ledger.cancelled.has(job.id) || (job.parent_job_id !== null && byId.get(job.parent_job_id)?.status !== 'PROCESSED');

/** A job that was started directly at LEIA is in the mirror under LEIA's id; none of ours is, as if it were such a one. */
const checkAdopted = (facts: Facts): string[] => {
  const { leia, byId, hasVanished } = facts;
  return [...leia.all.values()].flatMap(({ id, callback_url }) => {
    const isOurs = ourIdIn(callback_url) !== undefined;
    if (isUntold(facts, id)) return [];
    if (isOurs && byId.has(id)) return [`LEIA's job ${id} is ours, and was adopted as a stranger`];
    return isOurs || byId.has(id) || hasVanished(id)
      ? []
      : [`job ${id}, started at LEIA directly, is not in the mirror`];
  });
};
