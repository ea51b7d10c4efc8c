// The interpreter does what the Amazon States Language and Step Functions' documentation say.
import { describe, expect, it } from 'vitest';
import { type Json, stateMachine } from './state-machine.ts';

const invoke = 'arn:aws:states:::lambda:invoke';
const token = '{% $states.context.Task.Token %}';

/** A task that calls the function with `payload`. */
const task = (payload: Json, more: object = {}) => ({
  Type: 'Task',
  Resource: invoke,
  Arguments: { FunctionName: 'f', Payload: payload },
  ...more,
});
const waiting = (more: object = {}) => task(token, { Resource: `${invoke}.waitForTaskToken`, ...more });
const end = { End: true };

const machineOf = (States: object, reply: (payload: Json) => Promise<unknown> = async (payload) => payload) => {
  const tokens: string[] = [];
  let now = 0;
  const machine = stateMachine(JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(States)[0], States }), {
    invoke: async (payload) => {
      if (typeof payload === 'string' && payload.startsWith('token')) tokens.push(payload);
      return reply(payload);
    },
    now: () => now,
  });
  const run = async (input: Json = {}) => {
    machine.start('x', input);
    await machine.settled();
    return [machine.state('x'), machine.output('x'), machine.transitions('x')];
  };
  const pass = (seconds: number): number => {
    now += seconds * 1000;
    return machine.timeOut();
  };
  const types = () => machine.history('x').map(({ type }) => type);
  return { ...machine, tokens, run, pass, types };
};

const failing = (name: string) => async (): Promise<never> => {
  throw Object.assign(new Error('no'), { name });
};

describe('an execution', () => {
  it('goes from state to state, and ends with the last one’s output', async () => {
    const { run, types } = machineOf({
      A: task({ n: '{% $states.input.n + 1 %}' }, { Output: '{% $states.result.Payload.n * 2 %}', Next: 'B' }),
      B: { Type: 'Pass', Output: { n: '{% $states.input %}', by: '{% $states.context.Execution.Name %}' }, ...end },
    });
    expect(await run({ n: 1 })).toEqual(['SUCCEEDED', { n: 4, by: 'x' }, 2]);
    expect(types()).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('has a name that serves once, also when it has ended', async () => {
    const { start, run, running } = machineOf({ A: waiting(end) });
    await run();
    expect(start('x', {})).toBe('exists');
    expect(start('y', {})).toBe('started');
    expect(running()).toEqual(['x', 'y']);
  });

  it('fails with an error that nothing catches', async () => {
    const { run, types } = machineOf({ A: task({}, end) }, failing('Broken'));
    expect(await run()).toEqual(['FAILED', undefined, 1]);
    expect(types().at(-1)).toBe('ExecutionFailed');
  });

  it('that is stopped goes no further, whatever it waited for', async () => {
    const { run, stop, answer, settled, state, tokens, types } = machineOf({
      A: waiting({ Next: 'B' }),
      B: task({}, end),
    });
    await run();
    expect(stop('x')).toBe(true);
    await settled();
    expect(answer(tokens[0] ?? '', {})).toBe(false);
    expect([state('x'), types().at(-1), stop('x'), stop('unknown')]).toEqual([
      'ABORTED',
      'ExecutionAborted',
      false,
      false,
    ]);
  });

  it('that is stopped while the function is at work does not hear its reply', async () => {
    const { promise, resolve } = Promise.withResolvers<object>();
    const { start, stop, settled, types, state } = machineOf({ A: task({}, end) }, () => promise);
    start('x', {});
    await new Promise(setImmediate);
    stop('x', 'TIMED_OUT');
    resolve({});
    await settled();
    expect([state('x'), types().at(-1)]).toEqual(['TIMED_OUT', 'ExecutionTimedOut']);
  });

  it('that is stopped between two attempts of a task makes no more of them, whenever that is', async () => {
    for (let moment = 0; moment < 40; moment += 1) {
      let calls = 0;
      let callsBefore: number | undefined;
      const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 9 }];
      const { start, stop, settled, transitions } = machineOf({ A: task({}, { Retry, ...end }) }, async () => {
        calls += 1;
        return failing('Broken')();
      });
      start('x', {});
      for (let turn = 0; turn < moment; turn += 1) await Promise.resolve();
      if (stop('x')) callsBefore = calls;
      await settled();
      if (callsBefore === undefined) continue;
      expect([moment, calls]).toEqual([moment, callsBefore]);
      expect(transitions('x')).toBeLessThanOrEqual(1 + callsBefore);
    }
  });
});

