// Jobs as LEIA writes them.
import { APPLICATION, DOCUMENT, id } from './jobs.ts';

export const LEIA_ID = id(0xaaa);

export const aLeiaJob = (given: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: LEIA_ID,
  application_id: APPLICATION,
  submitter_id: APPLICATION,
  creation_time: '2018-11-07T16:02:29.761Z',
  document_ids: [DOCUMENT],
  job_type: 'image-text',
  status: 'READY',
  callback_url: null,
  execute_after_id: null,
  finished_time: null,
  model_id: null,
  parent_job_id: null,
  reason: null,
  result: null,
  result_type: null,
  starting_time: null,
  ...given,
});
