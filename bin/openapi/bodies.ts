// The bodies of submissions. Per key a body wins over the query, nulls count as absent, and unknown keys of an apply, a
// transform or a train are parameters of the model or the transformation (contract §3.3, §3.4).
import * as z from 'zod';
import {
  applicationId,
  blockProcessing,
  callbackHeaders,
  callbackUrl,
  conditions,
  documentId,
  exampleIds,
  formatType,
  freeParams,
  jobId,
  modelId,
  outputType,
  pageRange,
  prose,
  text,
} from './inputs.ts';

const after = jobId.meta({ description: 'The job that must be PROCESSED first.' });
const tag = text('The documents with this tag that were made of the one document named.', 'PDF_IMAGES');

const integer = z.int().min(-2_147_483_647).max(2_147_483_647);

const common = { execute_after_id: after, callback_url: callbackUrl };
const onDocuments = { ...common, page_range: pageRange, block_processing: blockProcessing };
const ofApply = {
  tag,
  format_type: formatType,
  ...onDocuments,
  save_result: z.boolean().meta({ description: 'Whether LEIA keeps the result as a document.' }),
  priority: integer.meta({ description: 'The priority of the processing.' }),
};
const ofTransform = {
  input_tag: tag,
  output_tag: text('The tag of the documents that come out.', 'TEXT'),
  ...onDocuments,
};
const ofTrain = {
  model_name: text('The name of the new model.', 'Invoices'),
  short_name: text('Its short name.', 'invoices'),
  description: prose('What it is for.', 'Tells invoices from letters'),
  ttl: integer.meta({ description: 'Its life in seconds; negative: for ever.' }),
  allowed_application_ids: z.array(applicationId).max(100).meta({ description: 'Who else may use it.' }),
  allow_all_applications: z.boolean().meta({ description: 'Whether everybody may use it.' }),
  tags: z.array(text('A tag of the model.', 'draft')).max(100),
  ...common,
};

const asText = (what: string) =>
  z.string().meta({ description: `Parameters of the ${what} as JSON text; the body is the way that loses nothing.` });

const optional = <T extends z.ZodRawShape>(shape: T) => z.object(shape).partial();

/** By query. Keys that are not named here are parameters of the model or the transformation as well. */
export const queries = {
  apply: optional({ ...ofApply, model_params: asText('model') }),
  transform: optional({ ...ofTransform, transform_params: asText('transformation') }),
  train: optional({ ...ofTrain, model_params: asText('training') }),
  conditional: optional({ callback_url: callbackUrl, block_processing: blockProcessing }),
};

const nullish = (shape: z.ZodRawShape) =>
  Object.fromEntries(Object.entries(shape).map(([key, value]) => [key, z.nullable(value).optional()]));

const body = (id: string, shape: z.ZodRawShape, example: object) =>
  z.looseObject(nullish({ ...shape, callback_headers: callbackHeaders })).meta({ id, examples: [example] });

const input = { document_ids: z.array(documentId).max(1000), tag, page_range: pageRange };
const entry = { callback_url: callbackUrl, callback_headers: callbackHeaders };
const applyEntry = z
  .looseObject({
    job_type: z.literal('apply_model'),
    model_id: modelId,
    ...nullish({ ...input, ...entry, format_type: formatType, model_params: freeParams('model') }),
  })
  .meta({ id: 'ApplyEntry' });
const transformEntry = z
  .looseObject({
    job_type: z.literal('transform'),
    output_type: outputType,
    ...nullish({
      ...input,
      ...entry,
      output_tag: ofTransform.output_tag,
      transform_params: freeParams('transformation'),
    }),
  })
  .meta({ id: 'TransformEntry' });
const rule = z
  .looseObject({
    conditions: conditions.nullable().optional(),
    jobs: z.array(z.discriminatedUnion('job_type', [applyEntry, transformEntry])).meta({
      description:
        'Run one after the other. An entry without documents takes what the one before made, the first one what the job before the conditional job made.',
    }),
  })
  .meta({ id: 'Rule' });

export const exampleRules = {
  invoices: {
    conditions: { category: 'invoice', accuracy: [{ $gte: 0.5 }] },
    jobs: [
      { job_type: 'transform', output_type: 'text', document_ids: [exampleIds.document] },
      { job_type: 'apply_model', model_id: exampleIds.model, model_params: { threshold: 0.5 } },
    ],
  },
};

const conditional = (one: z.ZodType, description: string) =>
  z.looseObject({
    rules: z.record(z.string(), one).meta({ description }),
    ...nullish({ callback_url: callbackUrl, block_processing: blockProcessing, callback_headers: callbackHeaders }),
  });

export const bodies = {
  apply: body(
    'ApplyBody',
    { ...ofApply, model_params: freeParams('model') },
    {
      format_type: 'classification',
      model_params: { threshold: 0.5 },
    },
  ),
  transform: body(
    'TransformBody',
    { ...ofTransform, transform_params: freeParams('transformation') },
    {
      output_tag: 'TEXT',
      transform_params: { use_google_vision: true },
    },
  ),
  train: body('TrainBody', { ...ofTrain, model_params: freeParams('training') }, { model_name: 'Invoices' }),
  conditional: conditional(rule, 'Rules by ids of your choice; several may match.').meta({
    id: 'ConditionalBody',
    examples: [{ rules: exampleRules }],
  }),
  dryRun: conditional(z.unknown(), 'As of a conditional job. A malformed rule is named in the answer.').meta({
    id: 'DryRunBody',
    examples: [{ rules: exampleRules }],
  }),
};