describe('a task with a token', () => {
  it('waits for its answer, which is its result', async () => {
    const { run, answer, settled, output, tokens } = machineOf({ A: waiting(end) });
    expect(await run()).toEqual(['RUNNING', undefined, 1]);
    expect(answer(tokens[0] ?? '', { ok: true })).toBe(true);
    await settled();
    expect(output('x')).toEqual({ ok: true });
  });

  it('may be answered before the function returns', async () => {
    const machine = machineOf({ A: waiting(end) }, async (payload) => machine.answer(String(payload), 'early'));
    expect(await machine.run()).toEqual(['SUCCEEDED', 'early', 1]);
  });

  it('takes one answer', async () => {
    const { run, answer, tokens } = machineOf({ A: waiting({ Next: 'B' }), B: waiting(end) });
    await run();
    expect([answer(tokens[0] ?? '', 1), answer(tokens[0] ?? '', 2), answer('token of nobody', 3)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('can be told to fail', async () => {
    const caught = [{ ErrorEquals: ['Sorry'], Output: '{% $states.errorOutput.Error %}', Next: 'B' }];
    const { run, fail, settled, output, tokens } = machineOf({
      A: waiting({ Catch: caught, ...end }),
      B: { Type: 'Pass', ...end },
    });
    await run();
    fail(tokens[0] ?? '', 'Sorry');
    await settled();
    expect(output('x')).toBe('Sorry');
  });

  it('times out when its time is up, and then takes no answer', async () => {
    const caught = [{ ErrorEquals: ['States.Timeout'], Output: 'late', Next: 'B' }];
    const { run, pass, answer, settled, output, tokens, types } = machineOf({
      A: waiting({ TimeoutSeconds: 10, Catch: caught, ...end }),
      B: { Type: 'Pass', ...end },
    });
    await run();
    expect([pass(9), pass(1)]).toEqual([0, 1]);
    await settled();
    expect([answer(tokens[0] ?? '', {}), output('x')]).toEqual([false, 'late']);
    expect(types()).toContain('TaskTimedOut');
  });
});

describe('Retry', () => {
  const retrying = (ErrorEquals: string[], more: object = {}) => [{ ErrorEquals, MaxAttempts: 2, ...more }];
  const attempts = async (name: string, errors: string[]) => {
    let calls = 0;
    const { run } = machineOf({ A: task({}, { Retry: retrying(errors), ...end }) }, async () => {
      calls += 1;
      return failing(name)();
    });
    const [, , transitions] = await run();
    return [calls, transitions];
  };

  it('tries so many times more, each billed, and then fails', async () => {
    expect(await attempts('Broken', ['Broken'])).toEqual([3, 3]);
  });

  it.each([
    ['Broken', ['States.ALL'], 3],
    ['Broken', ['States.TaskFailed'], 3],
    ['Broken', ['Other'], 1],
    ['States.Timeout', ['States.ALL'], 3],
    ['States.Timeout', ['States.TaskFailed'], 1],
    ['States.Runtime', ['States.ALL'], 1],
  ])('means %s by %j: %i attempts', async (name, errors, calls) => {
    expect(await attempts(name, errors)).toEqual([calls, calls]);
  });

  it('gives each attempt a token of its own', async () => {
    const { run, tokens } = machineOf({ A: waiting({ Retry: retrying(['States.ALL']), ...end }) }, failing('Broken'));
    await run();
    expect(new Set(tokens).size).toBe(3);
  });

  it('tells the attempt how often it was retried', async () => {
    const seen: Json[] = [];
    const { run } = machineOf(
      { A: task('{% $states.context.State.RetryCount %}', { Retry: retrying(['States.ALL']), ...end }) },
      async (payload) => {
        seen.push(payload);
        return failing('Broken')();
      },
    );
    await run();
    expect(seen).toEqual([0, 1, 2]);
  });
});

describe('Choice', () => {
  const choosing = (Condition: string, more: object = {}) => ({
    A: { Type: 'Choice', Choices: [{ Condition, Next: 'B' }], ...more },
    B: { Type: 'Pass', Output: 'B', ...end },
    C: { Type: 'Pass', Output: 'C', ...end },
  });

  it.each([
    [1, 'B'],
    [2, 'C'],
  ])('of %i is %s', async (n, output) => {
    const { run } = machineOf(choosing('{% $states.input = 1 %}', { Default: 'C' }));
    expect(await run(n)).toEqual(['SUCCEEDED', output, 2]);
  });

  it('without a way on fails', async () => {
    const { run } = machineOf(choosing('{% false %}'));
    expect((await run())[0]).toBe('FAILED');
  });

  it('of what is not boolean fails', async () => {
    const { run } = machineOf(choosing('{% 1 %}', { Default: 'C' }));
    expect((await run())[0]).toBe('FAILED');
  });
});

describe('Map', () => {
  const mapping = (processor: object, more: object = {}) => ({
    A: { Type: 'Map', ItemProcessor: { StartAt: Object.keys(processor)[0], States: processor }, ...more, ...end },
  });

  it('makes of each item what its states make of it, in the items’ order', async () => {
    const { run } = machineOf(
      mapping(
        { B: task('{% $states.input %}', { Output: '{% $states.result.Payload %}', ...end }) },
        { Items: '{% $states.input.of %}', ItemSelector: '{% $states.context.Map.Item.Value * 10 %}' },
      ),
    );
    expect(await run({ of: [3, 1, 2] })).toEqual(['SUCCEEDED', [30, 10, 20], 4]);
  });

  it('of nothing, or of one, is an array all the same', async () => {
    const States = mapping({ B: { Type: 'Pass', ...end } }, { Items: '{% $states.input.of %}' });
    expect(await machineOf(States).run({ of: [] })).toEqual(['SUCCEEDED', [], 1]);
    expect(await machineOf(States).run({ of: [7] })).toEqual(['SUCCEEDED', [7], 2]);
  });

  it('has so many items under way at once', async () => {
    const { run, tokens, answer, settled } = machineOf(mapping({ B: waiting(end) }, { MaxConcurrency: 2 }));
    await run([1, 2, 3]);
    expect(tokens).toHaveLength(2);
    answer(tokens[1] ?? '', {});
    await settled();
    expect(tokens).toHaveLength(3);
  });

  it('fails with the first item that fails, and the others go no further', async () => {
    const { run, tokens, fail, answer, settled, state } = machineOf(
      mapping({ B: waiting({ Next: 'C' }), C: waiting(end) }),
    );
    await run([1, 2]);
    fail(tokens[0] ?? '', 'Broken');
    await settled();
    expect([answer(tokens[1] ?? '', {}), state('x')]).toEqual([false, 'FAILED']);
    expect(tokens).toHaveLength(2);
  });
});

describe('Parallel', () => {
  const beside = (...branches: object[]) => ({
    A: {
      Type: 'Parallel',
      Branches: branches.map((States) => ({ StartAt: Object.keys(States)[0], States })),
      Next: 'Z',
    },
    Z: { Type: 'Pass', ...end },
  });
  const double = { Type: 'Pass', Output: '{% $states.input * 2 %}' };

  it('makes an array of what its branches make of its input; each of their states is billed, and itself', async () => {
    const machine = machineOf(
      beside({ B: { ...double, Next: 'C' }, C: { ...double, ...end } }, { D: { ...double, ...end } }),
    );
    expect(await machine.run(1)).toEqual(['SUCCEEDED', [4, 2], 5]);
    expect(machine.types()).toEqual(expect.arrayContaining(['ParallelStateEntered', 'ParallelStateSucceeded']));
  });

  it('ends when all of its branches have', async () => {
    const { run, tokens, answer, settled, state } = machineOf(beside({ B: waiting(end) }, { C: waiting(end) }));
    await run();
    answer(tokens[0] ?? '', 1);
    await settled();
    expect(state('x')).toBe('RUNNING');
    answer(tokens[1] ?? '', 2);
    await settled();
    expect(state('x')).toBe('SUCCEEDED');
  });

  it('fails with the first branch that fails, and the others go no further', async () => {
    const { run, tokens, fail, answer, settled, state } = machineOf(beside({ B: waiting(end) }, { C: waiting(end) }));
    await run();
    fail(tokens[0] ?? '', 'Broken');
    await settled();
    expect([answer(tokens[1] ?? '', {}), state('x')]).toEqual([false, 'FAILED']);
  });
});

describe('what is refused', () => {
  it.each([
    ['an expression without a value', { A: { Type: 'Pass', Output: '{% $states.input.gone %}', ...end } }],
    ['an expression that fails', { A: { Type: 'Pass', Output: '{% 1 + "a" %}', ...end } }],
    ['more data than states may pass', { A: { Type: 'Pass', Output: '{% $pad("", 300000) %}', ...end } }],
  ])('while it runs: %s', async (_, States) => {
    expect((await machineOf(States).run())[0]).toBe('FAILED');
  });

  it.each([
    ['a type of state that the interpreter does not know', { A: { Type: 'Wait', Seconds: 1, ...end } }],
    ['a field that it does not know', { A: task({}, { HeartbeatSeconds: 1, ...end }) }],
    ['another service', { A: task({}, { Resource: 'arn:aws:states:::sqs:sendMessage', ...end }) }],
    ['a state that is not there', { A: { Type: 'Pass', Next: 'B' } }],
    ['a state that leads nowhere', { A: { Type: 'Pass' } }],
    ['a branch that begins nowhere', { A: { Type: 'Parallel', Branches: [{ StartAt: 'B', States: {} }], ...end } }],
  ])('before it runs: %s', (_, States) => {
    expect(() => machineOf(States)).toThrow();
  });
});
