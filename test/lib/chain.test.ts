// What the chains' state machine does and costs: its synthesized definition, run in this process.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { GivenUp } from '../../functions/jobs/job.ts';
import { chainDefinition } from '../support/chain-definition.ts';
import { parseDefinition, type Scope, type Task } from '../support/state-machine/definition.ts';
import { type Json, type StateMachine, stateMachine } from '../support/state-machine.ts';

const definition = chainDefinition();
const ID = 'a0b1c2d3e4f5a6b7c8d9e0f1';

/** How a step goes; `silent`: nobody answers it in time; `broken`: run-chain fails, however often it is asked. */
type Outcome = 'done' | 'failed' | 'silent' | 'broken';

const Call = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('evaluate'), job_id: z.literal(ID) }),
  z.strictObject({
    action: z.literal('run-step'),
    job_id: z.literal(ID),
    rule: z.number(),
    entry: z.number(),
    task_token: z.string(),
  }),
  z.strictObject({
    action: z.literal('give-up-step'),
    job_id: z.literal(ID),
    rule: z.number(),
    entry: z.number(),
    why: GivenUp,
  }),
  z.strictObject({ action: z.literal('complete'), job_id: z.literal(ID) }),
]);
type Step = Extract<z.infer<typeof Call>, { action: 'run-step' }>;

type Scene = StateMachine & { calls: string[]; tokens: string[] };

/** An execution with matched rules, each a list of outcomes; `play` is given each step instead of its outcome. */
const startChain = (rules: Outcome[][], play?: (step: Step, machine: StateMachine) => Promise<void>): Scene => {
  const calls: string[] = [];
  const tokens: string[] = [];
  const runStep = async (step: Step): Promise<object> => {
    const { rule, entry, task_token } = step;
    calls.push(`${rule}.${entry}`);
    tokens.push(task_token);
    const outcome = rules[rule]?.[entry];
    if (play) await play(step, machine);
    else if (outcome === 'broken') throw new Error('run-chain is broken');
    else if (outcome !== 'silent') machine.answer(task_token, { ok: outcome === 'done' });
    return {};
  };
  const invoke = async (payload: Json): Promise<object> => {
    const call = Call.parse(payload);
    if (call.action === 'run-step') return runStep(call);
    calls.push(call.action === 'give-up-step' ? `${call.rule}.${call.entry} ${call.why}` : call.action);
    const matched = rules.map(({ length }, rule) => ({ rule, entries: length }));
    return call.action === 'evaluate' ? { rules: matched } : {};
  };
  let now = 0;
  const machine = stateMachine(definition, { invoke, now: () => now });
  machine.start(ID, { job_id: ID });
  const timeOut = (): number => {
    now += 7 * 86_400_000;
    return machine.timeOut();
  };
  return { ...machine, timeOut, calls, tokens };
};

/** Runs it to its end, however often somebody has to wait for a timeout. */
const runChain = async (rules: Outcome[][], play?: Parameters<typeof startChain>[1]): Promise<Scene> => {
  const chain = startChain(rules, play);
  do await chain.settled();
  while (chain.timeOut() > 0);
  return chain;
};

const allDone = (rules: number, entries: number): Outcome[][] =>
  Array.from({ length: rules }, () => Array<Outcome>(entries).fill('done'));

