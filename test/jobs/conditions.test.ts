import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInput } from '../../functions/jobs/bad-input.ts';
import { evaluate, fieldsOf, parseConditions, vacuousFieldsOf } from '../../functions/jobs/conditions.ts';
import type { Json } from '../../functions/jobs/json-body.ts';
import vectors from '../vectors/conditions.json' with { type: 'json' };

const parse = (json: Json) => parseConditions('rules["r"].conditions', json);
const holds = (json: Json, result: Json) => evaluate(parse(json), result).held;

describe('the sample cases of the contract', () => {
  // The file's cases differ in shape; as JSON they are all alike.
  const cases: { conditions: Json; result: Json; expect: boolean | '400'; basis: string }[] = JSON.parse(
    JSON.stringify(vectors),
  );
  it.each(cases)('$basis: $conditions', ({ conditions, result, expect: expected }) => {
    if (expected === '400') expect(() => parse(conditions)).toThrow(BadInput);
    else expect(holds(conditions, result)).toBe(expected);
  });
  it('are all here', () => expect(cases).toHaveLength(23));
});

describe('the grammar of conditions', () => {
  it('takes absent, null and empty conditions as none', () => {
    for (const json of [undefined, null, {}]) expect(parseConditions('', json)).toEqual([]);
  });

  it('brings all forms of a test to one', () => {
    const equal = [{ operator: '$eq', expected: 'A' }];
    for (const test of ['A', { $eq: 'A' }, ['A'], [{ $eq: 'A' }], [['A']], [{}, 'A']]) {
      expect(parse({ a: test })).toEqual([{ field: 'a', tests: equal }]);
    }
  });

  it('takes several operators in one map as several tests', () => {
    const [both] = parse({ a: { $gte: 1, $lt: 2 } });
    expect(both?.tests.map(({ operator }) => operator)).toEqual(['$gte', '$lt']);
  });

  it('takes an object with any other key for a value', () => {
    for (const value of [{ a: 1 }, { $gt: 1, a: 2 }, { a: { $gt: 1 } }]) {
      expect(parse({ o: value })[0]?.tests).toEqual([{ operator: '$eq', expected: value }]);
    }
  });

  it('keeps a field whose tests vanished, as Java leaves it of a null operand', () => {
    const conditions = parse({ a: [{}], b: 1 });
    expect(vacuousFieldsOf(conditions)).toEqual(['a']);
    expect(fieldsOf(conditions)).toEqual(['b']);
  });

  it.each([
    [[1], 'rules["r"].conditions: expected an object of fields and their tests'],
    ['text', 'rules["r"].conditions: expected an object of fields and their tests'],
    [{ a: { $regex: 'x' } }, 'rules["r"].conditions["a"]: expected operators among $eq, $gt'],
    [{ a: [{ $gt: 1 }, { $exists: true }] }, 'rules["r"].conditions["a"]: expected operators among'],
    [{ a: { $in: 'A' } }, 'rules["r"].conditions["a"].$in: expected an array'],
    [{ 'a.b': [{ $nin: null }] }, 'rules["r"].conditions["a.b"].$nin: expected an array'],
    [{ $or: [{ a: 1 }] }, 'rules["r"].conditions["$or"]: expected the name of a field'],
    [{ ['f'.repeat(300)]: 1 }, 'expected a field or path of at most 256 characters'],
    [{ a: { $eq: JSON.parse('{"__proto__":1}') } }, 'rules["r"].conditions["a"].$eq: expected no key'],
  ])('refuses %j', (json, message) => {
    expect(() => parse(json)).toThrow(message);
  });
});

