// Scalars and lists of paths and queries, as the SDKs send them (contract §0.5–0.6). Every function takes the field's
// name first, for the error, and throws BadInput.
import { BadInput } from './bad-input.ts';

/** A scalar query key: the last value wins (contract §1.5). */
export const lastOf = (query: URLSearchParams, key: string): string | undefined => query.getAll(key).at(-1);

/** One line of text: not empty, not over-long, without control characters. */
export const textOf = (field: string, value: string, maxLength = 255): string => {
  const fits = value.length > 0 && value.length <= maxLength && value.isWellFormed() && !controls.test(value);
  if (!fits) throw new BadInput(field, `1 to ${maxLength} characters, none of them a control character`);
  return value;
};

const controls = /\p{Cc}/u;

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
export const idOf = (field: string, value: string): string => {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(value)) throw new BadInput(field, 'an id of 1 to 64 letters, digits, `_` or `-`');
  return value;
};

/** A model's id or short name (contract §3.1). */
export const modelIdOf = (field: string, value: string): string => {
  const fits = /^[A-Za-z0-9._~-]{1,128}$/.test(value) && value !== '.' && value !== '..';
  if (!fits) throw new BadInput(field, 'an id or name of 1 to 128 letters, digits, `.`, `_`, `~` or `-`');
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
