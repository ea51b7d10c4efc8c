// From the many ways in which SDKs send a submission to one request (contract §3.1–3.5).
import { BadInput } from './bad-input.ts';
import { callbackHeadersOf, callbackUrlOf } from './callback-target.ts';
import { booleanOf, enumOf, idListOf, idOf, lastOf, modelIdOf, textOf } from './inputs.ts';
import {
  checkKey,
  checkText,
  isObject,
  type Json,
  type JsonObject,
  jsonObjectInText,
  jsonObjectOf,
} from './json-body.ts';
import { parsePageRange } from './page-range.ts';
import { formatTypes, JobRequest, outputTypes } from './request.ts';

export type SubmissionInput = {
  kind: JobRequest['kind'];
  /** Decoded parameters of the path: `document_ids`, and `model_id` or `output_type`. */
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
  const own = input.kind === 'apply' ? applyOf(input, sources) : transformOf(input, sources);
  const request = JobRequest.parse(without(undefined, { ...own, ...commonOf(input, sources) }));
  checkTogether(request);
  return { request, warnings: warningsOf(sources, paramsKey[input.kind]) };
};

export type Sources = { query: URLSearchParams; body: JsonObject };

const paramsKey = { apply: 'model_params', transform: 'transform_params' } as const;
const commonKeys = ['execute_after_id', 'page_range', 'callback_url', 'callback_headers', 'block_processing'];
const declaredKeys = {
  apply: new Set([...commonKeys, 'tag', 'format_type', 'save_result', 'model_params']),
  transform: new Set([...commonKeys, 'input_tag', 'output_tag', 'transform_params']),
};

const applyOf = ({ params }: SubmissionInput, sources: Sources) => ({
  kind: 'apply',
  model_id: modelIdOf('model_id', params.model_id ?? ''),
  tag: text(sources, 'tag', textOf),
  format_type: text(sources, 'format_type', (field, value) => enumOf(field, value, formatTypes)),
  save_result: flag(sources, 'save_result'),
  model_params: freeParams(sources, 'apply'),
});

const transformOf = ({ params }: SubmissionInput, sources: Sources) => ({
  kind: 'transform',
  output_type: enumOf('output_type', params.output_type ?? '', outputTypes),
  input_tag: text(sources, 'input_tag', textOf),
  output_tag: text(sources, 'output_tag', textOf),
  transform_params: freeParams(sources, 'transform'),
});

const commonOf = ({ params, maxDocumentIds }: SubmissionInput, sources: Sources) => ({
  document_ids: idListOf('document_ids', params.document_ids ?? '', maxDocumentIds),
  execute_after_id: text(sources, 'execute_after_id', idOf),
  page_range: text(sources, 'page_range', pageRangeOf),
  callback_url: text(sources, 'callback_url', callbackUrlOf),
  callback_headers: headers(sources.body),
  block_processing: flag(sources, 'block_processing') ?? false,
});

export const text = <T>(
  { query, body }: Sources,
  key: string,
  read: (field: string, value: string) => T,
): T | undefined => {
  const value = body[key] ?? lastOf(query, key);
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new BadInput(key, 'a string');
  return read(key, value);
};

export const flag = ({ query, body }: Sources, key: string): boolean | undefined => {
  const value = body[key] ?? lastOf(query, key);
  if (value === undefined || typeof value === 'boolean') return value;
  if (typeof value !== 'string' || key in body) throw new BadInput(key, '`true` or `false`');
  return booleanOf(key, value);
};

export const pageRangeOf = (field: string, value: string): string => {
  parsePageRange(textOf(field, value, 4096), field);
  return value;
};

/** Only a body can carry these. */
export const headers = (body: JsonObject): Record<string, string> | undefined =>
  body.callback_headers === undefined ? undefined : callbackHeadersOf('callback_headers', body.callback_headers);

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

export const without = <T>(absent: null | undefined, object: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== absent));

/** What no key tells alone (contract §3.5, §3.6). */
const checkTogether = (request: JobRequest): void => {
  const [field, tag] = request.kind === 'apply' ? ['tag', request.tag] : ['input_tag', request.input_tag];
  if (tag !== undefined && request.document_ids.length > 1) {
    throw new BadInput(field ?? 'tag', 'exactly one document id beside a tag');
  }
  if (request.page_range !== undefined && tag === undefined && request.execute_after_id === undefined) {
    throw new BadInput('page_range', `execute_after_id or ${field} beside it`);
  }
};
