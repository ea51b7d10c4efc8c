// Random chains: what a caller asks for, and how each entry is going to end.
import fc from 'fast-check';
import { parseConditional } from '../../../functions/jobs/conditional-request.ts';
import type { Json, JsonObject } from '../../../functions/jobs/json-body.ts';
import type { ConditionalRequest } from '../../../functions/jobs/request.ts';
import { DOCUMENT, id, MODEL } from '../jobs.ts';

export const TRIGGER = id(1);
/** Stands in every rule, result and reason: what must not be seen of them is found by it. */
export const MARK = '§';

export type Atom = number | string | boolean | null;
export type Test = [operator: (typeof operators)[number], operand: Atom | Atom[]];
export type Condition = { field: string; tests: Test[]; form: 'bare' | 'map' | 'list' };

/** `refused`: by LEIA, when it is sent; `silent`: it never ends by itself; `late`: not before its step has timed out. */
export type Ending = 'PROCESSED' | 'FAILED' | 'CANCELED' | 'refused' | 'silent' | 'late';
/** A call of run-chain fails after so many steps of its work, or after all of them; then it is made again. */
export type Stumble = number | 'after';
export type EntryPlan = {
  asks: 'text' | 'image' | 'classification';
  /** None: they follow from the job before. */
  documents: string[];
  ending: Ending;
  http_code: 400 | 500;
  stumbles: Stumble[];
};
export type RulePlan = { id: string; conditions: Condition[]; entries: EntryPlan[] };
export type Plan = {
  trigger: { ending: 'PROCESSED' | 'FAILED' | 'CANCELED'; made: 'object' | 'document' | 'pages'; fields: JsonObject };
  rules: RulePlan[];
  evaluate: Stumble[];
  giveUp: Stumble[];
  complete: Stumble[];
  /** From outside, once so many things have happened. */
  interruption?: { kind: 'cancelled' | 'ABORTED' | 'TIMED_OUT'; after: number };
};

const operators = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin'] as const;
const fields = ['a', 'b', 'n.a'];

const atom = fc.constantFrom<Atom[]>(0, 1, 2, `x${MARK}`, `y${MARK}`, true, null);
const test: fc.Arbitrary<Test> = fc
  .constantFrom(...operators)
  .chain((operator) =>
    (operator === '$in' || operator === '$nin' ? fc.array(atom, { maxLength: 3 }) : atom).map(
      (operand): Test => [operator, operand],
    ),
  );
const condition: fc.Arbitrary<Condition> = fc.record({
  field: fc.constantFrom(...fields),
  tests: fc.uniqueArray(test, { maxLength: 2, selector: ([operator]) => operator }),
  form: fc.constantFrom('bare', 'map', 'list'),
});

const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3 * others.length, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
const stumbles = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Stumble[]>([]) },
  fc.array(fc.oneof(fc.constant<Stumble>('after'), fc.nat(9)), { minLength: 1, maxLength: 2 }),
);
const entry: fc.Arbitrary<EntryPlan> = fc.record({
  asks: fc.constantFrom('text', 'image', 'classification'),
  documents: mostly<string[]>([], [DOCUMENT], [id(0xd1), id(0xd2)]),
  ending: mostly<Ending>('PROCESSED', 'FAILED', 'CANCELED', 'refused', 'silent', 'late'),
  http_code: fc.constantFrom(400, 500),
  stumbles,
});
const ruleId = fc.oneof(
  fc.string({ maxLength: 3 }).map((text) => `${text.replaceAll('\0', '')}${MARK}`),
  fc.constantFrom('__proto__', '1', '0', `r "1"\\${MARK}`, `é😀${MARK}`),
);
const rule: fc.Arbitrary<RulePlan> = fc.record({
  id: ruleId,
  conditions: fc.uniqueArray(condition, { maxLength: 2, selector: ({ field }) => field }),
  entries: fc.array(entry, { maxLength: 4 }),
});
const trigger: fc.Arbitrary<Plan['trigger']> = fc.record({
  ending: fc.oneof(
    { weight: 19, arbitrary: fc.constant('PROCESSED' as const) },
    fc.constantFrom('FAILED' as const, 'CANCELED' as const),
  ),
  made: mostly<Plan['trigger']['made']>('object', 'document', 'pages'),
  fields: fc
    .dictionary(fc.constantFrom(...fields), atom, { noNullPrototype: true })
    .map(({ 'n.a': nested, ...own }): JsonObject => (nested === undefined ? own : { ...own, n: { a: nested } })),
});
const plan = {
  trigger,
  rules: fc.uniqueArray(rule, { maxLength: 5, selector: (one) => one.id }),
  evaluate: stumbles,
  giveUp: stumbles,
  complete: stumbles,
};
const interruption = fc.record({
  kind: fc.constantFrom('cancelled' as const, 'ABORTED' as const, 'TIMED_OUT' as const),
  after: fc.nat(40),
});

const readable = (one: Plan): Plan => Object.assign(one, { [fc.toStringMethod]: () => written(one) });

export const aPlan: fc.Arbitrary<Plan> = fc.record(plan).map(readable);
export const anInterruptedPlan: fc.Arbitrary<Plan> = fc.record({ ...plan, interruption }).map(readable);

/** A plan as it stands in a report of a failure. */
const written = ({
  trigger: { ending, made, fields: found },
  rules,
  evaluate,
  giveUp,
  complete,
  interruption: cut,
}: Plan): string =>
  [
    `\n  after a job that is ${ending} with ${made} ${JSON.stringify(found)}`,
    ...rules.map(
      (one) =>
        `rule ${JSON.stringify(one.id)}: ${JSON.stringify(conditionsOf(one))}${one.entries.map(writtenEntry).join('')}`,
    ),
    `evaluate stumbles [${evaluate}], giving up [${giveUp}], complete [${complete}]${cut ? `; ${cut.kind} after ${cut.after}` : ''}\n`,
  ].join('\n  ');

const writtenEntry = ({ asks, documents, ending, http_code, stumbles: falls }: EntryPlan): string =>
  `\n    ${asks} of [${documents}], ${ending} (${http_code}), stumbles [${falls}]`;

const conditionsOf = ({ conditions }: RulePlan): JsonObject =>
  Object.fromEntries(conditions.map((one) => [one.field, jsonOf(one)]));

const jsonOf = ({ tests, form }: Condition): Json => {
  const [[operator, operand] = []] = tests;
  if (form === 'bare' && tests.length === 1 && operator === '$eq' && operand !== undefined) return operand;
  if (form !== 'list') return Object.fromEntries(tests);
  return tests.length === 0 ? [{}] : tests.map(([name, value]) => ({ [name]: value }));
};

const entryOf = ({ asks, documents }: EntryPlan): JsonObject => ({
  ...(asks === 'classification'
    ? { job_type: 'apply_model', model_id: MODEL, format_type: asks }
    : { job_type: 'transform', output_type: asks }),
  ...(documents.length > 0 ? { document_ids: documents } : {}),
});

/** The request that a submission of the plan's rules makes. */
export const submitted = ({ rules }: Plan): ConditionalRequest => {
  // Text by text: an object would bring numeric ids to the front, and lose `__proto__`.
  const texts = rules.map((one) => {
    const rule = { conditions: conditionsOf(one), jobs: one.entries.map(entryOf) };
    return `${JSON.stringify(one.id)}:${JSON.stringify(rule)}`;
  });
  return parseConditional({
    params: { execute_after_id: TRIGGER },
    query: new URLSearchParams(),
    body: new TextEncoder().encode(`{"rules":{${texts.join()}}}`),
    maxDocumentIds: 10,
  }).request;
};