describe('an execution', () => {
  it('runs each rule’s entries in order, the rules side by side, and then completes the job', async () => {
    const held: string[] = [];
    const chain = startChain(allDone(2, 2), async ({ task_token }) => void held.push(task_token));
    await chain.settled();
    expect(chain.calls).toEqual(['evaluate', '0.0', '1.0']);
    for (const token of held.splice(0)) chain.answer(token, { ok: true });
    await chain.settled();
    expect(chain.calls.slice(3)).toEqual(['0.1', '1.1']);
    for (const token of held) chain.answer(token, { ok: true });
    await chain.settled();
    expect(chain.calls.slice(5)).toEqual(['complete']);
    expect([chain.state(ID), chain.output(ID)]).toEqual(['SUCCEEDED', {}]);
  });

  it('has nothing but an end when no rule matches', async () => {
    const chain = await runChain([]);
    expect(chain.calls).toEqual(['evaluate', 'complete']);
    expect([chain.state(ID), chain.output(ID)]).toEqual(['SUCCEEDED', {}]);
  });

  it.each<[Outcome, string[]]>([
    ['failed', []],
    ['silent', ['0.1 timed out']],
    ['broken', ['0.1 broke off']],
  ])('does not go on with a rule whose step is %s, but with the others', async (outcome, givenUp) => {
    for (const rest of [['done'], []] as Outcome[][]) {
      const chain = await runChain([
        ['done', outcome, ...rest],
        ['done', 'done'],
      ]);
      expect(new Set(chain.calls)).toEqual(new Set(['evaluate', '0.0', '0.1', ...givenUp, '1.0', '1.1', 'complete']));
      expect([chain.state(ID), chain.output(ID)]).toEqual(['SUCCEEDED', {}]);
    }
  });

  it('gives a step up that timed out as soon as it has, while other rules run', async () => {
    const held: string[] = [];
    const chain = startChain([['silent'], ['done']], async ({ task_token }) => void held.push(task_token));
    await chain.settled();
    chain.fail(held.shift() ?? '', 'States.Timeout');
    await chain.settled();
    expect([chain.calls, chain.state(ID)]).toEqual([['evaluate', '0.0', '1.0', '0.0 timed out'], 'RUNNING']);
    chain.answer(held.shift() ?? '', { ok: true });
    await chain.settled();
    expect([chain.calls.at(-1), chain.state(ID)]).toEqual(['complete', 'SUCCEEDED']);
  });

  it('lets the other rules finish even when a step cannot be given up', async () => {
    const calls: string[] = [];
    const invoke = async (payload: Json): Promise<object> => {
      const call = Call.parse(payload);
      calls.push(call.action);
      if (call.action === 'run-step' || call.action === 'give-up-step') throw new Error('run-chain is broken');
      return call.action === 'evaluate' ? { rules: [{ rule: 0, entries: 1 }] } : {};
    };
    const machine = stateMachine(definition, { invoke });
    machine.start(ID, { job_id: ID });
    await machine.settled();
    expect([calls.at(-1), machine.state(ID)]).toEqual(['complete', 'SUCCEEDED']);
  });

  it('asks run-chain again when it fails, each time with another token', async () => {
    let failures = 3;
    const chain = await runChain([['done']], async ({ task_token }, machine) => {
      failures -= 1;
      if (failures >= 0) throw Object.assign(new Error('throttled'), { name: 'Lambda.TooManyRequestsException' });
      machine.answer(task_token, { ok: true });
    });
    expect(chain.calls).toEqual(['evaluate', '0.0', '0.0', '0.0', '0.0', 'complete']);
    expect(new Set(chain.tokens).size).toBe(4);
    expect(chain.state(ID)).toBe('SUCCEEDED');
  });

  it('takes an answer that comes before run-chain fails', async () => {
    const chain = await runChain([['done', 'done']], async ({ task_token }, machine) => {
      machine.answer(task_token, { ok: true });
      throw new Error('too late');
    });
    expect(chain.calls).toEqual(['evaluate', '0.0', '0.1', 'complete']);
  });

  it('runs forty rules at once', async () => {
    const chain = startChain(allDone(60, 1), async () => {});
    await chain.settled();
    expect(chain.tokens).toHaveLength(40);
    chain.answer(chain.tokens[0] ?? '', { ok: true });
    await chain.settled();
    expect(chain.tokens).toHaveLength(41);
  });

  it('fails when run-chain cannot evaluate the rules', async () => {
    const chain = stateMachine(definition, { invoke: async () => Promise.reject(new Error('no table')) });
    chain.start(ID, { job_id: ID });
    await chain.settled();
    expect(chain.state(ID)).toBe('FAILED');
  });
});

describe('what states pass', () => {
  const rules: Outcome[][] = [['done', 'done'], ['failed', 'done'], ['silent'], ['broken', 'done'], ['failed']];

  it('are indexes', async () => {
    const chain = await runChain(rules);
    const exits = chain.history(ID).filter(({ type }) => type.endsWith('StateExited'));
    const index = z.number().int();
    const Place = z.strictObject({
      rule: index,
      entry: index.optional(),
      entries: index.optional(),
      ok: z.boolean().optional(),
      why: GivenUp.optional(),
    });
    const Output = z.union([z.strictObject({}), z.strictObject({ rules: z.array(Place) }), Place]);
    expect(exits.length).toBeGreaterThan(10);
    for (const { output } of exits) expect(Output.safeParse(output).error).toBeUndefined();
  });

  it('is never a token: that is only in what run-chain is called with', async () => {
    const chain = await runChain(rules);
    const shown = chain.history(ID).map(({ parameters: _parameters, ...event }) => JSON.stringify(event));
    expect(chain.tokens.length).toBeGreaterThan(rules.length);
    for (const token of chain.tokens) expect(shown.filter((event) => event.includes(token))).toEqual([]);
  });
});

