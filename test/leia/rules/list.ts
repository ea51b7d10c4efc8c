import { badRequest, notFound } from './refusal.ts';

/** Default and greatest page (contract §8.21). */
export const maxLimit = 100;

export type Page<T> = { rows: T[]; first: number; total: number };

export type Paging = { offset: number; limit: number };

/** contract §8.21: a limit of nothing or less is refused, a larger one is cut. */
export const paging = (offset = 0, limit = maxLimit): Paging => {
  if (offset < 0) throw badRequest('offset: must not be negative');
  if (limit <= 0) throw badRequest('limit: must be positive');
  return { offset, limit: Math.min(limit, maxLimit) };
};

/** An empty page is a 404 (contract §2.3). */
export const pageOf = <T>(what: string, rows: T[], { offset, limit }: Paging): Page<T> => {
  const page = rows.slice(offset, offset + limit);
  if (page.length === 0) throw notFound(`No ${what} found`);
  return { rows: page, first: offset, total: rows.length };
};

/** `last` is exclusive (contract §2.3). */
export const contentRange = <T>({ rows, first, total }: Page<T>): string => `${first}-${first + rows.length}/${total}`;

type Sortable = string | number | string[] | null;

const compareDefined = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

const compareLists = (a: string[], b: string[]): number => {
  const different = a.findIndex((one, index) => one !== b[index]);
  if (different === -1) return a.length - b.length;
  return compareDefined(a[different] ?? '', b[different] ?? '');
};

/** Nulls first (contract §8.22). */
const compare = (a: Sortable, b: Sortable): number => {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (Array.isArray(a) || Array.isArray(b)) return compareLists([a].flat().map(String), [b].flat().map(String));
  return compareDefined(a, b);
};

type Row = { id: string; creation_time: number };

/** Sorts by a list such as `-creation_time,job_type`; ties by creation time, then id (contract §2.4). */
export const sorted = <T extends Row & Record<F, Sortable>, F extends string>(
  rows: T[],
  sort: string | undefined,
  fields: readonly F[],
): T[] => {
  const keys = (sort === undefined || sort === '' ? [] : sort.split(',')).map((key) => {
    const name = key.replace(/^-/, '');
    const field = fields.find((known) => known === name);
    if (!field) throw badRequest(`sort: "${name}" is not one of ${fields.join(', ')}`);
    return { field, direction: key.startsWith('-') ? -1 : 1 };
  });
  const order = (a: T, b: T): number => {
    for (const { field, direction } of keys) {
      const difference = compare(a[field], b[field]) * direction;
      if (difference !== 0) return difference;
    }
    return compareDefined(a.creation_time, b.creation_time) || compareDefined(a.id, b.id);
  };
  return [...rows].sort(order);
};

export type Created = { createdAfter?: number | undefined; createdBefore?: number | undefined };

/** Both bounds exclusive (contract §8.24). */
export const createdWithin = ({ creation_time }: Row, { createdAfter, createdBefore }: Created): boolean =>
  (createdAfter === undefined || creation_time > createdAfter) &&
  (createdBefore === undefined || creation_time < createdBefore);
