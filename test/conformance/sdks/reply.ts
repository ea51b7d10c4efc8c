// A reply as an SDK gets it, and JSON as its decoders see it: an integer is no float (contract §0.10).

export type { RawReply as Reply } from '../../support/raw-request.ts';

/** What an SDK makes of a reply: a value, or an error of its own. */
export type Decoded = { ok: unknown } | { error: string };

/** What a call of an SDK expects in a reply. */
export type Kind = 'login' | 'application' | 'job' | 'jobs' | 'statuses' | 'document' | 'workers' | 'nothing';

/** JSON with its integers as bigint and its floats as number. @throws SyntaxError */
export const json = (text: string): unknown =>
  JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !/[.e]/i.test(context?.source ?? '') ? BigInt(value) : value,
  );

export type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws Error */
export const fieldsOf = (value: unknown, what: string): Fields => {
  if (!isFields(value)) throw new Error(`${what} is no object`);
  return value;
};

/** @throws Error */
export const listOf = (value: unknown, what: string): unknown[] => {
  if (!Array.isArray(value)) throw new Error(`${what} is no list`);
  return value;
};

/** A decoder that throws, as one that tells. */
export const attempt = (decode: () => unknown): Decoded => {
  try {
    return { ok: decode() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
};

/** The enums of contract §3.11 and §5: an unknown member is fatal in Java and Python. */
export const resultTypes = [
  'document',
  'list[document]',
  'object',
  'classification',
  'dict[object]',
  'dict[classification]',
  'model',
  'conditional',
];
export const statuses = [
  'BLOCKED',
  'WAITING',
  'READY',
  'STARTING',
  'LOADING_MODEL',
  'PROCESSING',
  'PROCESSED',
  'FAILED',
  'CANCELED',
];

/** @throws Error */
export const memberOf = (names: string[], value: unknown, what: string): string => {
  if (typeof value !== 'string' || !names.includes(value))
    throw new Error(`${what}: unexpected value ${String(value)}`);
  return value;
};
