import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Conditions, evaluate, parseConditions } from '../../functions/jobs/conditions.ts';
import type { Json } from '../../functions/jobs/json-body.ts';
import { neverHolds } from '../../functions/jobs/never-holds.ts';
import { aTest, aValue, someConditions } from '../support/conditions.ts';

const why = (json: Json) => neverHolds(parseConditions('', json));

describe('conditions that no result can meet', () => {
  it.each<[Json, string]>([
    [{ a: [{ $gt: 5 }, { $lt: 3 }] }, 'a: no value is both $gt 5 and $lt 3'],
    [{ a: { $gt: 5, $lt: 5 } }, 'a: no value is both $gt 5 and $lt 5'],
    [{ a: { $gte: 5, $lt: 5 } }, 'a: no value is both $gte 5 and $lt 5'],
    [{ a: { $gte: 1, $gt: 5, $lte: 9, $lt: 2 } }, 'a: no value is both $gt 5 and $lt 2'],
    [{ a: { $gte: 5, $lte: 5, $ne: 5 } }, 'a: no value is both $gte 5 and $lte 5 and $ne 5'],
    [{ a: { $gte: 'x', $lte: 'b' } }, 'a: no value is both $gte "x" and $lte "b"'],
    [{ a: { $in: [] } }, 'a: $in [] allows no value'],
    [{ a: [1, 2] }, 'a: no value is both $eq 1 and $eq 2'],
    [{ a: { $eq: 1, $nin: [0, 1] } }, 'a: no value is both $eq 1 and $nin [0,1]'],
    [{ a: { $in: [1, 2], $ne: 1, $lt: 2 } }, 'a: no value that is $in [1,2] passes all other tests'],
    [{ a: { $gt: 5, $lt: 'x' } }, 'a: no value is both $gt 5 and $lt "x", as a number is no text'],
    [{ a: { $gt: true } }, 'a: nothing is $gt true, as only numbers and texts have an order'],
    [{ a: { $lt: '' } }, 'a: no text is $lt ""'],
    [{ ok: 1, b: { $eq: null, $gt: 0 } }, 'b: no value is both $eq null and $gt 0'],
  ])('%j', (json, sentence) => {
    expect(why(json)).toBe(sentence);
  });

  it('are not those that some result meets', () => {
    for (const json of [
      {},
      { a: {} },
      { a: { $gte: 5, $lte: 5 } },
      { a: { $ne: 1, $nin: [1, 2] } },
      { a: { $in: [1, 2], $gt: 1 } },
    ]) {
      expect(why(json)).toBeUndefined();
    }
  });

  it('keep their sentence short', () => {
    expect(why({ a: [{ $eq: 'x'.repeat(10_000) }, { $eq: 1 }] })?.length).toBeLessThan(200);
  });
});

/** The best chance to meet conditions: what they name themselves, and the missing field. */
const namedBy = (conditions: Conditions): (Json | undefined)[] => [
  undefined,
  ...conditions.flatMap(({ tests }) =>
    tests.flatMap(({ expected }) => [expected, ...(Array.isArray(expected) ? expected : [])]),
  ),
];

describe('what is said never to hold', () => {
  it('never does, whatever the result', () => {
    fc.assert(
      fc.property(fc.array(aTest, { minLength: 1, maxLength: 4 }), aValue, (tests, value) => {
        const conditions = [{ field: 'f', tests }];
        fc.pre(neverHolds(conditions) !== undefined);
        for (const one of [value, ...namedBy(conditions)]) {
          expect(evaluate(conditions, one === undefined ? {} : { f: one }).held).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is said of the whole when it is said of a part', () => {
    fc.assert(
      fc.property(someConditions, (conditions) => {
        const parts = conditions.map((one) => neverHolds([one])).filter((one) => one !== undefined);
        expect(neverHolds(conditions)).toBe(parts[0]);
      }),
    );
  });

  it('is all there is, of tests for equality, bounds and lists over numbers', () => {
    const number = fc.integer({ min: 0, max: 4 });
    const test = fc.oneof(
      fc.record({ operator: fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), expected: number }),
      fc.record({ operator: fc.constantFrom('$in', '$nin'), expected: fc.array(number, { maxLength: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(test, { maxLength: 5 }), (tests) => {
        const conditions = parseConditions('', {
          f: tests.map(({ operator, expected }) => ({ [operator]: expected })),
        });
        const tried = [undefined, -1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5];
        const met = tried.some((value) => evaluate(conditions, value === undefined ? {} : { f: value }).held);
        expect(neverHolds(conditions) === undefined).toBe(met);
      }),
      { numRuns: 2000 },
    );
  });
});
