// The query of `GET /job`: thirteen parameters in whatever form the SDKs send them (contract §2.1–2.4).
import { BadInput } from './bad-input.ts';
import { enumOf, idOf, integerOf, lastOf, modelIdOf } from './inputs.ts';
import { statuses } from './job.ts';
import { type ListFilter, type Selection, type SortKey, sortFields } from './select-jobs.ts';
import { toInstant, toInstantAfter } from './timestamp.ts';

export type Page = { offset: number; limit: number };
export type ListQuery = Selection & { page: Page };

/** contract §8 row 21: default and greatest page. */
export const MAX_LIMIT = 100;
/** contract §2.2. */
export const jobTypes = ['predict', 'pdf-images', 'image-text', 'transform'] as const;
const workerQueue = /^predict-(.*)$/s;

/**
 * The query, checked; of a parameter sent twice the last one counts, unknown ones are ignored (contract §1.5, §8 row 33).
 * `submitter_id` filters only for admins (contract §2.1).
 * @throws BadInput that names the parameter.
 */
export const listQueryOf = (query: URLSearchParams, { admin = false } = {}): ListQuery => {
  const given = <T>(name: string, read: (field: string, value: string) => T): T | undefined => {
    const value = lastOf(query, name);
    return value === undefined ? undefined : read(name, value);
  };
  const filter = {
    job_id: given('job_id', idsOf),
    ...(admin ? { submitter_id: given('submitter_id', idOf) } : {}),
    application_id: given('application_id', idOf),
    job_type: given('job_type', jobTypeOf),
    model_id: given('model_id', modelIdOf),
    document_id: given('document_id', idOf),
    execute_after_id: given('execute_after_id', idsOf),
    parent_job_id: given('parent_job_id', idsOf),
    status: given('status', (field, value) => enumOf(field, value, statuses)),
    created_after: given('created_after', dateOf(toInstant)),
    created_before: given('created_before', dateOf(toInstantAfter)),
  };
  return {
    filter: present(filter),
    sort: given('sort', sortOf) ?? [],
    page: {
      offset: given('offset', (field, value) => integerOf(field, value, { min: 0 })) ?? 0,
      limit: Math.min(MAX_LIMIT, given('limit', (field, value) => integerOf(field, value, { min: 1 })) ?? MAX_LIMIT),
    },
  };
};

const present = (filter: { [K in keyof ListFilter]: ListFilter[K] | undefined }): ListFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));

const idsOf = (field: string, value: string): string[] => [idOf(field, value)];

const jobTypeOf = (field: string, value: string): string => {
  const model = workerQueue.exec(value)?.[1];
  return model === undefined ? enumOf(field, value, jobTypes) : `predict-${modelIdOf(field, model)}`;
};

const dateOf =
  (read: (text: string) => string | undefined) =>
  (field: string, value: string): string => {
    const found = read(value);
    if (found === undefined) throw new BadInput(field, 'a time such as 2018-10-10T10:10:10, with or without an offset');
    return found;
  };

const sortOf = (field: string, value: string): SortKey[] => {
  const names = value.split(',', sortFields.length + 1);
  if (names.length > sortFields.length) throw new BadInput(field, `at most ${sortFields.length} names`);
  return names.map((name) => {
    const descending = name.startsWith('-');
    const wanted = sortFields.find((known) => known === (descending ? name.slice(1) : name));
    if (!wanted) throw new BadInput(field, `names of ${sortFields.join(', ')}, each with or without a leading -`);
    return { field: wanted, descending };
  });
};
