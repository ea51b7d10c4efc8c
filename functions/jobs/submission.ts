// From the many ways in which SDKs send a submission to one request (contract §3.1–3.5).
import { BadInput } from './bad-input.ts';
import { callbackUrlOf } from './callback-target.ts';
import { enumOf, idListOf, idOf, lastOf, modelIdOf, proseOf, textOf } from './inputs.ts';
import {
  checkKey,
  checkText,
  isObject,
  type Json,
  type JsonObject,
  jsonObjectInText,
  jsonObjectOf,
} from './json-body.ts';
import { formatTypes, JobRequest, outputTypes } from './request.ts';
import { flag, headers, integer, pageRangeOf, type Sources, text, texts, without } from './sources.ts';

export type SubmissionInput = {
  kind: JobRequest['kind'];
  /**
   * Decoded parameters of the path: `document_ids` with `model_id` or `output_type`, or `model_module` and
   * `documents_tag`; on an admin path `application_id`.
   */
  params: Record<string, string>;
  query: URLSearchParams;
  body: Uint8Array;
  maxDocumentIds: number;
};

/** `warnings`: what was ignored, for the log. */
export type Submission = { request: JobRequest; warnings: string[] };

/**
 * The request that a submission makes: per key the body wins over the query, nulls count as absent (contract §3.3).
 * @throws BadInput that names the field and what was expected.
 */
export const parseSubmission = (input: SubmissionInput): Submission => {
  const body = without(null, jsonObjectOf('body', input.body));
  for (const [key, value] of input.query) {
    checkKey('query', key);
    checkText(key, value);
  }
  const sources = { query: input.query, body };
  const execute_after_id = text(sources, 'execute_after_id', idOf);
  const parts = { ...readers[input.kind](input, sources), execute_after_id, ...commonOf(input, sources) };
  const request = JobRequest.parse(without(undefined, parts));
  checkTogether(request);
  return { request, warnings: warningsOf(sources, paramsKey[input.kind]) };
};

const paramsKey = { apply: 'model_params', transform: 'transform_params', train: 'model_params' } as const;
const commonKeys = ['execute_after_id', 'callback_url', 'callback_headers', 'block_processing'];
const declaredKeys = {
  apply: new Set([...commonKeys, 'page_range', 'tag', 'format_type', 'save_result', 'priority', 'model_params']),
  transform: new Set([...commonKeys, 'page_range', 'input_tag', 'output_tag', 'transform_params']),
  train: new Set([
    ...commonKeys,
    // As the path says; LEIA's TrainBody has them all the same.
    'model_module',
    'documents_tag',
    'model_name',
    'short_name',
    'description',
    'ttl',
    'allowed_application_ids',
    'allow_all_applications',
    'tags',
    'model_params',
  ]),
};

const applyOf = (input: SubmissionInput, sources: Sources) => ({
  kind: 'apply',
  ...onDocumentsOf(input, sources),
  model_id: modelIdOf('model_id', input.params.model_id ?? ''),
  tag: text(sources, 'tag', textOf),
  format_type: text(sources, 'format_type', (field, value) => enumOf(field, value, formatTypes)),
  save_result: flag(sources, 'save_result'),
  priority: integer(sources, 'priority'),
  model_params: freeParams(sources, 'apply'),
});

const transformOf = (input: SubmissionInput, sources: Sources) => ({
  kind: 'transform',
  ...onDocumentsOf(input, sources),
  output_type: enumOf('output_type', input.params.output_type ?? '', outputTypes),
  input_tag: text(sources, 'input_tag', textOf),
  output_tag: text(sources, 'output_tag', textOf),
  transform_params: freeParams(sources, 'transform'),
});

const trainOf = ({ params }: SubmissionInput, sources: Sources) => ({
  kind: 'train',
  model_module: modelIdOf('model_module', params.model_module ?? ''),
  documents_tag: textOf('documents_tag', params.documents_tag ?? ''),
  model_name: text(sources, 'model_name', textOf),
  short_name: text(sources, 'short_name', textOf),
  description: text(sources, 'description', proseOf),
  ttl: integer(sources, 'ttl'),
  allowed_application_ids: texts(sources, 'allowed_application_ids', idOf),
  allow_all_applications: flag(sources, 'allow_all_applications'),
  tags: texts(sources, 'tags', textOf),
  model_params: freeParams(sources, 'train'),
  document_ids: [],
  block_processing: false,
});

const readers = { apply: applyOf, transform: transformOf, train: trainOf };

const onDocumentsOf = ({ params, maxDocumentIds }: SubmissionInput, sources: Sources) => ({
  document_ids: idListOf('document_ids', params.document_ids ?? '', maxDocumentIds),
  page_range: text(sources, 'page_range', pageRangeOf),
  block_processing: flag(sources, 'block_processing') ?? false,
});

/** What every kind of submission may say, a conditional one too. */
export const commonOf = ({ params }: Pick<SubmissionInput, 'params'>, sources: Sources) => ({
  callback_url: text(sources, 'callback_url', callbackUrlOf),
  callback_headers: headers(sources.body),
  owner: params.application_id === undefined ? undefined : idOf('application_id', params.application_id),
});

/** `model_params` or `transform_params`; of the channels that carry them the later wins (contract §3.4). */
const freeParams = ({ query, body }: Sources, kind: JobRequest['kind']): JsonObject | undefined => {
  const key = paramsKey[kind];
  const undeclared = ([name]: [string, Json]) => !declaredKeys[kind].has(name);
  const inBody = body[key] ?? {};
  if (!isObject(inBody)) throw new BadInput(key, 'an object');
  const merged: JsonObject = {
    ...Object.fromEntries([...query].filter(undeclared)),
    ...jsonObjectInText(key, lastOf(query, key) ?? ''),
    // Java puts a stray `executeAfterId` into every body it makes of a builder (contract §0.7).
    ...Object.fromEntries(Object.entries(body).filter((entry) => undeclared(entry) && entry[0] !== 'executeAfterId')),
    ...inBody,
  };
  return Object.keys(merged).length > 0 ? merged : undefined;
};

const warningsOf = ({ query }: Sources, key: string): string[] => [
  ...(query.has(key) && !jsonObjectInText(key, lastOf(query, key) ?? '')
    ? [`query ${key} is not a JSON object and was ignored`]
    : []),
  ...(query.has('callback_headers') ? ['query callback_headers was ignored: only a body can carry it'] : []),
];

/** What no key tells alone (contract §3.5, §3.6). */
const checkTogether = (request: JobRequest): void => {
  if (request.kind === 'train') return;
  const [field, tag] = request.kind === 'apply' ? ['tag', request.tag] : ['input_tag', request.input_tag];
  if (tag !== undefined && request.document_ids.length > 1) {
    throw new BadInput(field ?? 'tag', 'exactly one document id beside a tag');
  }
  if (request.page_range !== undefined && tag === undefined && request.execute_after_id === undefined) {
    throw new BadInput('page_range', `execute_after_id or ${field} beside it`);
  }
};
