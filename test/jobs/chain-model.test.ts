// Chains with random rule sets, run step by step in a random order, against a plain model that says at once what must
// come of them.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { childId, matchedRules } from '../../functions/jobs/chain.ts';
import { type Chain, chainEnd, type Step } from '../../functions/jobs/chain-end.ts';
import { entryRequest, type JobBefore } from '../../functions/jobs/chain-inputs.ts';
import { parseConditional } from '../../functions/jobs/conditional-request.ts';
import type { Json, JsonObject } from '../../functions/jobs/json-body.ts';
import { jobTypeOf, type Rule } from '../../functions/jobs/request.ts';
import { DOCUMENT, id, MODEL } from '../support/jobs.ts';

const CHAIN = id(0xc);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Conditions whose meaning a line of code can say: `a`, `b` and `c` are numbers or missing. */
type Bound = { field: 'a' | 'b' | 'c'; operator: '$eq' | '$ne' | '$gte' | '$lt' | '$in'; value: number };
const bound: fc.Arbitrary<Bound> = fc.record({
  field: fc.constantFrom('a', 'b', 'c'),
  operator: fc.constantFrom('$eq', '$ne', '$gte', '$lt', '$in'),
  value: fc.nat(3),
});
const means = ({ field, operator, value }: Bound, result: Record<string, number>): boolean => {
  const found = result[field];
  if (found === undefined) return operator === '$ne';
  if (operator === '$gte') return found >= value;
  if (operator === '$lt') return found < value;
  return (found === value) === (operator !== '$ne');
};
const written = ({ operator, value }: Bound, form: number): Json => {
  const test = { [operator]: operator === '$in' ? [value] : value };
  if (form === 0 && operator === '$eq') return value;
  return form === 1 ? [test] : test;
};

type Ending = 'PROCESSED' | 'FAILED' | 'CANCELED';
type Plan = { id: string; bounds: Bound[]; form: number; endings: Ending[] };
const ending = fc.constantFrom<Ending[]>('PROCESSED', 'PROCESSED', 'PROCESSED', 'PROCESSED', 'FAILED', 'CANCELED');
const plan: fc.Arbitrary<Plan> = fc.record({
  id: fc.oneof(
    fc.constantFrom('__proto__', '1', '0', 'r "1"', 'é'),
    fc.string({ maxLength: 3 }).filter((one) => !one.includes('\0')),
  ),
  bounds: fc.uniqueArray(bound, { maxLength: 2, selector: ({ field }) => field }),
  form: fc.nat(2),
  endings: fc.array(ending, { maxLength: 4 }),
});
const plans = fc.uniqueArray(plan, { maxLength: 4, selector: (one) => one.id });

const submitted = (wanted: Plan[]): Rule[] => {
  const rules = wanted.map(({ id: name, bounds, form, endings }) => {
    const conditions: JsonObject = Object.fromEntries(bounds.map((one) => [one.field, written(one, form)]));
    const jobs = endings.map((_, index) =>
      index % 2 === 0 ? { job_type: 'transform', output_type: 'text' } : { job_type: 'apply_model', model_id: MODEL },
    );
    return `${JSON.stringify(name)}:${JSON.stringify({ conditions, jobs })}`;
  });
  const body = new TextEncoder().encode(`{"rules":{${rules.join()}}}`);
  return parseConditional({
    params: { execute_after_id: id(1) },
    query: new URLSearchParams(),
    body,
    maxDocumentIds: 10,
  }).request.rules;
};

/** A LEIA that makes one document of each text job, and a classification of each model. */
const made = (entry: Rule['jobs'][number] | undefined, child: string): Pick<Step['child'], 'result_type' | 'result'> =>
  entry?.kind === 'apply'
    ? { result_type: 'classification', result: '{"category":"A","accuracy":1.0,"score":1.0}' }
    : { result_type: 'document', result: `{"id":"${child}","original_id":"${DOCUMENT}"}` };

