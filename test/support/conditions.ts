// Documents and conditions that meet each other often enough to tell something.
import fc from 'fast-check';
import { type Conditions, operators, type Test } from '../../functions/jobs/conditions.ts';
import type { Json, JsonObject } from '../../functions/jobs/json-body.ts';

const atom: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(
  null,
  true,
  false,
  -1,
  -0,
  0,
  0.5,
  1,
  2,
  '',
  'A',
  'B',
  'a',
  '\uffff',
  '😀',
);
const key = fc.constantFrom('a', 'b', 'c', '0', 'a.b');

const tree = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: atom },
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
}));

/** Any JSON, small. */
export const aValue: fc.Arbitrary<Json> = tree.value;
/** A result with fields. */
export const aDocument: fc.Arbitrary<JsonObject> = tree.object;

const operand = (operator: Test['operator']): fc.Arbitrary<Json> => {
  if (operator === '$in' || operator === '$nin') return fc.array(fc.oneof(atom, aValue), { maxLength: 3 });
  return operator === '$eq' || operator === '$ne' ? fc.oneof(atom, aValue) : atom;
};

export const aTest: fc.Arbitrary<Test> = fc
  .constantFrom(...operators)
  .chain((operator) => operand(operator).map((expected) => ({ operator, expected })));

export const aField: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c') },
  fc.array(fc.constantFrom('a', 'b', '0', '1'), { minLength: 1, maxLength: 3 }).map((steps) => steps.join('.')),
);

export const someConditions: fc.Arbitrary<Conditions> = fc.uniqueArray(
  fc.record({ field: aField, tests: fc.array(aTest, { maxLength: 4 }) }),
  { maxLength: 3, selector: ({ field }) => field },
);
