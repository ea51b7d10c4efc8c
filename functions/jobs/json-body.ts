// JSON that a stranger sent: bounded in size and depth before it is parsed, free of keys and text that do harm later.
import { BadInput } from './bad-input.ts';

export type Json = string | number | boolean | null | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export const MAX_BODY_BYTES = 1_048_576;
const MAX_DEPTH = 64;
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A JSON object; no body at all is `{}` (contract §0.4). `anyNames` lets keys through that would do harm as keys later:
 * for bodies whose keys become values; what stays an object must still pass `checkContents`.
 */
export const jsonObjectOf = (field: string, bytes: Uint8Array, { anyNames = false } = {}): JsonObject => {
  if (bytes.byteLength > MAX_BODY_BYTES) throw new BadInput(field, `at most ${MAX_BODY_BYTES} bytes`);
  if (bytes.byteLength === 0) return {};
  const value = parsed(field, utf8(field, bytes));
  checkContents(field, value, anyNames ? checkText : checkKey);
  if (!isObject(value)) throw new BadInput(field, 'a JSON object');
  return value;
};

/** A JSON object out of a query; undefined for any other text, which some SDKs do send (contract §3.4). */
export const jsonObjectInText = (field: string, text: string): JsonObject | undefined => {
  if (!text.trimStart().startsWith('{')) return undefined;
  checkDepth(field, text);
  const value = attempt(text);
  if (value === undefined || !isObject(value)) return undefined;
  checkContents(field, value);
  return value;
};

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws BadInput for a key that would reach into an object's prototype, and for one that cannot be text. */
export const checkKey = (field: string, key: string): void => {
  if (refusedKeys.has(key)) throw new BadInput(field, 'no key `__proto__`, `constructor` or `prototype`');
  checkText(field, key);
};

/** @throws BadInput for NUL characters and for halves of characters, which no store keeps as they are. */
export const checkText = (field: string, text: string): void => {
  if (text.includes('\0') || !text.isWellFormed()) throw new BadInput(field, 'text without NUL or broken characters');
};

const utf8 = (field: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BadInput(field, 'UTF-8');
  }
};

const parsed = (field: string, text: string): Json => {
  checkDepth(field, text);
  const value = attempt(text);
  if (value === undefined) throw new BadInput(field, 'JSON');
  return value;
};

const attempt = (text: string): Json | undefined => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's message quotes the text
  }
};

/** Counts brackets outside strings in one pass: no recursion, no backtracking, whatever the input. */
const checkDepth = (field: string, text: string): void => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') inString = !inString;
    else if (inString) at += char === '\\' ? 1 : 0;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
    if (depth > MAX_DEPTH) throw new BadInput(field, `at most ${MAX_DEPTH} levels of nesting`);
  }
};

/** @throws BadInput for text, keys and numbers that do harm later. Recursion is bounded by `checkDepth`. */
export const checkContents = (field: string, value: Json, checkName = checkKey): void => {
  if (typeof value === 'string') checkText(field, value);
  else if (typeof value === 'number' && !Number.isFinite(value)) throw new BadInput(field, 'finite numbers');
  else if (Array.isArray(value)) for (const item of value) checkContents(field, item, checkName);
  else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      checkName(field, key);
      checkContents(field, item, checkName);
    }
  }
};
