// One job entry of a rule (contract §4.3): the parameters of a call of its own, with inputs that may follow from the
// job before.
import { BadInput } from './bad-input.ts';
import { callbackUrlOf } from './callback-target.ts';
import { enumOf, idOf, modelIdOf, textOf } from './inputs.ts';
import { checkContents, isObject, type Json, type JsonObject } from './json-body.ts';
import { Entry, formatTypes, inputTagOf, outputTypes } from './request.ts';
import { flag, headers, integer, pageRangeOf, type Sources, text, without } from './sources.ts';

const kinds = { apply_model: 'apply', transform: 'transform' } as const;
const keywords = ['apply_model', 'transform'] as const;

/** What the caller calls the kind of an entry. */
export const keywordOf = ({ kind }: Entry): (typeof keywords)[number] => (kind === 'apply' ? 'apply_model' : kind);

/**
 * An entry out of its JSON; nulls count as absent, unknown keys are ignored, as are its own `execute_after_id` and
 * `block_processing`. `at` says where it stands.
 * @throws BadInput that names the entry and the field.
 */
export const entryOf = (at: string, json: Json, maxDocumentIds: number): Entry => {
  if (!isObject(json)) throw new BadInput(at, 'a job entry: an object');
  return within(at, () => {
    const sources = { query: new URLSearchParams(), body: without(null, json) };
    const entry = Entry.parse(without(undefined, { ...ownOf(sources), ...commonOf(sources, maxDocumentIds) }));
    return checkedTag(entry);
  });
};

/** Errors of a part, under the name that the part has in the whole. */
const within = <T>(at: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw error instanceof BadInput ? new BadInput(`${at}.${error.field}`, error.expected) : error;
  }
};

const ownOf = (sources: Sources) => {
  const kind = kinds[required(sources, 'job_type', (field, value) => enumOf(field, value, keywords))];
  return kind === 'apply'
    ? {
        kind,
        model_id: required(sources, 'model_id', modelIdOf),
        tag: tagOf(sources),
        format_type: text(sources, 'format_type', (field, value) => enumOf(field, value, formatTypes)),
        save_result: flag(sources, 'save_result'),
        priority: integer(sources, 'priority'),
        model_params: paramsOf(sources, 'model_params'),
      }
    : {
        kind,
        output_type: required(sources, 'output_type', (field, value) => enumOf(field, value, outputTypes)),
        input_tag: tagOf(sources),
        output_tag: text(sources, 'output_tag', textOf),
        transform_params: paramsOf(sources, 'transform_params'),
      };
};

const commonOf = (sources: Sources, maxDocumentIds: number) => ({
  document_ids: documentIdsOf(sources.body.document_ids ?? [], maxDocumentIds),
  page_range: text(sources, 'page_range', pageRangeOf),
  callback_url: text(sources, 'callback_url', callbackUrlOf),
  callback_headers: headers(sources.body),
});

/** A missing value fails the reader's own check, which says what was expected. */
const required = <T>(sources: Sources, key: string, read: (field: string, value: string) => T): T =>
  text(sources, key, read) ?? read(key, '');

/** The tag of the inputs: `tag` in entries of either kind, or what a transform of its own calls it. */
const tagOf = (sources: Sources): string | undefined => {
  const tag = text(sources, 'tag', textOf);
  const inputTag = text(sources, 'input_tag', textOf);
  if (tag !== undefined && inputTag !== undefined && tag !== inputTag) {
    throw new BadInput('input_tag', 'the same as tag, which means the same here');
  }
  return tag ?? inputTag;
};

const documentIdsOf = (json: Json, max: number): string[] => {
  if (!Array.isArray(json) || json.length > max) throw new BadInput('document_ids', `a list of at most ${max} ids`);
  return json.map((id, index) => idOf(`document_ids[${index}]`, typeof id === 'string' ? id : ''));
};

const paramsOf = ({ body }: Sources, key: string): JsonObject | undefined => {
  const params = body[key];
  if (params === undefined) return undefined;
  if (!isObject(params)) throw new BadInput(key, 'an object');
  checkContents(key, params);
  return Object.keys(params).length > 0 ? params : undefined;
};

const checkedTag = (entry: Entry): Entry => {
  if (inputTagOf(entry) !== undefined && entry.document_ids.length > 1) {
    throw new BadInput('document_ids', 'at most one document id beside a tag');
  }
  return entry;
};
