// Promise 2: at most one LEIA job of a submission counts or runs on; what follows from an ending happens, once.
import { isFinished, isListed, type JobRecord } from '../../../functions/jobs/job.ts';
import { isFinished as hasEnded, type Job } from '../../leia/rules/model.ts';
import { type Facts, isUntold } from './facts.ts';

export const checkOnce = (facts: Facts): string[] => [
  ...checkDuplicates(facts),
  ...checkEvents(facts),
  ...checkCallers(facts),
];

const checkDuplicates = (facts: Facts): string[] =>
  [...facts.atLeia].flatMap(([id, jobs]) => {
    const job = facts.byId.get(id);
    const others = jobs.filter((one) => one.id !== job?.leia_id && !isUntold(facts, one.id));
    const running = others.filter((one) => !hasEnded(one.status) && !facts.hasVanished(one.id));
    return [
      ...running.map((one) => `LEIA's job ${one.id} for ${id} does not count, and is ${one.status} for ever`),
      ...others.filter(ranLong).map((one) => `LEIA's job ${one.id} for ${id} does not count, and ran to its end`),
      ...(isExcused(facts, jobs)
        ? []
        : checkNeedless(
            facts,
            id,
            jobs.map((one) => one.id),
          )),
    ];
  });

/** So long that it should have been found, and cancelled. */
const ranLong = ({ status, creation_time: from, finished_time: to }: Job): boolean =>
  status !== 'CANCELED' && to !== null && to - from > LONG;

const LONG = 20 * 60_000;

/** A submission that reached LEIA when its sender had long given up, and clocks that differ, make duplicates. */
const isExcused = (facts: Facts, jobs: { id: string }[]): boolean =>
  facts.faults.isOn('clock-skew') ||
  jobs.some(({ id }) => facts.network.lateJobs.has(id) || facts.hasVanished(id) || isUntold(facts, id));

const checkNeedless = ({ byId }: Facts, id: string, leiaIds: string[]): string[] => {
  const bound = byId.get(id)?.leia_id;
  return [
    ...(leiaIds.length > 1 ? [`job ${id} was given to LEIA ${leiaIds.length} times, though no attempt came late`] : []),
    ...(byId.has(id) && bound === undefined ? [`job ${id} ended without LEIA, which has it as ${leiaIds}`] : []),
  ];
};

/** At least once with one id for each status that a job passed, if no change of it was given up. */
const checkEvents = ({ jobs, ground, history }: Facts): string[] => {
  const published = new Set(ground.published.map(({ id }) => id));
  const missing = jobs
    .filter((job) => isFinished(job) && !published.has(`${job.id}/${job.status}`))
    .map(({ id, status }) => `nobody was told that job ${id} is ${status}`);
  const wrong = ground.published
    .filter(({ job, to }) => isFinished({ status: to }) && !jobs.some(({ id, status }) => id === job && status === to))
    .map(({ id }) => `${id} was told and never was`);
  const unheard = history
    .filter(({ after }) => isListed(after) && !ground.changes.setAside.has(after.id))
    .filter(({ after }) => !published.has(`${after.id}/${after.status}`))
    .map(({ after }) => `nobody was told that job ${after.id} was ${after.status}`);
  return [...missing, ...wrong, ...new Set(unheard)];
};

/** Each caller acknowledged its job's end, under the id of the event, and was told of no other. */
const checkCallers = ({ jobs, byId, ground }: Facts): string[] => {
  const isTold = (job: JobRecord): boolean =>
    ground.told.some(
      ({ id, url, acknowledged }) => acknowledged && id === `${job.id}/${job.status}` && url === job.callback_url,
    );
  const untold = jobs
    .filter((job) => job.callback_url?.startsWith('https://caller.test/') && job.id !== job.leia_id && !isTold(job))
    .filter(({ id }) => !ground.callbacks.dead.some((body) => body.includes(id)))
    .map(({ id, status }) => `the caller of job ${id} was not told that it is ${status}`);
  const wrong = ground.told.filter(({ id, body }) => {
    const { id: job, status } = JSON.parse(body);
    return id !== `${job}/${status}` || byId.get(job)?.status !== status;
  });
  return [...untold, ...wrong.map(({ id }) => `a caller was told of ${id}, which never was`)];
};
