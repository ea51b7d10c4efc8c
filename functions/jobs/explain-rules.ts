// What the rules of a conditional job come to, and why: the one composition behind the explanation of a job and the dry
// run of a submission. Pure.
import * as z from 'zod';
import { type Matched, matchedRules } from './chain.ts';
import { type Evaluated, type Evaluation, fieldsOf, operators, vacuousFieldsOf } from './conditions.ts';
import { keywordOf } from './entry.ts';
import { isFinished, type JobRecord, Status } from './job.ts';
import type { Json } from './json-body.ts';
import { neverHolds } from './never-holds.ts';
import type { ConditionalRequest, Entry, Rule } from './request.ts';
import type { Outcome } from './select-inputs.ts';
import { shorten } from './shorten.ts';

const AnyJson = z.json().meta({ id: 'Json', description: 'Any JSON value.' });

const ExplainedCondition = z.object({
  field: z.string(),
  operator: z.enum(operators),
  expected: AnyJson,
  /** Null while the prerequisite has no result to look at. */
  held: z.boolean().nullable(),
  /** The value of the field. Absent where it is missing, or not looked at. */
  actual: AnyJson.optional(),
  missing: z.literal(true).optional(),
  /** Long values are given as the beginning of their JSON text. */
  shortened: z.array(z.enum(['expected', 'actual'])).optional(),
});

const ExplainedEntry = z.object({
  /** Position in the rule, from 0. */
  entry: z.number().int(),
  job_type: z.enum(['apply_model', 'transform']),
  model_id: z.string().optional(),
  output_type: z.string().optional(),
  runs: z.enum(['yes', 'no', 'undecided']),
  /** Why it does not run. */
  why: z.string().nullable(),
  /** The job that the entry became, if it did. */
  job_id: z.string().nullable(),
  status: Status.nullable(),
  reason: z.string().nullable(),
});

export const ExplainedRule = z.object({
  rule: z.string(),
  matched: z.boolean().nullable(),
  why: z.string(),
  /** Why it can match no result whatever, if so. */
  never_matches: z.string().nullable(),
  reads: z.array(z.string()),
  /** Fields named without a test: Java loses a null operand. They hold of any object. */
  always_hold: z.array(z.string()),
  conditions: z.array(ExplainedCondition),
  jobs: z.array(ExplainedEntry),
});
export type ExplainedRule = z.infer<typeof ExplainedRule>;

type Child = { rule: number; entry: number; child: Pick<JobRecord, 'id' | 'status' | 'reason' | 'given_up'> };

export type RuleFacts = {
  request: Pick<ConditionalRequest, 'rules'>;
  trigger: Pick<JobRecord, 'id' | 'status'>;
  /** Of the trigger; absent where it is not finished, or its result is kept no longer. */
  outcome?: Outcome;
  children: Child[];
  /** The status of the conditional job; absent where there is none, as in a dry run. */
  status?: Status;
};

/** Each rule with each condition and what its entries became or would become. */
export const explainRules = (facts: RuleFacts): ExplainedRule[] => {
  const { request, outcome } = facts;
  const matched = facts.trigger.status === 'PROCESSED' && outcome ? matchedRules(request, outcome) : undefined;
  return request.rules.map((rule, index) => explainRule(facts, { rule, index, ...evaluationOf(matched, index) }));
};

type Case = { rule: Rule; index: number; evaluation?: Evaluation };

const evaluationOf = (matched: Matched | undefined, index: number): { evaluation?: Evaluation } => {
  const evaluation = matched?.evaluations[index];
  return evaluation ? { evaluation } : {};
};

const explainRule = (facts: RuleFacts, one: Case): ExplainedRule => {
  const { rule, index, evaluation } = one;
  const children = facts.children.filter((child) => child.rule === index);
  // What ran has matched, also where the result that it matched is kept no longer.
  const matched = evaluation?.held ?? (children.length > 0 ? true : isOver(facts) ? false : null);
  return {
    rule: rule.id,
    matched,
    why: evaluation ? whyOf(rule, evaluation) : whyUnevaluated(facts),
    never_matches: neverHolds(rule.conditions) ?? null,
    reads: fieldsOf(rule.conditions),
    always_hold: vacuousFieldsOf(rule.conditions),
    conditions: evaluation ? evaluation.tests.map(explainTest) : unevaluated(rule),
    jobs: rule.jobs.map((entry, at) =>
      explainEntry(facts, { entry, at, entries: rule.jobs.length, matched, children }),
    ),
  };
};

