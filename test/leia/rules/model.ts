// What LEIA keeps: applications, documents, models and jobs. Times are milliseconds of LEIA's own clock.
export const statuses = [
  'BLOCKED',
  'WAITING',
  'READY',
  'STARTING',
  'LOADING_MODEL',
  'PROCESSING',
  'PROCESSED',
  'FAILED',
  'CANCELED',
] as const;
/** contract §5 */
export type Status = (typeof statuses)[number];

export const resultTypes = [
  'document',
  'list[document]',
  'object',
  'classification',
  'dict[object]',
  'dict[classification]',
  'model',
  'conditional',
] as const;
/** contract §3.11 */
export type ResultType = (typeof resultTypes)[number];

export const transforms = ['text', 'text_tree', 'image', 'autorotate', 'trim', 'merge', 'split', 'transcode'] as const;
/** contract §3.2 */
export type TransformType = (typeof transforms)[number];

export type Application = {
  id: string;
  api_key: string;
  application_type: 'developer' | 'admin';
  application_name: string;
  email: string;
  first_name: string;
  last_name: string;
  default_job_callback_url: string | null;
  creation_time: number;
};

export type LeiaDocument = {
  id: string;
  application_id: string;
  creation_time: number;
  expiration_time: number | null;
  filename: string;
  extension: string;
  mime_type: string;
  md5sum: string;
  size: number;
  original_id: string | null;
  page: number | null;
  rotation_angle: number;
  tags: string[];
  content: Uint8Array;
};

/** What a classifier learns from: texts with their categories. */
export type LabelledText = { category: string; text: string };

export type Model = {
  id: string;
  short_name: string;
  name: string;
  description: string;
  application_id: string;
  creation_time: number;
  model_type: 'classification' | 'key_value_extraction';
  model_module: string;
  tags: string[];
  /** A classifier's training set; empty for an extractor, which follows patterns. */
  examples: LabelledText[];
};

/** What a job does, as its submission named it. `params` are model_params or transform_params (contract §3.4). */
export type Work =
  | { kind: 'apply'; model_id: string; classify: boolean; params: Record<string, unknown> }
  | {
      kind: 'transform';
      output_type: TransformType;
      output_tag: string | null;
      params: Record<string, unknown>;
    }
  | {
      kind: 'train';
      model_module: string;
      documents_tag: string;
      model_name: string | null;
      short_name: string | null;
      params: Record<string, unknown>;
    };

export type Job = {
  id: string;
  application_id: string;
  submitter_id: string;
  creation_time: number;
  starting_time: number | null;
  finished_time: number | null;
  document_ids: string[];
  job_type: string;
  status: Status;
  callback_url: string | null;
  callback_headers: Record<string, string>;
  execute_after_id: string | null;
  parent_job_id: string | null;
  model_id: string | null;
  page_range: string | null;
  tag: string | null;
  reason: string | null;
  http_code: number | null;
  result_type: ResultType | null;
  /** JSON text, kept as written so that its numbers reach the client unchanged. */
  result: string | null;
  work: Work;
  /** Before this time nobody sees the job and it does not move: a submission that takes effect late. */
  visible_at: number;
};

export const isFinished = (status: Status): boolean =>
  status === 'PROCESSED' || status === 'FAILED' || status === 'CANCELED';
