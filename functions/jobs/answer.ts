// A job as clients see it: every documented key, nulls explicit (contract §2.5), nothing of ours.
import type { JobRecord } from './job.ts';

/** LEIA's Job without `result`, which is spliced in as LEIA's own text (see `raw-json.ts`). */
export const wireJob = (job: JobRecord) => ({
  id: job.id,
  application_id: job.application_id,
  submitter_id: job.submitter_id,
  creation_time: job.creation_time,
  starting_time: job.starting_time,
  finished_time: job.finished_time,
  job_type: job.job_type,
  model_id: job.model_id,
  document_ids: job.document_ids,
  page_range: job.page_range,
  execute_after_id: job.execute_after_id,
  parent_job_id: job.parent_job_id,
  callback_url: job.callback_url,
  status: job.status,
  reason: job.reason,
  http_code: job.http_code,
  result_type: job.result_type,
});

/** Age of the observation behind a job in whole seconds (D8); 0 where LEIA has no part in it yet. */
export const ageOf = (job: JobRecord, now: number): number =>
  job.stage === 'bound' ? Math.max(0, Math.floor((now - Date.parse(job.observed_at)) / 1000)) : 0;

/**
 * How old an observation the client takes, by its Cache-Control (D8), in seconds; undefined: any.
 * `no-cache` and `no-store` mean 0; other directives say nothing.
 */
export const acceptedAge = (cacheControl: string | undefined): number | undefined => {
  const directives = (cacheControl ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  if (directives.includes('no-cache') || directives.includes('no-store')) return 0;
  const maxAge = directives
    .map((directive) => /^max-age="?(\d{1,9})"?$/.exec(directive)?.[1])
    .find((age) => age !== undefined);
  return maxAge === undefined ? undefined : Number(maxAge);
};
