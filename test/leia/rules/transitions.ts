import { conclude, end, failure } from './endings.ts';
import { NoInputs, selectInputs } from './inputs.ts';
import type { Job, LeiaDocument, Status } from './model.ts';
import { isFinished } from './model.ts';
import { notFound } from './refusal.ts';
import type { Run, World } from './world.ts';
import { visibleJob } from './world.ts';

/** Training reads every document of the owner that carries the tag. */
const trainingSet = (world: World, job: Job): LeiaDocument[] => {
  const { work, application_id } = job;
  if (work.kind !== 'train') return [];
  return [...world.documents.values()].filter(
    (document) => document.application_id === application_id && document.tags.includes(work.documents_tag),
  );
};

const begin = (world: World, job: Job): void => {
  job.status = 'STARTING';
  job.starting_time = world.time;
  try {
    const inputs = job.work.kind === 'train' ? [] : selectInputs(world, job);
    const model = job.model_id === null ? undefined : world.models.get(job.model_id);
    const run = world.worker({ job, inputs, model, examples: trainingSet(world, job) });
    if (run) world.running.set(job.id, run);
    else job.status = 'PROCESSING';
  } catch (error) {
    if (!(error instanceof NoInputs)) throw error;
    end(world, job, 'FAILED', failure(error.message));
  }
};

/** When a running job passes its stations: predict jobs load their model on the way. */
export const stations = (job: Job, run: Run): { status: Status; at: number }[] => {
  const start = job.starting_time ?? 0;
  const share = (part: number): number => start + Math.floor(run.durationMs * part);
  return [
    ...(job.job_type === 'predict' ? [{ status: 'LOADING_MODEL' as const, at: share(0.25) }] : []),
    { status: 'PROCESSING', at: share(0.5) },
  ];
};

const progress = (world: World, job: Job, run: Run): void => {
  const passed = stations(job, run).filter(({ at }) => at <= world.time);
  job.status = passed.at(-1)?.status ?? job.status;
  if ((job.starting_time ?? 0) + run.durationMs > world.time) return;
  const outcome = run.outcome();
  if (outcome) conclude(world, job, outcome);
};

const prerequisite = (world: World, job: Job): Status | 'gone' | undefined =>
  job.execute_after_id === null ? undefined : (visibleJob(world, job.execute_after_id)?.status ?? 'gone');

const unblockedStatus = (world: World, job: Job): Status => {
  const before = prerequisite(world, job);
  return before === undefined || before === 'PROCESSED' ? 'READY' : 'WAITING';
};

/** Moves one job as far as it can go now; tells whether it moved. */
const move = (world: World, job: Job): boolean => {
  const before = prerequisite(world, job);
  const was = job.status;
  if (was === 'BLOCKED' || was === 'WAITING') {
    if (before === 'FAILED' || before === 'CANCELED' || before === 'gone') {
      const said = before === 'gone' ? 'not found' : before;
      end(world, job, 'FAILED', failure(`Job ${job.execute_after_id} ${said}`));
    } else if (was === 'WAITING') job.status = unblockedStatus(world, job);
  } else if (was === 'READY') {
    if (!world.switches.holdJobs && world.running.size < world.slots) begin(world, job);
  } else {
    const run = world.running.get(job.id);
    if (run) progress(world, job, run);
  }
  return job.status !== was;
};

/** Lets everything happen that can happen at this instant. */
export const settle = (world: World): void => {
  let moved = true;
  while (moved) {
    moved = false;
    for (const job of world.restless.values()) {
      if (job.visible_at > world.time) continue;
      if (move(world, job)) moved = true;
      if (!isRestless(world, job)) world.restless.delete(job.id);
    }
  }
};

const isRestless = ({ running }: World, { id, status }: Job): boolean =>
  status === 'BLOCKED' || status === 'WAITING' || status === 'READY' || running.has(id);

/** contract §3.9: only a BLOCKED job starts. */
export const startJob = (world: World, job: Job): void => {
  if (job.status !== 'BLOCKED') throw notFound(`Job ${job.id} is not blocked: it is ${job.status}`);
  job.status = unblockedStatus(world, job);
};

/** contract §5: marks an unfinished job; those that wait on it fail. */
export const cancelJob = (world: World, job: Job): void => {
  if (isFinished(job.status)) throw notFound(`Job ${job.id} is already finished: it is ${job.status}`);
  end(world, job, 'CANCELED', { reason: null, http_code: null, result_type: null, result: null });
};

/** The first status of a new job (contract §3.9). */
export const firstStatus = (world: World, job: Job, blocked: boolean): Status =>
  blocked ? 'BLOCKED' : unblockedStatus(world, job);

/** LEIA no longer knows the job. */
export const forget = (world: World, id: string): void => {
  world.running.delete(id);
  world.restless.delete(id);
  if (!world.jobs.delete(id)) throw notFound(`Job ${id} not found`);
};
