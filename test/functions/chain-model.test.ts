// Chains with random rules, told in random order, twice or late, against a plain reading of contract §4 that says at
// once what must come of them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childId } from '../../functions/jobs/chain.ts';
import { isFinished } from '../../functions/jobs/job.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { chainDefinition } from '../support/chain-definition.ts';
import { madeBy, outcomeOf, selected, triggerOutcome } from '../support/chain-play/leia.ts';
import {
  type Atom,
  anInterruptedPlan,
  aPlan,
  type Condition,
  type EntryPlan,
  MARK,
  type Plan,
  type RulePlan,
  type Test,
  TRIGGER,
} from '../support/chain-play/plans.ts';
import { CHAIN, type Played, playChain } from '../support/chain-play.ts';
import { DOCUMENT } from '../support/jobs.ts';
import { transitionBudget } from '../support/transitions.ts';

const definition = chainDefinition();
const jobTypes = { text: 'image-text', image: 'pdf-images', classification: 'predict' };

// Contract §4.2: does a rule match?

const holds = ([operator, operand]: Test, found: Atom | undefined): boolean => {
  const among = Array.isArray(operand) ? operand.includes(found ?? null) && found !== undefined : found === operand;
  if (operator === '$eq' || operator === '$in') return among;
  if (operator === '$ne' || operator === '$nin') return !among;
  const ordered = typeof found === 'number' || typeof found === 'string';
  if (!ordered || typeof found !== typeof operand || Array.isArray(operand) || operand === null) return false;
  const compare = { $gt: found > operand, $gte: found >= operand, $lt: found < operand, $lte: found <= operand };
  return compare[operator];
};

const matches = ({ conditions }: RulePlan, { made, fields }: Plan['trigger']): boolean => {
  const { n, ...own } = fields as Record<string, Atom> & { n?: { a: Atom } };
  const valueAt = ({ field }: Condition): Atom | undefined => (field === 'n.a' ? n?.a : own[field]);
  const isObject = made !== 'pages';
  return conditions.every((one) => isObject && one.tests.every((test) => holds(test, valueAt(one))));
};

// Contract §4.4 and §4.6: the jobs that an entry becomes.

/** A step that nobody ends in time has failed, and is cancelled, unless it is PROCESSED before that. */
const ends = {
  PROCESSED: ['PROCESSED'],
  FAILED: ['FAILED'],
  CANCELED: ['CANCELED'],
  refused: ['FAILED'],
  silent: ['CANCELED'],
  late: ['CANCELED', 'PROCESSED'],
};
const outlasts = ({ ending }: EntryPlan): boolean => ending === 'silent' || ending === 'late';

type Child = {
  id: string;
  execute_after_id: string;
  document_ids: string[];
  statuses: string[];
  entry: EntryPlan;
  rule: RulePlan;
  result: string;
};

const childrenOf = (plan: Plan, rule: RulePlan): Child[] => {
  const children: Child[] = [];
  let before = { id: TRIGGER, made: triggerOutcome(plan).made, inputs: [DOCUMENT] };
  for (const [index, entry] of rule.entries.entries()) {
    const id = childId(CHAIN, { rule: plan.rules.indexOf(rule), entry: index }, sha256);
    const followed = before.made.length > 0 ? before.made.map((one) => one.id) : before.inputs;
    const document_ids = entry.documents.length > 0 ? entry.documents : followed;
    const inputs = selected(document_ids, before.made);
    const statuses = ends[entry.ending];
    const { result_type, result } = outcomeOf(entry.asks, id, inputs);
    const element = `{"result_type":"${result_type}","result":${result},"job_id":"${id}","job_type":"${jobTypes[entry.asks]}"}`;
    children.push({ id, execute_after_id: before.id, document_ids, statuses, entry, rule, result: element });
    if (entry.ending !== 'PROCESSED') break;
    before = { id, made: madeBy(entry.asks, id, inputs), inputs };
  }
  return children;
};

// Contract §4.5 and §4.6: how the conditional job ends.

type Expected = { status: string; result: string | null; reason: string[]; http_code: number; children: Child[] };

