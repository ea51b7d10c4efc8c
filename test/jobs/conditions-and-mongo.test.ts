// Our conditions beside a Mongo query library (mingo) over generated documents: the same answers, but for the
// differences listed here, each wanted by the contract.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Query } from 'mingo';
import { describe, expect, it } from 'vitest';
import { evaluate, type Test } from '../../functions/jobs/conditions.ts';
import { isObject, type Json, type JsonObject } from '../../functions/jobs/json-body.ts';
import { aDocument, aField, aTest, someConditions } from '../support/conditions.ts';

type Case = { field: string; test: Test; document: JsonObject };

const ours = ({ field, test, document }: Case): boolean => evaluate([{ field, tests: [test] }], document).held;
const mongos = ({ field, test, document }: Case): boolean =>
  new Query({ [field]: { [test.operator]: test.expected } }).test(document);

/** The values that a path meets, the document first, as long as each step is a key or an index. */
const visited = (document: Json, field: string): Json[] => {
  const met: Json[] = [document];
  for (const step of field.split('.')) {
    const at = met.at(-1);
    const next = Array.isArray(at)
      ? /^\d+$/.test(step)
        ? at[Number(step)]
        : undefined
      : isObject(at)
        ? at[step]
        : undefined;
    if (next === undefined) break;
    met.push(next);
  }
  return met;
};
/** The arrays on the way of a path that has further steps. */
const entered = (document: Json, field: string): Json[][] =>
  visited(document, field)
    .slice(0, field.split('.').length)
    .filter((one) => Array.isArray(one));
const hasParts = (array: Json[]): boolean => array.some((element) => typeof element === 'object' && element !== null);
const isMissing = ({ field, document }: Case): boolean => visited(document, field).length <= field.split('.').length;
const isOrdering = ({ operator }: Test): boolean => ['$gt', '$gte', '$lt', '$lte'].includes(operator);
const texts = ({ test, field, document }: Case): Json[] =>
  [test.expected, ...visited(document, field)].filter((one) => typeof one === 'string');

const differences: { why: string; appliesTo: (one: Case) => boolean; examples: (Case & { here: boolean })[] }[] = [
  {
    why: 'contract §4.2: a missing field satisfies $ne and $nin only; to Mongo it equals null',
    appliesTo: (one) => isMissing(one) && [one.test.expected].flat().includes(null),
    examples: [
      { field: 'a', test: { operator: '$eq', expected: null }, document: {}, here: false },
      { field: 'a', test: { operator: '$in', expected: [null] }, document: {}, here: false },
      { field: 'a', test: { operator: '$ne', expected: null }, document: {}, here: true },
      { field: 'a', test: { operator: '$nin', expected: [null] }, document: {}, here: true },
    ],
  },
  {
    why: 'contract §4.2: only numbers and texts have an order; Mongo also orders booleans, nulls, arrays and objects',
    appliesTo: ({ test }) => isOrdering(test) && typeof test.expected !== 'number' && typeof test.expected !== 'string',
    examples: [
      { field: 'a', test: { operator: '$gt', expected: false }, document: { a: true }, here: false },
      { field: 'a', test: { operator: '$lte', expected: null }, document: { a: null }, here: false },
    ],
  },
  {
    why: 'results are not searched (contract vectors): an array is compared whole, where Mongo also tries each element, so that $gt 5 and $lt 3 could both hold',
    appliesTo: (one) => !isMissing(one) && Array.isArray(visited(one.document, one.field).at(-1)),
    examples: [
      { field: 'a', test: { operator: '$eq', expected: 1 }, document: { a: [1, 2] }, here: false },
      { field: 'a', test: { operator: '$gt', expected: 1 }, document: { a: [1, 2] }, here: false },
      { field: 'a', test: { operator: '$ne', expected: 1 }, document: { a: [1, 2] }, here: true },
    ],
  },
  {
    why: 'likewise a path enters an array by index only, where Mongo also enters each element',
    appliesTo: ({ field, document }) => entered(document, field).some(hasParts),
    examples: [{ field: 'a.b', test: { operator: '$eq', expected: 1 }, document: { a: [{ b: 1 }] }, here: false }],
  },
  {
    why: 'a path that goes on behind an array finds nothing, as in Mongo itself; mingo finds an empty array there',
    appliesTo: (one) =>
      isMissing(one) && entered(one.document, one.field).length > 0 && isDeepStrictEqual(one.test.expected, []),
    examples: [
      { field: 'a.b', test: { operator: '$eq', expected: [] }, document: { a: [] }, here: false },
      { field: 'a.b', test: { operator: '$eq', expected: [] }, document: { a: [1] }, here: false },
      { field: 'a.b', test: { operator: '$ne', expected: [] }, document: { a: [] }, here: true },
    ],
  },
  {
    why: 'conditions look at fields (contract §4.2), so a key with dots is found by its name; Mongo cannot name it',
    appliesTo: ({ field, document }) =>
      visited(document, field).some(
        (one) => isObject(one) && Object.keys(one).some((key) => key.includes('.') && field.endsWith(key)),
      ),
    examples: [{ field: 'a.b', test: { operator: '$eq', expected: 1 }, document: { 'a.b': 1 }, here: true }],
  },
  {
    why: 'texts are ordered by code point, as in Mongo itself; mingo takes JavaScript’s order of half characters',
    appliesTo: (one) => isOrdering(one.test) && texts(one).includes('😀') && texts(one).includes('\uffff'),
    examples: [{ field: 'a', test: { operator: '$gt', expected: '\uffff' }, document: { a: '😀' }, here: true }],
  },
];

describe('a condition beside Mongo', () => {
  it.each(differences)('differs, as $why', ({ appliesTo, examples }) => {
    for (const { here, ...one } of examples) {
      expect({ ...one, applies: appliesTo(one), here: ours(one), mongo: mongos(one) }).toEqual({
        ...one,
        applies: true,
        here,
        mongo: !here,
      });
    }
  });

  it('enters an array by index alike', () => {
    for (const [field, expected] of [
      ['a.1', 2],
      ['a.0.b', 1],
      ['a.2', 1],
    ] as const) {
      const one: Case = { field, test: { operator: '$eq', expected }, document: { a: [{ b: 1 }, 2] } };
      expect(ours(one)).toBe(mongos(one));
    }
  });

  it('is the same in all else', () => {
    let compared = 0;
    fc.assert(
      fc.property(aField, aTest, aDocument, (field, test, document) => {
        const one = { field, test, document };
        if (differences.some(({ appliesTo }) => appliesTo(one))) return;
        compared += 1;
        expect(ours(one)).toBe(mongos(one));
      }),
      { numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(1500);
  });

  it('joins others as in Mongo: all must hold', () => {
    fc.assert(
      fc.property(someConditions, aDocument, (conditions, document) => {
        const cases = conditions.flatMap(({ field, tests }) => tests.map((test) => ({ field, test, document })));
        if (cases.some((one) => differences.some(({ appliesTo }) => appliesTo(one)))) return;
        const all = new Query({
          $and: cases.map(({ field, test }) => ({ [field]: { [test.operator]: test.expected } })),
        });
        expect(evaluate(conditions, document).held).toBe(all.test(document));
      }),
      { numRuns: 1000 },
    );
  });
});
