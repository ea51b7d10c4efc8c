// Conditions that no result can meet (issue: said in the explanation, accepted all the same). Sound, not complete: what
// is said never to hold never does, because a path leads to one value (see conditions.ts).
import { type Conditions, holds, type operators, order, type Test } from './conditions.ts';
import type { Json } from './json-body.ts';
import { shorten } from './shorten.ts';

/** Why no result can meet these conditions, as a sentence; undefined where one may. */
export const neverHolds = (conditions: Conditions): string | undefined => {
  for (const { field, tests } of conditions) {
    const why = clashOf(tests);
    if (why !== undefined) return `${shorten(field, 60)}: ${why}`;
  }
  return undefined;
};

const clashOf = (tests: Test[]): string | undefined =>
  emptyList(tests) ?? unordered(tests) ?? noneAllowed(tests) ?? emptyRange(tests);

const emptyList = (tests: Test[]): string | undefined => {
  const found = tests.find(
    ({ operator, expected }) => operator === '$in' && Array.isArray(expected) && expected.length === 0,
  );
  return found && '$in [] allows no value';
};

const isOrdering = ({ operator }: Test): boolean => ['$gt', '$gte', '$lt', '$lte'].includes(operator);

const unordered = (tests: Test[]): string | undefined => {
  const ordering = tests.filter(isOrdering);
  const odd = ordering.find(({ expected }) => order(expected, expected) === undefined);
  if (odd) return `nothing is ${shown(odd)}, as only numbers and texts have an order`;
  const [first, ...others] = ordering;
  const other = others.find(({ expected }) => typeof expected !== typeof first?.expected);
  return first && other && `no value is both ${shown(first)} and ${shown(other)}, as a number is no text`;
};

/** `$eq` and `$in` leave a few values; each of them must pass all tests. */
const noneAllowed = (tests: Test[]): string | undefined => {
  const naming = tests.find(({ operator }) => operator === '$eq') ?? tests.find(({ operator }) => operator === '$in');
  if (!naming) return undefined;
  const candidates = candidatesOf(naming);
  if (candidates.some((value) => tests.every((test) => holds(test, value)))) return undefined;
  const other = tests.find((test) => candidates.every((value) => !holds(test, value)));
  return other
    ? `no value is both ${shown(naming)} and ${shown(other)}`
    : `no value that is ${shown(naming)} passes all other tests`;
};

const candidatesOf = ({ operator, expected }: Test): Json[] =>
  operator === '$in' && Array.isArray(expected) ? expected : [expected];

/** The bounds of numbers or of texts; `unordered` has seen to it that they are of one kind. */
const emptyRange = (tests: Test[]): string | undefined => {
  const low = tightest(tests, ['$gt', '$gte'], 1);
  const high = tightest(tests, ['$lt', '$lte'], -1);
  if (high?.operator === '$lt' && high.expected === '') return 'no text is $lt ""';
  const gap = low && high && order(low.expected, high.expected);
  if (!low || !high || gap === undefined || gap < 0) return undefined;
  const both = `no value is both ${shown(low)} and ${shown(high)}`;
  // Bounds that meet leave at most the one value they share.
  if (gap > 0 || [low, high].some((test) => !holds(test, low.expected))) return both;
  const excluding = tests.find((test) => !holds(test, low.expected));
  return excluding && `${both} and ${shown(excluding)}`;
};

/** Of the bounds on one side the one that leaves least; of two alike the strict one. `side` is 1 for lower bounds. */
const tightest = (tests: Test[], [strict, loose]: (typeof operators)[number][], side: 1 | -1): Test | undefined =>
  tests
    .filter(({ operator }) => operator === strict || operator === loose)
    .reduce<Test | undefined>((best, test) => {
      const ordered = best ? (order(test.expected, best.expected) ?? 0) * side : 1;
      return ordered > 0 || (ordered === 0 && test.operator === strict) ? test : best;
    }, undefined);

const shown = ({ operator, expected }: Test): string => `${operator} ${shorten(JSON.stringify(expected), 60)}`;