describe('each state that waits for an answer', () => {
  const tasksOf = ({ States }: Scope): [string, Task][] =>
    Object.entries(States).flatMap(([name, state]) => {
      if (state.Type === 'Map') return tasksOf(state.ItemProcessor);
      return state.Type === 'Task' ? [[name, state]] : [];
    });
  const waiting = (text: string) =>
    tasksOf(parseDefinition(text)).filter(([, { Resource }]) => Resource.endsWith('.waitForTaskToken'));

  it('has a catch for everything, and a retry for whatever is not a timeout', () => {
    expect(waiting(definition).map(([name]) => name)).toEqual(['RunStep', 'RunLastStep']);
    for (const [, state] of waiting(definition)) {
      expect(state).toMatchObject({
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'GiveUpStep' }],
        Retry: [{ ErrorEquals: ['States.TaskFailed'] }],
      });
    }
  });

  it.each([
    [{}, 7 * 86_400],
    [{ stepTimeoutSeconds: '90' }, 90],
  ])('has a timeout that is a setting: %j', (settings, seconds) => {
    for (const [, state] of waiting(chainDefinition(settings))) expect(state.TimeoutSeconds).toBe(seconds);
  });
});

describe('transitions', () => {
  /** D6: two a step and six a chain, where the entries of a matched rule are its steps. */
  const budget = (rules: Outcome[][]): number => 2 * rules.flat().length + 6;

  it.each([
    [0, 0, 3],
    [1, 1, 5],
    [1, 5, 13],
    [3, 2, 15],
    [40, 25, 2003],
    [1000, 1, 2003],
  ])('of %i rules with %i entries each are %i', async (rules, entries, transitions) => {
    const chain = await runChain(allDone(rules, entries));
    expect(chain.transitions(ID)).toBe(transitions);
    expect(chain.transitions(ID)).toBeLessThanOrEqual(budget(allDone(rules, entries)));
  });

  const outcomes = fc.array(fc.array(fc.constantFrom<Outcome>('done', 'failed'), { minLength: 1, maxLength: 6 }), {
    maxLength: 12,
  });

  it('keep within two a step and six a chain, whichever children fail', async () => {
    await fc.assert(
      fc.asyncProperty(outcomes, async (rules) => {
        const chain = await runChain(rules);
        expect(chain.transitions(ID)).toBeLessThanOrEqual(budget(rules));
      }),
    );
  });

  it('are one more for a last step that nobody answers', async () => {
    const rules: Outcome[][] = [['done', 'silent'], ['silent'], ['silent', 'done']];
    const chain = await runChain(rules);
    expect(chain.transitions(ID)).toBe(3 + (2 * 2 + 1) + (2 + 1) + (2 + 1));
    expect(chain.transitions(ID)).toBeLessThanOrEqual(budget(rules));
  });

  it('are one more each time that run-chain is asked again', async () => {
    const chain = await runChain([['done', 'broken', 'done']]);
    expect(chain.transitions(ID)).toBe(3 + 2 + 2 + 1 + 4);
  });
});

describe('the history', () => {
  /** What Step Functions keeps of an execution, which fails when there is more. */
  const mostEvents = 25_000;

  it.each([
    ['in one rule', [Array<Outcome>(1000).fill('done')]],
    ['in a rule each', Array<Outcome[]>(1000).fill(['done'])],
  ])('holds a thousand entries %s, though run-chain is asked five times for each', async (_, rules) => {
    const asked = new Map<string, number>();
    const chain = await runChain(rules, async ({ rule, entry, task_token }, machine) => {
      const times = (asked.get(`${rule}.${entry}`) ?? 0) + 1;
      asked.set(`${rule}.${entry}`, times);
      if (times < 5) throw new Error('not yet');
      machine.answer(task_token, { ok: true });
    });
    expect(chain.calls).toHaveLength(5002);
    expect(chain.state(ID)).toBe('SUCCEEDED');
    expect(chain.history(ID).length).toBeLessThan(mostEvents);
  });
});
