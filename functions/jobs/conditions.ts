// Conditions of a rule: their grammar (contract §4.1) and whether a result meets them (contract §4.2).
//
// A path leads to one value, or to none: arrays are compared whole and entered by index only, as neither `dict[…]` nor
// list results are searched. Mongo would also look at each element; then `$gt 5` beside `$lt 3` could hold.
import * as z from 'zod';
import { BadInput } from './bad-input.ts';
import { checkContents, checkText, isObject, type Json } from './json-body.ts';
import { quoted } from './shorten.ts';

export const operators = ['$eq', '$gt', '$gte', '$in', '$lt', '$lte', '$ne', '$nin'] as const;

export const Test = z.object({ operator: z.enum(operators), expected: z.json() });
export type Test = z.infer<typeof Test>;

/** Fields in the caller's order, each with the tests that must all hold; a field without any holds, as in Java's `[{}]`. */
export const Conditions = z.array(z.object({ field: z.string(), tests: z.array(Test) }));
export type Conditions = z.infer<typeof Conditions>;

const MAX_FIELD = 256;

/**
 * The conditions of a rule out of any of their forms; none when `json` is absent. `where` says whose they are.
 * @throws BadInput that names the field, for unknown operators and for `$in` or `$nin` without an array.
 */
export const parseConditions = (where: string, json: Json | undefined): Conditions => {
  if (json === undefined || json === null) return [];
  if (!isObject(json)) throw new BadInput(where, 'an object of fields and their tests');
  return Object.entries(json).map(([field, test]) => ({ field, tests: testsOf(fieldIn(where, field), test) }));
};

const fieldIn = (where: string, field: string): string => {
  const at = `${where}[${quoted(field)}]`;
  checkText(at, field);
  if (field.length > MAX_FIELD) throw new BadInput(at, `a field or path of at most ${MAX_FIELD} characters`);
  // Mongo's `$or` and the like: taken for a field's name, such a rule would never match and nobody would know.
  if (field.startsWith('$')) throw new BadInput(at, 'the name of a field, and operators within it');
  return at;
};

/** An array is a list of tests, an object an operator map if it is empty or all its keys start with `$`. */
const testsOf = (where: string, json: Json): Test[] => {
  if (Array.isArray(json)) return json.flatMap((one) => testsOf(where, one));
  const isOperatorMap = isObject(json) && Object.keys(json).every((key) => key.startsWith('$'));
  if (!isOperatorMap) return [testOf(where, '$eq', json)];
  return Object.entries(json).map(([operator, expected]) => testOf(where, operator, expected));
};

const testOf = (where: string, name: string, expected: Json): Test => {
  const operator = operators.find((one) => one === name);
  if (operator === undefined) throw new BadInput(where, `operators among ${operators.join(', ')}`);
  const isList = operator === '$in' || operator === '$nin';
  if (isList && !Array.isArray(expected)) throw new BadInput(`${where}.${operator}`, 'an array');
  checkContents(`${where}.${operator}`, expected);
  return { operator, expected };
};

/** One test and what it met; `actual` is absent where the field is missing. */
export type Evaluated = Test & { field: string; actual?: Json; held: boolean };

/** `isObject`: whether the result has fields at all; where it has none, only a rule without conditions holds. */
export type Evaluation = { held: boolean; isObject: boolean; tests: Evaluated[] };

/** Whether a result, as JSON.parse gives it, meets all conditions, and each test on the way there. */
export const evaluate = (conditions: Conditions, result: Json | undefined): Evaluation => {
  const hasFields = isObject(result);
  const tests = conditions.flatMap(({ field, tests: ofField }) => {
    const actual = hasFields ? valueAt(result, field) : undefined;
    return ofField.map((test) => ({
      field,
      ...test,
      ...(actual === undefined ? {} : { actual }),
      held: hasFields && holds(test, actual),
    }));
  });
  return {
    held: conditions.length === 0 || (hasFields && tests.every(({ held }) => held)),
    isObject: hasFields,
    tests,
  };
};

/** The fields that conditions read. */
export const fieldsOf = (conditions: Conditions): string[] =>
  conditions.filter(({ tests }) => tests.length > 0).map(({ field }) => field);

/** The fields whose tests vanished on the way here, which therefore hold of any object. */
export const vacuousFieldsOf = (conditions: Conditions): string[] =>
  conditions.filter(({ tests }) => tests.length === 0).map(({ field }) => field);

/** A key that is the whole path comes before the path's steps; own keys only, as JSON has no others. */
const valueAt = (result: Json, path: string): Json | undefined => {
  let value: Json | undefined = result;
  let rest: string | undefined = path;
  while (rest !== undefined && value !== undefined) {
    const dot: number = isObject(value) && Object.hasOwn(value, rest) ? -1 : rest.indexOf('.');
    const step: string = dot < 0 ? rest : rest.slice(0, dot);
    value = memberOf(value, step);
    rest = dot < 0 ? undefined : rest.slice(dot + 1);
  }
  return value;
};

const memberOf = (value: Json, step: string): Json | undefined => {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d{0,9})$/.test(step) ? value[Number(step)] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
};

/** Whether one value, or a missing one, passes a test. A missing one passes only `$ne` and `$nin`. */
export const holds = ({ operator, expected }: Test, actual: Json | undefined): boolean => {
  switch (operator) {
    case '$eq':
      return isSame(actual, expected);
    case '$ne':
      return !isSame(actual, expected);
    case '$in':
      return isAmong(actual, expected);
    case '$nin':
      return !isAmong(actual, expected);
    default:
      return isOrdered(operator, order(actual, expected));
  }
};

const isAmong = (actual: Json | undefined, list: Json): boolean =>
  Array.isArray(list) && list.some((one) => isSame(actual, one));

/** Equality of JSON: types are strict, numbers are equal by value, the order of an object's keys means nothing. */
const isSame = (a: Json | undefined, b: Json): boolean => {
  if (a === undefined) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && b.every((item, index) => isSame(a[index], item));
  }
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(b);
  return (
    Object.keys(a).length === keys.length &&
    keys.every((key) => Object.hasOwn(a, key) && isSame(a[key], b[key] ?? null))
  );
};

/** Less than 0, 0 or more for two numbers or two strings; nothing else has an order. */
export const order = (a: Json | undefined, b: Json): number | undefined => {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a - b;
  return typeof a === 'string' && typeof b === 'string' ? orderOfText(a, b) : undefined;
};

/** By code point, as Mongo has it, while JavaScript's `<` compares halves of characters beyond U+FFFF. */
const orderOfText = (a: string, b: string): number => {
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const difference = rankOf(a.charCodeAt(at)) - rankOf(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
};

/** Code units in the order of the characters they belong to: surrogates behind all others. */
const rankOf = (unit: number): number => {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
};

const isOrdered = (operator: '$gt' | '$gte' | '$lt' | '$lte', ordered: number | undefined): boolean => {
  if (ordered === undefined) return false;
  if (operator === '$gt') return ordered > 0;
  if (operator === '$gte') return ordered >= 0;
  return operator === '$lt' ? ordered < 0 : ordered <= 0;
};
