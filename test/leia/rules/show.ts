import { instant } from './dates.ts';
import type { Application, Job, LeiaDocument, Model } from './model.ts';
import { isFinished } from './model.ts';
import { leiaJson } from './wire.ts';
import type { World } from './world.ts';

const orNull = (millis: number | null): string | null => (millis === null ? null : instant(millis));

/** A Job as LEIA writes it: every key, nulls explicit (contract §2.5). Text, because `result` is spliced in as it is. */
export const showJob = (job: Job, echoCallbackUrl: boolean): string => {
  const shown = {
    id: job.id,
    application_id: job.application_id,
    submitter_id: job.submitter_id,
    creation_time: instant(job.creation_time),
    starting_time: orNull(job.starting_time),
    finished_time: orNull(job.finished_time),
    document_ids: job.document_ids,
    job_type: job.job_type,
    status: job.status,
    callback_url: echoCallbackUrl ? job.callback_url : null,
    execute_after_id: job.execute_after_id,
    parent_job_id: job.parent_job_id,
    model_id: job.model_id,
    page_range: job.page_range,
    reason: job.reason,
    http_code: job.http_code,
    result_type: job.result_type,
  };
  return `${leiaJson(shown).slice(0, -1)},"result":${job.result ?? 'null'}}`;
};

/** A Document's metadata (contract §3.2, OpenAPI `Document`). */
export const showDocument = ({ content: _content, ...document }: LeiaDocument): Record<string, unknown> => ({
  ...document,
  creation_time: instant(document.creation_time),
  expiration_time: orNull(document.expiration_time),
});

/** A Model (OpenAPI `Model`). */
export const showModel = ({ examples, ...model }: Model): Record<string, unknown> => ({
  ...model,
  creation_time: instant(model.creation_time),
  allow_all_applications: true,
  allowed_application_ids: [],
  input_types: ['image', 'text'],
  model_clazz: 'Model',
  output_format:
    model.model_type === 'classification' ? { categories: [...new Set(examples.map((one) => one.category))] } : null,
  size: examples.reduce((sum, one) => sum + one.text.length, 0),
  speed: 'FAST',
});

/** Unfinished jobs by worker queue, such as `predict-<model id>` (contract §1.1). */
const jobCounts = (world: World, application: Application): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const job of world.jobs.values()) {
    if (job.submitter_id !== application.id || isFinished(job.status)) continue;
    const queue = job.model_id === null ? job.job_type : `predict-${job.model_id}`;
    counts[queue] = (counts[queue] ?? 0) + 1;
  }
  return counts;
};

/** An Application, its API key included (contract §1.1). */
export const showApplication = (world: World, application: Application): Record<string, unknown> => ({
  ...application,
  creation_time: instant(application.creation_time),
  job_counts: jobCounts(world, application),
  dedicated_workers: false,
  dedicated_workers_ttl: null,
  dedicated_workers_max_models: null,
});
