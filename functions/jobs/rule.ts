// One rule of a conditional job out of either of its forms (contract §4.1).
import { BadInput } from './bad-input.ts';
import { type Conditions, parseConditions } from './conditions.ts';
import { entryOf } from './entry.ts';
import { isObject, type Json, type JsonObject } from './json-body.ts';
import type { Rule } from './request.ts';
import { quoted } from './shorten.ts';

/**
 * A rule is an object, or the list of its entries, each carrying the rule's conditions (contract §4.1, prose). Unknown
 * keys are ignored, such as a second rule that slipped into the first, as in the published example.
 * @throws BadInput that names rule, entry and field.
 */
export const ruleOf = (id: string, json: Json, maxDocumentIds: number): Rule => {
  const at = `rules[${quoted(id)}]`;
  const given = Array.isArray(json) ? json : isObject(json) ? json.jobs : undefined;
  if (!Array.isArray(given)) throw new BadInput(`${at}.jobs`, 'a list of job entries');
  const list = isObject(json) ? `${at}.jobs` : at;
  const jobs = given.map((entry, index) => entryOf(`${list}[${index}]`, entry, maxDocumentIds));
  const conditions = isObject(json)
    ? parseConditions(`${at}.conditions`, json.conditions)
    : sharedConditions(at, given.filter(isObject));
  return { id, conditions, jobs };
};

/** A rule matches as a whole, so entries that disagree cannot be meant by anyone who knows what will run. */
const sharedConditions = (at: string, entries: JsonObject[]): Conditions => {
  const all = entries.map(({ conditions }, index) => parseConditions(`${at}[${index}].conditions`, conditions));
  const odd = all.findIndex((one) => alike(one) !== alike(all[0] ?? []));
  if (odd >= 0) throw new BadInput(`${at}[${odd}].conditions`, 'the same conditions in all entries of the rule');
  return all[0] ?? [];
};

const alike = (conditions: Conditions): string =>
  JSON.stringify(conditions.toSorted((a, b) => (a.field < b.field ? -1 : 1)));
