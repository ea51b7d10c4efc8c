// What an execution of the chains' state machine costs: transitions and events of its synthesized definition, counted on
// every kind of way through it.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allDone, ID, type Outcome, type Play, runChain, type Scene } from '../support/chain-run.ts';
import { transitionBudget } from '../support/transitions.ts';

const outcomes: Outcome[] = ['done', 'failed', 'silent', 'broken'];

/** Two for each step that ran, and six; AWS bills attempts that are repeated, so a call of run-chain that fails adds one. */
const budget = ({ calls, failures }: Scene): number => {
  const steps = new Set(calls.filter((call) => /^\d+\.\d+$/.test(call)));
  return 2 * steps.size + 6 + failures();
};

const expectThrift = async (rules: Outcome[][], play?: Play): Promise<Scene> => {
  const chain = await runChain(rules, play);
  expect(chain.running()).toEqual([]);
  expect(chain.transitions(ID), JSON.stringify([rules, play])).toBeLessThanOrEqual(budget(chain));
  // Other tests, which do not count calls, go by the history.
  expect(transitionBudget(chain.history(ID))).toBe(budget(chain));
  return chain;
};

describe('transitions', () => {
  it.each([
    [0, 0, 5],
    [1, 1, 6],
    [1, 2, 8],
    [1, 5, 14],
    [3, 2, 14],
    [40, 25, 5 + 40 * 49],
    [1000, 1, 1005],
  ])('of %i rules with %i entries each are %i', async (rules, entries, transitions) => {
    const chain = await expectThrift(allDone(rules, entries));
    expect(chain.transitions(ID)).toBe(transitions);
  });

  /** All ways through a rule: steps that are done, and perhaps one that is not, of a rule with so many entries. */
  const ways = [1, 2, 3, 4].flatMap((entries): Outcome[][] => {
    const all = Array<Outcome>(entries).fill('done');
    const endings = all.flatMap((_, at) => outcomes.slice(1).map((ending) => all.with(at, ending)));
    return [all, ...endings];
  });

  it.each(ways.map((way) => [way]))('keep within two a step and six a chain when ten rules go %j', async (way) => {
    await expectThrift(Array(10).fill(way));
  });

  const times = fc.integer({ min: 0, max: 6 });
  const rules = fc.array(fc.array(fc.constantFrom(...outcomes), { minLength: 1, maxLength: 6 }), { maxLength: 12 });
  const place = fc.tuple(fc.nat(11), fc.nat(5)).map(([rule, entry]) => `${rule}.${entry}`);
  const call = fc.oneof(place, fc.constantFrom('evaluate', 'give-up-step', 'complete'));
  const play: fc.Arbitrary<Play> = fc.record({ failing: fc.dictionary(call, times, { noNullPrototype: true }) });

  it('keep within it whatever becomes of each step, and whichever calls of run-chain fail how often', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(rules, play, async (ofRules, failing) => {
        const chain = await expectThrift(ofRules, failing);
        for (const { name } of chain.history(ID)) if (name !== undefined) seen.add(name);
      }),
      { numRuns: 1000 },
    );
    // Every state was on some way.
    expect(seen).toEqual(
      new Set([
        ...['EvaluateRules', 'RunRules', 'Complete'],
        ...['RunSingleEntries', 'RunSingleStep', 'GiveUpSingleStep', 'SingleStepFailed'],
        ...['RunRows', 'RunStep', 'NextEntry', 'RunLastStep', 'GiveUpStep', 'RowFailed'],
      ]),
    );
  });

  it('are one more each time that run-chain fails', async () => {
    const chain = await runChain([['done', 'broken', 'done']]);
    expect([chain.failures(), chain.transitions(ID)]).toEqual([5, 5 + 2 + 2 + 4]);
  });
});

describe('the history', () => {
  /** What Step Functions keeps of an execution, which fails when there is more. */
  const mostEvents = 25_000;

  it.each([
    ['in one rule', [Array<Outcome>(1000).fill('done')]],
    ['in a rule each', Array<Outcome[]>(1000).fill(['done'])],
  ])('holds a thousand entries %s, though run-chain is asked five times for each', async (_, rules) => {
    const places = rules.flatMap((entries, rule) => entries.map((_entry, entry) => `${rule}.${entry}`));
    const chain = await runChain(rules, { failing: Object.fromEntries(places.map((place) => [place, 4])) });
    expect(chain.calls).toHaveLength(5002);
    expect(chain.state(ID)).toBe('SUCCEEDED');
    expect(chain.history(ID).length).toBeLessThan(mostEvents);
  });
});
