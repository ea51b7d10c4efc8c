// From the many ways in which SDKs send a conditional job to one request (contract §4.1).
import { BadInput } from './bad-input.ts';
import { callbackUrlOf } from './callback-target.ts';
import { type Conditions, parseConditions, vacuousFieldsOf } from './conditions.ts';
import { entryOf } from './entry.ts';
import { idOf } from './inputs.ts';
import { isObject, type Json, type JsonObject, jsonObjectOf } from './json-body.ts';
import { rawMember, rawMembers } from './raw-json.ts';
import { ConditionalRequest, type Rule } from './request.ts';
import { flag, headers, text, without } from './submission.ts';

export type ConditionalInput = {
  /** Decoded parameters of the path: `execute_after_id`. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: Uint8Array;
  /** Of one entry. */
  maxDocumentIds: number;
  /** Of all rules together; also the most rules. */
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
  // Rule ids and fields are the caller's words, `__proto__` included; here they become values.
  const body = without(null, jsonObjectOf('body', input.body, { anyNames: true }));
  const sources = { query: input.query, body };
  const rules = rulesOf(body.rules, input);
  const request = ConditionalRequest.parse(
    without(undefined, {
      kind: 'conditional',
      execute_after_id: idOf('execute_after_id', input.params.execute_after_id ?? ''),
      rules: inWrittenOrder(rules, input.body),
      callback_url: text(sources, 'callback_url', callbackUrlOf),
      callback_headers: headers(body),
      block_processing: flag(sources, 'block_processing') ?? false,
    }),
  );
  return { request, warnings: warningsOf(request, input.query) };
};

const rulesOf = (json: Json | undefined, { maxEntries = 1000, maxDocumentIds }: ConditionalInput): Rule[] => {
  if (!isObject(json)) throw new BadInput('rules', 'an object of rules by their ids');
  const rules = Object.entries(json).map(([id, rule]) => ruleOf(id, rule, maxDocumentIds));
  const entries = rules.reduce((count, { jobs }) => count + jobs.length, 0);
  if (Math.max(rules.length, entries) > maxEntries) {
    throw new BadInput('rules', `at most ${maxEntries} rules and ${maxEntries} job entries in all of them`);
  }
  return rules;
};

/** A rule is an object, or the list of its entries, each carrying the rule's conditions (contract §4.1, prose). */
const ruleOf = (id: string, json: Json, maxDocumentIds: number): Rule => {
  const at = `rules[${ruleName(id)}]`;
  const given = Array.isArray(json) ? json : isObject(json) ? json.jobs : undefined;
  if (!Array.isArray(given)) throw new BadInput(isObject(json) ? `${at}.jobs` : at, 'a list of job entries');
  const list = isObject(json) ? `${at}.jobs` : at;
  const jobs = given.map((entry, index) => entryOf(`${list}[${index}]`, entry, maxDocumentIds));
  const conditions = isObject(json)
    ? parseConditions(`${at}.conditions`, json.conditions)
    : sharedConditions(at, given.filter(isObject));
  return { id, conditions, jobs };
};

/** How a rule is called in messages: quoted, and short whatever its id. */
export const ruleName = (id: string): string =>
  JSON.stringify(id.length > 80 ? `${id.slice(0, 79).toWellFormed()}…` : id);

/** A rule matches as a whole, so entries that disagree cannot be meant by anyone who knows what will run. */
const sharedConditions = (at: string, entries: JsonObject[]): Conditions => {
  const all = entries.map(({ conditions }, index) => parseConditions(`${at}[${index}].conditions`, conditions));
  const odd = all.findIndex((one) => alike(one) !== alike(all[0] ?? []));
  if (odd >= 0) throw new BadInput(`${at}[${odd}].conditions`, 'the same conditions in all entries of the rule');
  return all[0] ?? [];
};

const alike = (conditions: Conditions): string =>
  JSON.stringify(conditions.toSorted((a, b) => (a.field < b.field ? -1 : 1)));

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
    .map(({ id, field }) => `rules[${ruleName(id)}].conditions[${ruleName(field)}] tests nothing and always holds`),
];
