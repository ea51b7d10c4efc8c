// Tells whether two submissions under one Idempotency-Key are the same (D1).
import type { Hash } from './ids.ts';
import type { Rule, StoredRequest } from './request.ts';

/** The same for equal requests, whatever order their keys came in. */
export const fingerprint = (request: StoredRequest, hash: Hash): string =>
  hash(
    canonical(
      request.kind === 'conditional' ? { ...request, rules: request.rules.map(sortedRule).sort(byText) } : request,
    ),
  );

/** Rules and conditions were objects: Java's come in another order each time (contract §4.1). */
const sortedRule = ({ conditions, ...rule }: Rule): Rule => ({ ...rule, conditions: conditions.toSorted(byText) });

const byText = (a: object, b: object): number => (canonical(a) < canonical(b) ? -1 : 1);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
