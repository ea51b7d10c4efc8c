import * as z from 'zod';
import { parseDate } from '../rules/dates.ts';
import type { Paging } from '../rules/list.ts';
import { paging } from '../rules/list.ts';
import { enumValue } from '../rules/parameters.ts';
import { badRequest } from '../rules/refusal.ts';
import type { LeiaContext } from './leia.ts';

/** The query of a request. A raw `+` is a space, as in a form (contract §3.4). */
export const queryOf = (c: LeiaContext): URLSearchParams => new URL(c.req.url).searchParams;

/** A scalar key; sent twice, its last value counts (contract §1.5). */
export const scalar = (query: URLSearchParams, name: string): string | undefined => query.getAll(name).at(-1);

export const integer = (query: URLSearchParams, name: string): number | undefined => {
  const text = scalar(query, name);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`${name}: "${text}" is not an integer`);
  return Number(text);
};

const date = (query: URLSearchParams, name: string): number | undefined => {
  const text = scalar(query, name);
  return text === undefined ? undefined : parseDate(name, text);
};

export const oneOf = (query: URLSearchParams, name: string, allowed: readonly string[]): string | undefined => {
  const text = scalar(query, name);
  if (text === undefined) return undefined;
  const value = enumValue(text, allowed);
  if (value === undefined) throw badRequest(`${name}: "${text}" is not one of ${allowed.join(', ')}`);
  return value;
};

export const pagingOf = (query: URLSearchParams): Paging => paging(integer(query, 'offset'), integer(query, 'limit'));

/** The two date bounds that every list takes. */
export const createdOf = (query: URLSearchParams) => ({
  createdAfter: date(query, 'created_after'),
  createdBefore: date(query, 'created_before'),
});

/** A JSON body that must be an object; an empty one, or null, equals `{}` (contract §0.4). */
export const objectBody = async (c: LeiaContext): Promise<Record<string, unknown>> => {
  const text = await c.req.text();
  if (text.trim() === '') return {};
  try {
    const parsed = z.record(z.string(), z.unknown()).nullable().safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data ?? {};
  } catch {
    // Said below in one way for text that is no JSON and JSON that is no object.
  }
  throw badRequest('The request body must be a JSON object');
};