const expectedOf = (plan: Plan): Expected => {
  const { ending } = plan.trigger;
  const nothing = { result: null, reason: [], children: [] };
  if (ending !== 'PROCESSED')
    return { ...nothing, status: 'FAILED', reason: [`Job ${TRIGGER} ${ending}`], http_code: 400 };
  const ran = plan.rules.filter((rule) => matches(rule, plan.trigger));
  const children = ran.flatMap((rule) => childrenOf(plan, rule));
  const failed = children.filter(({ entry }) => entry.ending !== 'PROCESSED');
  const [first] = failed;
  if (!first) {
    const members = ran.map((rule) => {
      const results = children.filter((child) => child.rule === rule).map(({ result }) => result);
      return `${JSON.stringify(rule.id)}:[${results}]`;
    });
    return { ...nothing, status: 'PROCESSED', result: `{${members}}`, http_code: 200, children };
  }
  const named = failed
    .slice(0, 3)
    .flatMap(({ rule, id, entry, statuses }) => [
      `Rule ${JSON.stringify(rule.id)}`,
      `job ${id} ${outlasts(entry) ? 'timed out' : statuses[0]}`,
    ]);
  const reason = [...named, ...(failed.length > 3 ? [`${failed.length - 3} more`] : [])];
  const isOurs = outlasts(first.entry) || (first.entry.ending === 'FAILED' && first.entry.http_code === 500);
  return { ...nothing, status: 'FAILED', reason, http_code: isOurs ? 500 : 400, children };
};

const expectAsPlanned = (plan: Plan, { chain, result, children, requests, story }: Played): void => {
  const { status, result: expected, http_code, reason, children: wanted } = expectedOf(plan);
  const result_type = expected === null ? null : 'conditional';
  expect(chain, story()).toMatchObject({ status, http_code, result_type });
  expect(result, story()).toBe(expected);
  for (const part of reason) expect(chain?.reason, story()).toContain(part);
  const told = ({ id, execute_after_id, document_ids }: (typeof children)[number] | Child) => ({
    id,
    execute_after_id,
    document_ids,
  });
  expect(children.map(told), story()).toEqual(wanted.map(told));
  for (const [index, { statuses }] of wanted.entries()) expect(statuses, story()).toContain(children[index]?.status);
  for (const { id, execute_after_id, document_ids, parent_job_id } of children) {
    expect(parent_job_id).toBe(CHAIN);
    expect(requests.get(id), story()).toMatchObject({ execute_after_id, document_ids });
  }
};

const expectThrift = ({ machine, story }: Played): void => {
  expect(machine.transitions(CHAIN), story()).toBeLessThanOrEqual(transitionBudget(machine.history(CHAIN)));
};

const expectNothingLeft = ({ chain, children, machine, story }: Played): void => {
  const open = [chain, ...children].filter((job) => !job || !isFinished(job) || job.follow_up_due !== undefined);
  expect(open, story()).toEqual([]);
  expect(machine.running(), story()).toEqual([]);
};

/** A token is in no event but the one that shows what run-chain was called with; results and rules are in none. */
const expectDiscretion = ({ machine, answers, story }: Played): void => {
  for (const told of answers.values()) expect(new Set(told).size, story()).toBe(1);
  const history = JSON.stringify(machine.history(CHAIN));
  expect(history.includes(MARK), story()).toBe(false);
  const shown = JSON.stringify(machine.history(CHAIN).map(({ parameters: _parameters, ...event }) => event));
  expect(/token \d/.test(shown + JSON.stringify(machine.output(CHAIN) ?? null)), story()).toBe(false);
};

/** Shrinking begins with the plan: an order of events means nothing to another plan. */
const order = fc.infiniteStream(fc.nat(719), { noHistory: true });
const drawFrom = (numbers: Iterator<number>) => (below: number) => (numbers.next().value ?? 0) % Math.max(1, below);

/** A few seconds, were the machine not shared. */
const timeout = 60_000;

describe('a chain with random rules', { timeout }, () => {
  it('runs what they say and ends as its children do, whatever fails half-way, comes twice or late', async () => {
    await fc.assert(
      fc.asyncProperty(aPlan, order, async (plan, numbers) => {
        const played = await playChain(definition, plan, drawFrom(numbers));
        expectAsPlanned(plan, played);
        expectThrift(played);
        if (plan.trigger.ending === 'PROCESSED') expect(played.machine.state(CHAIN), played.story()).toBe('SUCCEEDED');
        expectNothingLeft(played);
        expectDiscretion(played);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves nothing running when it is cancelled, or its execution dies, at any moment', async () => {
    await fc.assert(
      fc.asyncProperty(anInterruptedPlan, order, async (plan, numbers) => {
        const played = await playChain(definition, plan, drawFrom(numbers));
        const { chain, result, story } = played;
        const wasCut = chain?.status === 'CANCELED' || chain?.reason?.startsWith('The execution of');
        const status = plan.interruption?.kind === 'cancelled' ? 'CANCELED' : 'FAILED';
        if (wasCut) expect([chain?.status, result], story()).toEqual([status, null]);
        else expectAsPlanned(plan, played);
        expectThrift(played);
        expectNothingLeft(played);
        expectDiscretion(played);
      }),
      { numRuns: 300 },
    );
  });
});
