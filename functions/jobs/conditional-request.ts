// From the many ways in which SDKs send a conditional job to one request (contract §4.1).
import { BadInput } from './bad-input.ts';
import { vacuousFieldsOf } from './conditions.ts';
import { idOf } from './inputs.ts';
import { isObject, type Json, jsonObjectOf } from './json-body.ts';
import { rawMember, rawMembers } from './raw-json.ts';
import { ConditionalRequest, type Rule } from './request.ts';
import { ruleOf } from './rule.ts';
import { quoted } from './shorten.ts';
import { flag, without } from './sources.ts';
import { commonOf } from './submission.ts';

export type ConditionalInput = {
  /** Decoded parameters of the path: `execute_after_id`; on an admin path `application_id`. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: Uint8Array;
  /** Of one entry. */
  maxDocumentIds: number;
  /** Of all rules together; also the most rules. A fifth of the most tests. */
  maxEntries?: number;
};

/** `warnings`: what was ignored, for the log. */
export type Conditional = { request: ConditionalRequest; warnings: string[] };

/**
 * The request that a submission of a conditional job makes: per key the body wins over the query, nulls count as absent
 * (contract §3.3), keys that nobody knows are ignored, such as Java's `executeAfterId`.
 * @throws BadInput that names rule, entry and field, and what was expected.
 */
export const parseConditional = (input: ConditionalInput): Conditional => {
  const { request, malformed } = parseLeniently(input);
  if (malformed[0]) throw malformed[0].error;
  return { request, warnings: warningsOf(request, input.query) };
};

/** A rule that would refuse the whole submission, and why. */
export type MalformedRule = { rule: string; error: BadInput };

/**
 * The same for a dry run, which tells of all malformed rules rather than of the first; `request` has the others.
 * @throws BadInput for what is wrong outside of the rules.
 */
export const parseLeniently = (
  input: ConditionalInput,
): { request: ConditionalRequest; malformed: MalformedRule[] } => {
  // Rule ids and fields are the caller's words, `__proto__` included; here they become values.
  const body = without(null, jsonObjectOf('body', input.body, { anyNames: true }));
  const sources = { query: input.query, body };
  const { rules, malformed } = rulesOf(body.rules, input);
  const request = ConditionalRequest.parse(
    without(undefined, {
      kind: 'conditional',
      ...commonOf(input, sources),
      execute_after_id: idOf('execute_after_id', input.params.execute_after_id ?? ''),
      rules: inWrittenOrder(rules, input.body),
      block_processing: flag(sources, 'block_processing') ?? false,
    }),
  );
  return { request, malformed };
};

const rulesOf = (json: Json | undefined, { maxEntries = 1000, maxDocumentIds }: ConditionalInput) => {
  if (!isObject(json)) throw new BadInput('rules', 'an object of rules by their ids');
  const rules: Rule[] = [];
  const malformed: MalformedRule[] = [];
  for (const [id, rule] of Object.entries(json)) {
    try {
      rules.push(ruleOf(id, rule, maxDocumentIds));
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      malformed.push({ rule: id, error });
    }
  }
  if (rules.length + malformed.length > maxEntries) throw new BadInput('rules', `at most ${maxEntries} rules`);
  checkSize(rules, maxEntries);
  return { rules, malformed };
};

/** Each test is a line of the explanation, which must fit into one answer. */
const TESTS_PER_ENTRY = 5;

const checkSize = (rules: Rule[], max: number): void => {
  const entries = rules.flatMap(({ jobs }) => jobs).length;
  if (entries > max) throw new BadInput('rules', `at most ${max} job entries in all rules together`);
  const tests = rules.flatMap(({ conditions }) => conditions.flatMap((one) => one.tests)).length;
  if (tests > max * TESTS_PER_ENTRY)
    throw new BadInput('rules', `at most ${max * TESTS_PER_ENTRY} tests in all rules together`);
};

/** JSON.parse puts keys that look like numbers first; the caller may have meant an order. */
const inWrittenOrder = (rules: Rule[], body: Uint8Array): Rule[] => {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const written = rawMembers(rawMember(new TextDecoder().decode(body), 'rules') ?? '{}');
  return [...new Set(written.map(({ key }) => key))].flatMap((id) => byId.get(id) ?? []);
};

const MAX_WARNINGS = 20;

const warningsOf = ({ rules }: ConditionalRequest, query: URLSearchParams): string[] => [
  ...(query.has('callback_headers') ? ['query callback_headers was ignored: only a body can carry it'] : []),
  ...rules
    .flatMap(({ id, conditions }) => vacuousFieldsOf(conditions).map((field) => ({ id, field })))
    .slice(0, MAX_WARNINGS)
    .map(({ id, field }) => `rules[${quoted(id)}].conditions[${quoted(field)}] tests nothing and always holds`),
];
