// Scalars and lists of paths and queries, as the SDKs send them (contract §0.5–0.6). Every function takes the field's
// name first, for the error, and throws BadInput. The schemas say the same to readers of the API's description.
import * as z from 'zod';
import { BadInput } from './bad-input.ts';

/** A scalar query key: the last value wins (contract §1.5). */
export const lastOf = (query: URLSearchParams, key: string): string | undefined => query.getAll(key).at(-1);

/** One line of text: not empty, not over-long, without control characters. */
export const line = (maxLength = 255) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^\P{Cc}*$/u)
    .refine((text) => text.isWellFormed());
const Line = line();

export const textOf = (field: string, value: string, maxLength = 255): string => {
  const { success } = (maxLength === 255 ? Line : line(maxLength)).safeParse(value);
  if (!success) throw new BadInput(field, `1 to ${maxLength} characters, none of them a control character`);
  return value;
};

const MAX_PROSE = 4096;
/** Text of any number of lines, or none. */
export const Prose = z.string().max(MAX_PROSE);

export const proseOf = (field: string, value: string): string => {
  if (!Prose.safeParse(value).success) throw new BadInput(field, `at most ${MAX_PROSE} characters`);
  return value;
};

/** Java sends `true`, Python `True`. */
export const booleanOf = (field: string, value: string): boolean => {
  const lower = value.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw new BadInput(field, '`true` or `false`');
  return lower === 'true';
};

export const integerOf = (field: string, value: string, range: { min: number; max?: number }): number => {
  const { min, max = Number.MAX_SAFE_INTEGER } = range;
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new BadInput(field, `an integer from ${min}${range.max === undefined ? '' : ` to ${max}`}`);
};

/**
 * One of `allowed`, or the text that Python makes of an enum's member: `JobTypes.PDF_IMAGES` is `pdf-images`,
 * `Statuses.PROCESSED` is `PROCESSED`.
 */
export const enumOf = <T extends string>(field: string, value: string, allowed: readonly T[]): T => {
  const member = /^\w+\.(?<member>\w+)$/.exec(value)?.groups?.member;
  const found = allowed.find((one) => one === value || one === member || memberName(one) === member);
  if (found === undefined) throw new BadInput(field, `one of ${allowed.join(', ')}`);
  return found;
};

const memberName = (value: string): string => value.toUpperCase().replaceAll('-', '_');

/** The id of a document or of a job. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

export const idOf = (field: string, value: string): string => {
  if (!Id.safeParse(value).success) throw new BadInput(field, 'an id of 1 to 64 letters, digits, `_` or `-`');
  return value;
};

/** A model's id or short name (contract §3.1). */
export const ModelName = z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/);

export const modelIdOf = (field: string, value: string): string => {
  if (!ModelName.safeParse(value).success)
    throw new BadInput(field, 'an id or name of 1 to 128 letters, digits, `.`, `_`, `~` or `-`');
  return value;
};

/** A list of ids in a path, split after decoding (contract §0.5). Order and duplicates mean something: they are kept. */
export const idListOf = (field: string, value: string, max: number): string[] => {
  const ids = value.split(',', max + 1);
  if (ids.length > max) throw new BadInput(field, `at most ${max} ids`);
  return ids.map((id) => idOf(field, id));
};

/** The header Idempotency-Key, if any (D1). */
export const idempotencyKeyOf = (headers: Record<string, string>): string | undefined => {
  const key = headers['idempotency-key'];
  if (key !== undefined && !/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new BadInput('Idempotency-Key', '1 to 255 printable ASCII characters');
  }
  return key;
};