const isOver = ({ trigger }: RuleFacts): boolean => isFinished(trigger) && trigger.status !== 'PROCESSED';

const whyUnevaluated = ({ trigger }: RuleFacts): string => {
  if (!isFinished(trigger)) return `decided once job ${trigger.id}, now ${trigger.status}, is PROCESSED`;
  return trigger.status === 'PROCESSED'
    ? `the result of job ${trigger.id} is kept no longer`
    : `job ${trigger.id} ${trigger.status}: no rule is looked at`;
};

const whyOf = ({ conditions }: Rule, { held, isObject, tests }: Evaluation): string => {
  if (conditions.length === 0) return 'it has no conditions';
  if (held) return 'all conditions hold';
  if (!isObject) return 'the result is not an object: only rules without conditions match';
  return tests
    .filter((test) => !test.held)
    .slice(0, 3)
    .map(failing)
    .join('; ');
};

const failing = ({ field, operator, expected, actual }: Evaluated): string =>
  actual === undefined ? `${field} is missing` : `${field} is ${shown(actual)}, not ${operator} ${shown(expected)}`;

const shown = (value: Json): string => shorten(JSON.stringify(value), 60);

const unevaluated = ({ conditions }: Rule): ExplainedRule['conditions'] =>
  conditions.flatMap(({ field, tests }) =>
    tests.map(({ operator, expected }) => {
      const { value, cut } = brief(expected);
      return { field, operator, expected: value, held: null, ...(cut ? { shortened: ['expected' as const] } : {}) };
    }),
  );

const explainTest = ({ field, operator, expected, actual, held }: Evaluated): ExplainedRule['conditions'][number] => {
  const wanted = brief(expected);
  const found = actual === undefined ? undefined : brief(actual);
  const shortened = [...(wanted.cut ? ['expected' as const] : []), ...(found?.cut ? ['actual' as const] : [])];
  return {
    field,
    operator,
    expected: wanted.value,
    held,
    ...(found ? { actual: found.value } : { missing: true as const }),
    ...(shortened.length > 0 ? { shortened } : {}),
  };
};

const MAX_VALUE = 200;

const brief = (value: Json): { value: Json; cut: boolean } => {
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE ? { value: shorten(text, MAX_VALUE), cut: true } : { value, cut: false };
};

type EntryCase = { entry: Entry; at: number; entries: number; matched: boolean | null; children: Child[] };

const explainEntry = (facts: RuleFacts, one: EntryCase): ExplainedRule['jobs'][number] => {
  const { entry, at, matched, children } = one;
  const child = children.find((one) => one.entry === at)?.child;
  const why = child ? null : whyNotRun(facts, one);
  return {
    entry: at,
    job_type: keywordOf(entry),
    ...(entry.kind === 'apply' ? { model_id: entry.model_id } : { output_type: entry.output_type }),
    runs: why !== null ? 'no' : child || matched ? 'yes' : 'undecided',
    why,
    job_id: child?.id ?? null,
    status: child?.status ?? null,
    reason: (child?.given_up && `its step ${child.given_up.why}`) ?? child?.reason ?? null,
  };
};

const whyNotRun = ({ status }: RuleFacts, { entries, matched, children }: EntryCase): string | null => {
  if (matched === false) return 'its rule does not match';
  const failed = children.find(({ child }) => child.given_up || (isFinished(child) && child.status !== 'PROCESSED'));
  if (failed) {
    // Counted as in the reason of the conditional job.
    return `entry ${failed.entry + 1} of ${entries} ${failed.child.given_up?.why ?? failed.child.status}`;
  }
  return status !== undefined && isFinished({ status }) ? `the conditional job ${status} before` : null;
};
