import { createHash } from 'node:crypto';
import { enqueueCallback } from './callbacks.ts';
import type { Job, LeiaDocument, Model, Status } from './model.ts';
import { showDocument, showJob, showModel } from './show.ts';
import { leiaJson } from './wire.ts';
import type { Outcome, Produced, World } from './world.ts';

/** Calls back about a job as it is now, if it names a URL or its application has a default one (contract §4.7). */
export const callBack = (world: World, job: Job): void => {
  const url = job.callback_url ?? world.applications.get(job.submitter_id)?.default_job_callback_url;
  if (!url) return;
  const body = showJob(job, world.switches.echoCallbackUrl);
  const { id: jobId, status, callback_headers: headers } = job;
  enqueueCallback(world.callbacks, world.time, { jobId, status, url, headers, body });
};

/** How a job looks once it has ended. */
export type Ending = Pick<Job, 'reason' | 'http_code' | 'result_type' | 'result'>;

export const failure = (reason: string, http_code = 400): Ending => ({
  reason,
  http_code,
  result_type: null,
  result: null,
});
const success = (result_type: Job['result_type'], result: string): Ending => ({
  reason: null,
  http_code: 200,
  result_type,
  result,
});

/** Ends a job; what waits on it moves at the next `settle`. Nothing leaves a finished state (contract §5). */
export const end = (world: World, job: Job, status: Status, ending: Ending): void => {
  world.running.delete(job.id);
  Object.assign(job, ending, { status, finished_time: world.time });
  callBack(world, job);
};

const storeProduced = (world: World, job: Job, made: Produced): LeiaDocument => {
  const document: LeiaDocument = {
    ...made,
    id: world.newId(),
    application_id: job.application_id,
    creation_time: world.time,
    expiration_time: world.documents.get(made.original_id ?? '')?.expiration_time ?? null,
    md5sum: createHash('md5').update(made.content).digest('hex'),
    size: made.content.byteLength,
    rotation_angle: 0,
    tags: job.work.kind === 'transform' && job.work.output_tag !== null ? [job.work.output_tag] : [],
  };
  world.documents.set(document.id, document);
  return document;
};

const storeModel = (world: World, job: Job, made: Extract<Outcome, { ended: 'model' }>['model']): Model => {
  const model: Model = {
    ...made,
    id: world.newId(),
    application_id: job.application_id,
    creation_time: world.time,
    model_module: job.work.kind === 'train' ? job.work.model_module : '',
    tags: [],
  };
  world.models.set(model.id, model);
  return model;
};

const endingOf = (world: World, job: Job, outcome: Exclude<Outcome, { ended: 'failure' }>): Ending => {
  switch (outcome.ended) {
    case 'result':
      return success(outcome.result_type, leiaJson(outcome.result));
    case 'text':
      return success(outcome.result_type, outcome.resultText);
    case 'model':
      return success('model', leiaJson(showModel(storeModel(world, job, outcome.model))));
    case 'documents': {
      const shown = outcome.documents.map((made) => showDocument(storeProduced(world, job, made)));
      return success(outcome.result_type, leiaJson(outcome.result_type === 'document' ? shown[0] : shown));
    }
  }
};

/** Ends a job as its work did. */
export const conclude = (world: World, job: Job, outcome: Outcome): void => {
  if (outcome.ended === 'failure') end(world, job, 'FAILED', failure(outcome.reason, outcome.http_code));
  else end(world, job, 'PROCESSED', endingOf(world, job, outcome));
};