describe('a path', () => {
  const result = { a: { b: [{ c: 1 }, 2], 'x.y': 3 }, 'a.b': 4, '0': 5 };
  it.each<[string, Json, string]>([
    ['a.b.0.c', 1, 'steps into objects, and into arrays by index'],
    ['a.b.1', 2, 'ends at an element'],
    ['a.x.y', 3, 'ends at a key with a dot, if its object has that very key'],
    ['a.b', 4, 'is a whole key before it is steps'],
    ['0', 5, 'may look like a number'],
  ])('%s leads to %j: it %s', (path, value) => {
    expect(holds({ [path]: { $eq: value } }, result)).toBe(true);
  });

  it.each([
    'a.b.c',
    'a.b.-1',
    'a.b.01',
    'a.b.2',
    'a.b.length',
    'a.',
    '',
    '.a',
    'toString',
    'constructor',
    '__proto__',
    'a.__proto__',
  ])('%j leads nowhere here', (path) => {
    expect(
      evaluate([{ field: path, tests: [{ operator: '$ne', expected: 0 }] }], { a: { b: [{ c: 1 }] } }).tests,
    ).toEqual([{ field: path, operator: '$ne', expected: 0, held: true }]);
  });

  it('sees a key that only looks like the prototype', () => {
    const own = JSON.parse('{"__proto__":{"constructor":1}}');
    expect(evaluate([{ field: '__proto__.constructor', tests: [{ operator: '$eq', expected: 1 }] }], own).held).toBe(
      true,
    );
  });
});

describe('evaluation', () => {
  it('tells of each test what it met, also behind one that failed', () => {
    const evaluation = evaluate(parse({ category: 'B', accuracy: [{ $gte: 0.5 }, { $lt: 0.9 }], page: { $ne: 1 } }), {
      category: 'A',
      accuracy: 0.91,
    });
    expect(evaluation).toEqual({
      held: false,
      isObject: true,
      tests: [
        { field: 'category', operator: '$eq', expected: 'B', actual: 'A', held: false },
        { field: 'accuracy', operator: '$gte', expected: 0.5, actual: 0.91, held: true },
        { field: 'accuracy', operator: '$lt', expected: 0.9, actual: 0.91, held: false },
        { field: 'page', operator: '$ne', expected: 1, held: true },
      ],
    });
  });

  it('finds that of a result without fields only a rule without conditions holds', () => {
    for (const result of [undefined, null, 1, 'text', true, [], [{ a: 1 }]]) {
      expect(evaluate([], result).held).toBe(true);
      expect(evaluate(parse({ a: { $ne: 1 } }), result)).toMatchObject({ held: false, isObject: false });
      expect(evaluate(parse({ a: [{}] }), result).held).toBe(false);
    }
  });

  it('compares strictly by type, numbers by value, objects whatever the order of their keys', () => {
    const document = { one: 1, zero: 0, yes: true, nothing: null, list: [1, 2], map: { a: 1, b: [{}] } };
    expect(holds({ one: 1.0, zero: -0, map: { b: [{}], a: 1 }, list: { $eq: [1, 2] }, nothing: null }, document)).toBe(
      true,
    );
    for (const wrong of [
      { one: true },
      { one: '1' },
      { yes: 1 },
      { nothing: 0 },
      { map: { a: 1 } },
      { list: { $eq: [2, 1] } },
    ]) {
      expect(holds(wrong, document)).toBe(false);
    }
  });

  it('orders numbers and texts only, each among themselves', () => {
    const unordered: Json[] = [null, true, [5], { a: 5 }, '5'];
    for (const operator of ['$gt', '$gte', '$lt', '$lte']) {
      for (const one of unordered) {
        expect(holds({ a: { [operator]: 5 } }, { a: one })).toBe(false);
        expect(holds({ a: { [operator]: one } }, { a: 5 })).toBe(false);
      }
    }
    expect(holds({ a: { $gt: true } }, { a: true })).toBe(false);
  });

  it('orders texts by code point', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\ud7ff', '\ue000', '\uffff', '😀', '𝒳'), maxLength: 4 });
    const points = (one: string) => Array.from(one, (character) => character.codePointAt(0) ?? 0);
    const isLess = (a: number[], b: number[]): boolean => {
      const at = a.findIndex((point, index) => point !== b[index]);
      return at < 0 ? a.length < b.length : at < b.length && (a[at] ?? 0) < (b[at] ?? 0);
    };
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(holds({ t: { $lt: b } }, { t: a })).toBe(isLess(points(a), points(b)));
        expect(holds({ t: { $gte: b } }, { t: a })).toBe(!isLess(points(a), points(b)));
      }),
    );
  });

  it('of a very deep result goes no deeper than the conditions', () => {
    const deep: Json = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    expect(holds({ a: { a: { b: 1 } } }, deep)).toBe(false);
    expect(holds({ 'a.a.a': 1 }, deep)).toBe(false);
  });
});
