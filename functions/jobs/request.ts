// What a submission asks for, once its channels are merged (contract §3.1–3.4). Kept until nothing may need it.
import * as z from 'zod';
import { Conditions } from './conditions.ts';

export const outputTypes = ['text', 'text_tree', 'image', 'autorotate', 'trim', 'merge', 'split', 'transcode'] as const;
export const formatTypes = ['classification'] as const;

const common = {
  execute_after_id: z.string().optional(),
  callback_url: z.string().optional(),
  callback_headers: z.record(z.string(), z.string()).optional(),
  /** The application whose documents and models are meant, where an admin asks: LEIA is sent it on the admin path. */
  owner: z.string().optional(),
};
const onDocuments = {
  ...common,
  document_ids: z.array(z.string()).min(1),
  page_range: z.string().optional(),
  block_processing: z.boolean(),
};
const params = z.record(z.string(), z.json()).optional();

const ApplyRequest = z.object({
  kind: z.literal('apply'),
  model_id: z.string(),
  tag: z.string().optional(),
  format_type: z.enum(formatTypes).optional(),
  model_params: params,
  save_result: z.boolean().optional(),
  /** Of the processing; Python's SDK has it from 1.1.4 on. */
  priority: z.number().int().optional(),
  ...onDocuments,
});
const TransformRequest = z.object({
  kind: z.literal('transform'),
  output_type: z.enum(outputTypes),
  input_tag: z.string().optional(),
  output_tag: z.string().optional(),
  transform_params: params,
  ...onDocuments,
});
/** The documents are those with the tag when LEIA starts the job, which it does not block. */
const TrainRequest = z.object({
  kind: z.literal('train'),
  model_module: z.string(),
  documents_tag: z.string(),
  model_name: z.string().optional(),
  short_name: z.string().optional(),
  description: z.string().optional(),
  /** Seconds; negative: for ever. */
  ttl: z.number().int().optional(),
  allowed_application_ids: z.array(z.string()).optional(),
  allow_all_applications: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  model_params: params,
  ...common,
  document_ids: z.array(z.string()).max(0),
  block_processing: z.literal(false),
});
export const JobRequest = z.discriminatedUnion('kind', [ApplyRequest, TransformRequest, TrainRequest]);
export type JobRequest = z.infer<typeof JobRequest>;

/** What an entry of a rule may not say for itself: the chain does (contract §4.3, §4.4). */
const ofTheChain = { execute_after_id: true, block_processing: true, owner: true } as const;
/** None: the inputs follow from the job before (contract §4.4). */
const entryDocuments = { document_ids: z.array(z.string()) };

export const Entry = z.discriminatedUnion('kind', [
  ApplyRequest.omit(ofTheChain).extend(entryDocuments),
  TransformRequest.omit(ofTheChain).extend(entryDocuments),
]);
/** A job to be run when its rule matches; its parameters are those of a job of its own (contract §4.3). */
export type Entry = z.infer<typeof Entry>;

export const Rule = z.object({ id: z.string(), conditions: Conditions, jobs: z.array(Entry) });
export type Rule = z.infer<typeof Rule>;

/** Rules in the caller's order. Ids and fields are values here, never keys: a caller may choose any text. */
export const ConditionalRequest = z.object({
  kind: z.literal('conditional'),
  ...common,
  execute_after_id: z.string(),
  rules: z.array(Rule),
  block_processing: z.boolean(),
});
export type ConditionalRequest = z.infer<typeof ConditionalRequest>;

/**
 * Any request that is recorded. A `JobRequest` is one that LEIA can be sent; that of a child that FAILED for want of
 * documents names none, and its caller is told of it all the same.
 */
export const StoredRequest = z.discriminatedUnion('kind', [
  ApplyRequest.extend(entryDocuments),
  TransformRequest.extend(entryDocuments),
  TrainRequest,
  ConditionalRequest,
]);
export type StoredRequest = z.infer<typeof StoredRequest>;

/** The tag that the inputs of a job carry, whatever its kind calls it (contract §3.6). */
export const inputTagOf = (request: Entry): string | undefined =>
  request.kind === 'apply' ? request.tag : request.input_tag;

/** `job_type` of the created Job (contract §3.10). */
export const jobTypeOf = (request: StoredRequest | Entry): string => {
  if (request.kind === 'conditional' || request.kind === 'train') return request.kind;
  if (request.kind === 'apply') return 'predict';
  return request.output_type === 'image' ? 'pdf-images' : request.output_type === 'text' ? 'image-text' : 'transform';
};

/** Every model and document that a request names, once each; the parts of a conditional job included. */
export const namedIn = (request: StoredRequest): { models: string[]; documents: string[] } => {
  const parts = request.kind === 'conditional' ? request.rules.flatMap(({ jobs }) => jobs) : [request];
  return {
    models: [...new Set(parts.flatMap((part) => (part.kind === 'apply' ? part.model_id : [])))],
    documents: [...new Set(parts.flatMap((part) => part.document_ids))],
  };
};
