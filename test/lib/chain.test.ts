// What the chains' state machine does: its synthesized definition, run in this process.
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { STEP_FAILED } from '../../functions/jobs/chain.ts';
import { GivenUp } from '../../functions/jobs/job.ts';
import { chainDefinition } from '../support/chain-definition.ts';
import { allDone, ID, type Outcome, runChain, startChain } from '../support/chain-run.ts';
import { parseDefinition, type Scope, scopesIn, type Task } from '../support/state-machine/definition.ts';

const definition = chainDefinition();

describe('an execution', () => {
  it('runs each rule’s entries in order, the rules side by side, and then completes the job', async () => {
    const held: string[] = [];
    const chain = startChain(allDone(2, 2), { step: async ({ task_token }) => void held.push(task_token) });
    await chain.settled();
    expect(chain.calls).toEqual(['evaluate', '0.0', '1.0']);
    for (const token of held.splice(0)) chain.answer(token, {});
    await chain.settled();
    expect(chain.calls.slice(3)).toEqual(['0.1', '1.1']);
    for (const token of held) chain.answer(token, {});
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
    const chain = startChain([['silent'], ['done']], { step: async ({ task_token }) => void held.push(task_token) });
    await chain.settled();
    chain.fail(held.shift() ?? '', 'States.Timeout');
    await chain.settled();
    expect([chain.calls, chain.state(ID)]).toEqual([['evaluate', '0.0', '1.0', '0.0 timed out'], 'RUNNING']);
    chain.answer(held.shift() ?? '', {});
    await chain.settled();
    expect([chain.calls.at(-1), chain.state(ID)]).toEqual(['complete', 'SUCCEEDED']);
  });

  it.each<[Outcome[]]>([[['silent']], [['done', 'silent']]])(
    'lets the other rules finish even when a step cannot be given up: %j',
    async (outcomes) => {
      const chain = await runChain([outcomes, ['done', 'done']], { failing: { 'give-up-step': 99 } });
      expect(chain.calls).toEqual(expect.arrayContaining(['1.1', 'complete']));
      expect(chain.state(ID)).toBe('SUCCEEDED');
    },
  );

  it('asks run-chain again when it fails, each time with another token', async () => {
    const chain = await runChain([['done']], { failing: { '0.0': 3 } });
    expect(chain.calls).toEqual(['evaluate', '0.0', '0.0', '0.0', '0.0', 'complete']);
    expect(new Set(chain.tokens).size).toBe(4);
    expect(chain.state(ID)).toBe('SUCCEEDED');
  });

  it('takes an answer that comes before run-chain fails', async () => {
    const chain = await runChain([['done', 'done']], {
      step: async ({ task_token }, machine) => {
        machine.answer(task_token, {});
        throw new Error('too late');
      },
    });
    expect(chain.calls).toEqual(['evaluate', '0.0', '0.1', 'complete']);
  });

  it('does not run a step again whose child has failed', async () => {
    const chain = await runChain([['failed'], ['done', 'failed', 'done']]);
    expect(chain.calls).toEqual(['evaluate', '0.0', '1.0', '1.1', 'complete']);
  });

  it.each([1, 2])('runs forty rules with %i entries at once', async (entries) => {
    const chain = startChain(allDone(60, entries), { step: async () => {} });
    await chain.settled();
    expect(chain.tokens).toHaveLength(40);
    for (const token of chain.tokens.slice(0, 1)) chain.fail(token, STEP_FAILED);
    await chain.settled();
    expect(chain.tokens).toHaveLength(41);
  });

  it('fails when run-chain cannot evaluate the rules', async () => {
    const chain = await runChain(allDone(1, 1), { failing: { evaluate: 99 } });
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
      why: GivenUp.optional(),
    });
    const Matched = z.strictObject({ single: z.array(index), rows: z.array(Place) });
    const Output = z.union([z.strictObject({}), Matched, Place]);
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
    Object.entries(States).flatMap(([name, state]) =>
      state.Type === 'Task' ? [[name, state]] : scopesIn(state).flatMap(tasksOf),
    );
  const waiting = (text: string) =>
    tasksOf(parseDefinition(text)).filter(([, { Resource }]) => Resource.endsWith('.waitForTaskToken'));

  it('has a catch for everything, and a retry for whatever is not a timeout', () => {
    const ways: Record<string, string[]> = {
      RunSingleStep: ['SingleStepFailed', 'GiveUpSingleStep'],
      RunStep: ['RowFailed', 'GiveUpStep'],
      RunLastStep: ['RowFailed', 'GiveUpStep'],
    };
    expect(waiting(definition).map(([name]) => name)).toEqual(Object.keys(ways));
    for (const [name, state] of waiting(definition)) {
      const [failed, givenUp] = ways[name] ?? [];
      expect(state).toMatchObject({
        Catch: [
          { ErrorEquals: [STEP_FAILED], Next: failed },
          { ErrorEquals: ['States.ALL'], Next: givenUp },
        ],
        Retry: [{ ErrorEquals: [STEP_FAILED], MaxAttempts: 0 }, { ErrorEquals: ['States.TaskFailed'] }],
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
