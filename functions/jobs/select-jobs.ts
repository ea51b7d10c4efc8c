// Which jobs a list shows, and in what order (contract §2.2, §2.4, §8 rows 21–25). Pure.
import type { JobRecord } from './job.ts';

export const sortFields = [
  'submitter_id',
  'application_id',
  'creation_time',
  'starting_time',
  'finished_time',
  'job_type',
  'model_id',
  'document_ids',
  'status',
  'parent_job_id',
] as const;
export type SortField = (typeof sortFields)[number];
export type SortKey = { field: SortField; descending: boolean };

/** What a list filters or sorts by, beside id and creation time. */
export type ListField = Exclude<SortField, 'creation_time'> | 'execute_after_id';

/** As much of a job as a list needs: id, creation time and the fields asked for. */
export type ListEntry = Pick<JobRecord, 'id' | 'creation_time'> & {
  readonly [K in ListField]?: JobRecord[K] | undefined;
};

/** All conditions hold together; ids are those by which the same job is known, ours and LEIA's. */
export type ListFilter = {
  job_id?: readonly string[];
  submitter_id?: string;
  application_id?: string;
  /** `predict-<model id>` is a predict job of that model (contract §3.10). */
  job_type?: string;
  model_id?: string;
  /** One of `document_ids`. */
  document_id?: string;
  execute_after_id?: readonly string[];
  parent_job_id?: readonly string[];
  status?: JobRecord['status'];
  /** Instants, exclusive. */
  created_after?: string;
  created_before?: string;
};

export type Selection = { filter: ListFilter; sort: readonly SortKey[] };

/** Ids of the jobs that match, in order. */
export const selectJobs = (entries: readonly ListEntry[], { filter, sort }: Selection): string[] =>
  entries
    .filter(matches(filter))
    .toSorted(inOrder(sort))
    .map(({ id }) => id);

/** The fields that a selection looks at. */
export const fieldsOf = ({ filter, sort }: Selection): ListField[] => {
  const { job_id: _id, created_after: _after, created_before: _before, document_id, job_type, ...plain } = filter;
  const fields = new Set<string>([
    ...Object.keys(plain),
    ...(document_id === undefined ? [] : ['document_ids']),
    ...(job_type === undefined ? [] : ['job_type', 'model_id']),
    ...sort.map(({ field }) => field),
  ]);
  return listFields.filter((field) => fields.has(field));
};

const listFields: readonly ListField[] = [
  ...sortFields.filter((field) => field !== 'creation_time'),
  'execute_after_id',
];

type Condition = (entry: ListEntry) => boolean;

export const matches = (filter: ListFilter): Condition => {
  const is = <T>(wanted: T | undefined, value: (entry: ListEntry) => unknown): Condition[] =>
    wanted === undefined ? [] : [(entry) => value(entry) === wanted];
  const isOf = (wanted: readonly string[] | undefined, value: (entry: ListEntry) => string | null | undefined) =>
    wanted === undefined ? [] : [(entry: ListEntry) => wanted.includes(value(entry) ?? '')];
  const { job_type, document_id, created_after, created_before } = filter;
  const conditions: Condition[] = [
    ...isOf(filter.job_id, ({ id }) => id),
    ...is(filter.submitter_id, ({ submitter_id }) => submitter_id),
    ...is(filter.application_id, ({ application_id }) => application_id),
    ...(job_type === undefined ? [] : [(entry: ListEntry) => isOfType(entry, job_type)]),
    ...is(filter.model_id, ({ model_id }) => model_id),
    ...(document_id === undefined
      ? []
      : [({ document_ids }: ListEntry) => document_ids?.includes(document_id) === true]),
    ...isOf(filter.execute_after_id, ({ execute_after_id }) => execute_after_id),
    ...isOf(filter.parent_job_id, ({ parent_job_id }) => parent_job_id),
    ...is(filter.status, ({ status }) => status),
    ...(created_after === undefined ? [] : [({ creation_time }: ListEntry) => creation_time > created_after]),
    ...(created_before === undefined ? [] : [({ creation_time }: ListEntry) => creation_time < created_before]),
  ];
  return (entry) => conditions.every((holds) => holds(entry));
};

const predict = 'predict';

/** LEIA may name a predict job by its queue, and so may who asks: neither must matter (contract §3.10). */
const isOfType = ({ job_type, model_id }: ListEntry, wanted: string): boolean => {
  if (job_type === wanted) return true;
  if (wanted === predict) return job_type?.startsWith(`${predict}-`) === true;
  return job_type === predict && model_id != null && wanted === `${predict}-${model_id}`;
};

type Value = string | readonly string[] | null;

/** Nulls first ascending; ties by creation time, then id, always ascending (contract §8 row 22). */
const inOrder = (sort: readonly SortKey[]) => {
  const keys = sort.map(({ field, descending }) => ({ field, sign: descending ? -1 : 1 }));
  return (a: ListEntry, b: ListEntry): number => {
    for (const { field, sign } of keys) {
      const order = compare(a[field] ?? null, b[field] ?? null) * sign;
      if (order !== 0) return order;
    }
    return compare(a.creation_time, b.creation_time) || compare(a.id, b.id);
  };
};

const compare = (a: Value, b: Value): number => {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'string' || typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const different = a.findIndex((one, place) => one !== b[place]);
  return different < 0 ? a.length - b.length : compare(a[different] ?? null, b[different] ?? null);
};