it('a chain runs what its rules say, and ends as its children do', () => {
  const result = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(3), { noNullPrototype: true });
  fc.assert(
    fc.property(plans, result, fc.infiniteStream(fc.nat(1000)), (wanted, found, choices) => {
      const rules = submitted(wanted);
      const trigger: Trigger = {
        id: id(1),
        document_ids: [DOCUMENT],
        page_range: null,
        result_type: 'object',
        result: JSON.stringify(found),
      };
      const matched = matchedRules({ rules }, trigger).indexes;
      const chain: Chain = { rules, matched, steps: [] };

      const open = new Set(matched.filter((rule) => (rules[rule]?.jobs.length ?? 0) > 0));
      while (open.size > 0) {
        expect(chainEnd(chain)).toBeUndefined();
        const rule = [...open][(choices.next().value ?? 0) % open.size] ?? 0;
        const step = runStep(chain, rule, { trigger, endings: wanted[rule]?.endings ?? [] });
        chain.steps.push(step);
        if (step.child.status !== 'PROCESSED' || step.entry + 1 === rules[rule]?.jobs.length) open.delete(rule);
      }

      expectEnd(chainEnd(chain), wanted, found);
    }),
    { numRuns: 1000 },
  );
});

type Trigger = JobBefore & { id: string };
type Running = { trigger: Trigger; endings: Ending[] };

const runStep = ({ rules, steps }: Chain, rule: number, { trigger, endings }: Running): Step => {
  const before = steps.filter((step) => step.rule === rule);
  const entry = before.length;
  const [previous, earlier] = [before.at(-1)?.child, before.at(-2)?.child];
  const asked = rules[rule]?.jobs[entry];
  if (!asked) throw new Error('no such entry');
  const known = new Map<number, JobBefore>([[-1, trigger]]);
  for (const { child, entry: at } of before) known.set(at, { ...child, document_ids: [DOCUMENT], page_range: null });
  const after = (previous ?? trigger).id;
  const request = entryRequest({ entries: rules[rule]?.jobs ?? [], at: entry, trigger, after, known });
  // The model's word for contract §4.4: on the results of the job before, or on what that job worked on itself.
  const worksOn = previous?.result_type === 'document' ? previous.id : (earlier?.id ?? DOCUMENT);
  expect(request).toMatchObject({ request: { execute_after_id: (previous ?? trigger).id, document_ids: [worksOn] } });
  const child = childId(CHAIN, { rule, entry }, sha256);
  const status = endings[entry] ?? 'PROCESSED';
  const outcome = status === 'PROCESSED' ? made(asked, child) : { result_type: null, result: null };
  return {
    rule,
    entry,
    child: { id: child, status, reason: null, http_code: null, job_type: jobTypeOf(asked), ...outcome },
  };
};

const expectEnd = (end: ReturnType<typeof chainEnd>, wanted: Plan[], result: Record<string, number>): void => {
  const ran = wanted
    .map((one, rule) => ({ ...one, rule }))
    .filter(({ bounds }) => bounds.every((one) => means(one, result)));
  const failing = ran.filter(({ endings }) => endings.some((one) => one !== 'PROCESSED'));
  if (failing.length > 0) {
    expect(end).toMatchObject({ status: 'FAILED' });
    for (const { id: name } of failing.slice(0, 3)) {
      expect(end).toMatchObject({ reason: expect.stringContaining(`Rule ${JSON.stringify(name)}`) });
    }
    return;
  }
  const text = end?.status === 'PROCESSED' ? end.result : '';
  const results: [string, { job_id: string }[]][] = Object.entries(JSON.parse(text));
  const children = ({ rule, endings }: { rule: number; endings: Ending[] }) =>
    endings.map((_, entry) => childId(CHAIN, { rule, entry }, sha256));
  expect(new Map(results.map(([name, elements]) => [name, elements.map(({ job_id }) => job_id)]))).toEqual(
    new Map(ran.map((one) => [one.id, children(one)])),
  );
};
