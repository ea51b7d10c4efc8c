// The operations that make jobs (contract §3, §4.1), and their twins for admins.
import type { ZodOpenApiLinksObject } from 'zod-openapi';
import type { RouteKey } from '../../functions/runtime/routes.ts';
import { answers, leiaRefusal, refusals } from './answers.ts';
import { bodies, queries } from './bodies.ts';
import { documentIds, jobId, modelId, modelModule, outputType, ownerId, text } from './inputs.ts';
import { asAdmin, type Operation, once, taking } from './operation.ts';

const tags = ['submissions'];
const owner = { application_id: ownerId };

const made = '$response.body#/id';
const links: ZodOpenApiLinksObject = {
  get_job: { operationId: 'get_job', parameters: { job_id: made } },
  get_job_statuses: { operationId: 'get_job_statuses', parameters: { job_ids: made } },
  start_job: { operationId: 'start_job', parameters: { job_id: made } },
  cancel_job: { operationId: 'cancel_job', parameters: { job_id: made } },
  explain_job: { operationId: 'explain_job', parameters: { job_id: made } },
  create_conditional_job: { operationId: 'create_conditional_job', parameters: { execute_after_id: made } },
};

const responses = {
  200: answers.newJob(links),
  303: answers.elsewhere,
  ...refusals(400, 401, 403, 404, 409, 422, 503),
  ...leiaRefusal,
};
const recorded =
  'The job is recorded before LEIA hears of it: while LEIA is away it is accepted all the same, and sent later.';

const apply: Operation = {
  operationId: 'apply_model_async',
  tags,
  summary: 'Applies a model to documents.',
  description: recorded,
  ...taking({
    path: { model_id: modelId, document_ids: documentIds },
    query: queries.apply,
    header: once,
    body: bodies.apply,
  }),
  responses,
};
const transform: Operation = {
  operationId: 'transform_document_async',
  tags,
  summary: 'Transforms documents.',
  description: recorded,
  ...taking({
    path: { document_ids: documentIds, output_type: outputType },
    query: queries.transform,
    header: once,
    body: bodies.transform,
  }),
  responses,
};
const train: Operation = {
  operationId: 'train_model_async',
  tags,
  summary: 'Trains a model on the documents that have a tag.',
  description: recorded,
  ...taking({
    path: { model_module: modelModule, documents_tag: text('The tag of the documents.', 'mytag') },
    query: queries.train,
    header: once,
    body: bodies.train,
  }),
  responses,
};
const conditional: Operation = {
  operationId: 'create_conditional_job',
  tags,
  summary: 'Runs jobs by rules on the result of another job.',
  description: `${recorded} Its result has, for each rule that matched, what its entries came to.`,
  ...taking({
    path: { execute_after_id: jobId },
    query: queries.conditional,
    header: once,
    body: bodies.conditional,
  }),
  responses,
};

const twin = (operation: Operation): Operation => asAdmin({ operation, path: owner });

export const submissionOperations: Record<RouteKey<'submit-job'>, Operation> = {
  'POST /model/{model_id}/apply/{document_ids}': apply,
  'POST /document/{document_ids}/transform/{output_type}': transform,
  'POST /model/{model_module}/train/{documents_tag}': train,
  'POST /job/conditional/{execute_after_id}': conditional,
  'POST /admin/{application_id}/model/{model_id}/apply/{document_ids}': twin(apply),
  'POST /admin/{application_id}/document/{document_ids}/transform/{output_type}': twin(transform),
  'POST /admin/{application_id}/model/{model_module}/train/{documents_tag}': twin(train),
  'POST /admin/{application_id}/job/conditional/{execute_after_id}': twin(conditional),
};
