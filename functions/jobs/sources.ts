// The parameters of a submission out of query and body: per key the body wins (contract §3.3). Every reader throws
// BadInput that names the key.
import { BadInput } from './bad-input.ts';
import { callbackHeadersOf } from './callback-target.ts';
import { booleanOf, integerOf, lastOf, textOf } from './inputs.ts';
import type { JsonObject } from './json-body.ts';
import { parsePageRange } from './page-range.ts';

/** Nulls of the body are gone: they count as absent. */
export type Sources = { query: URLSearchParams; body: JsonObject };

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

export const integer = ({ query, body }: Sources, key: string): number | undefined => {
  const value = body[key] ?? lastOf(query, key);
  if (value === undefined) return undefined;
  const isText = typeof value === 'string';
  if (isText ? key in body : typeof value !== 'number') throw new BadInput(key, 'an integer');
  return integerOf(key, String(value), { min: -MAX_INTEGER, max: MAX_INTEGER });
};

const MAX_INTEGER = 2_147_483_647;
const MAX_TEXTS = 100;

/** A list in a body, or a repeated key of a query. */
export const texts = (
  { query, body }: Sources,
  key: string,
  read: (field: string, value: string) => string,
): string[] | undefined => {
  const values = body[key] ?? (query.has(key) ? query.getAll(key) : undefined);
  if (values === undefined) return undefined;
  if (!Array.isArray(values) || values.length > MAX_TEXTS) throw new BadInput(key, `a list of at most ${MAX_TEXTS}`);
  return values.map((value) => read(key, typeof value === 'string' ? value : ''));
};

export const pageRangeOf = (field: string, value: string): string => {
  parsePageRange(textOf(field, value, 4096), field);
  return value;
};

/** Only a body can carry these. */
export const headers = (body: JsonObject): Record<string, string> | undefined =>
  body.callback_headers === undefined ? undefined : callbackHeadersOf('callback_headers', body.callback_headers);

export const without = <T>(absent: null | undefined, object: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== absent));
