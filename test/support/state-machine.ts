// Step Functions in one process, for a synthesized definition: what AWS does with it is done here, but for time and
// chance. Nothing happens by a clock: attempts are repeated at once, and tasks time out when `timeOut` is called.
import { attempts } from './state-machine/attempts.ts';
import { type Json, parseDefinition } from './state-machine/definition.ts';
import {
  type Execution,
  fail,
  type HistoryEvent,
  newExecution,
  type Status,
  stop,
  succeed,
} from './state-machine/execution.ts';
import { StateError } from './state-machine/state-error.ts';
import { walk } from './state-machine/states.ts';

export type { Json } from './state-machine/definition.ts';

export type StateMachineOptions = {
  /** The one Lambda function that the definition calls. What it throws goes by the error's name in Retry and Catch. */
  invoke: (payload: Json) => Promise<unknown>;
  /** Epoch milliseconds, for timeouts only. */
  now?: () => number;
  /** Told of every execution's end. */
  ended?: (name: string, status: Exclude<Status, 'RUNNING'>) => void;
};

export type StateMachine = {
  /** Executions that run keep the definition that they began with. */
  update(text: string): void;
  /** A name serves once. */
  start(name: string, input: Json): 'started' | 'exists';
  /** SendTaskSuccess; false for a token that nobody waits with (any more). */
  answer(token: string, output: Json): boolean;
  /** SendTaskFailure; false likewise. */
  fail(token: string, error: string): boolean;
  /** Ends an execution from outside; false if it does not run. */
  stop(name: string, status?: 'ABORTED' | 'TIMED_OUT'): boolean;
  /** Ends the tasks whose time is up by now; how many. */
  timeOut(): number;
  state(name: string): Status | undefined;
  /** Names, in the order in which they were started. */
  running(): string[];
  /** As Step Functions bills them: states entered, and attempts repeated. */
  transitions(name: string): number;
  /** The events that Step Functions would keep, without their times. */
  history(name: string): readonly HistoryEvent[];
  output(name: string): Json | undefined;
  /** Resolves once every execution has ended or waits for a token. */
  settled(): Promise<void>;
};

/** @param text the definition, as `chainDefinition` gives it */
export const stateMachine = (
  text: string,
  { invoke, now = () => 0, ended = () => {} }: StateMachineOptions,
): StateMachine => {
  let definition = parseDefinition(text);
  const executions = new Map<string, Execution>();
  const underWay = attempts(now);
  let tokens = 0;

  const run = async (execution: Execution): Promise<void> => {
    const { name, input, abort } = execution;
    const context = { Execution: { Id: `execution:${name}`, Name: name, Input: input } };
    const newToken = () => `token ${++tokens} of ${name}`;
    try {
      const world = { execution, attempts: underWay, invoke, newToken, context, signal: abort.signal };
      succeed(execution, await walk(definition, input, world));
    } catch (error) {
      if (error instanceof StateError) fail(execution, error);
      else if (!abort.signal.aborted) throw error;
    }
    if (execution.status !== 'RUNNING') ended(name, execution.status);
  };

  return {
    update: (changed) => {
      definition = parseDefinition(changed);
    },
    start: (name, input) => {
      if (executions.has(name)) return 'exists';
      const execution = newExecution(name, input);
      executions.set(name, execution);
      void run(execution);
      return 'started';
    },
    answer: underWay.succeed,
    fail: (token, error) => underWay.fail(token, new StateError(error, '')),
    stop: (name, status = 'ABORTED') => {
      const execution = executions.get(name);
      return execution !== undefined && stop(execution, status);
    },
    timeOut: underWay.timeOut,
    state: (name) => executions.get(name)?.status,
    running: () => [...executions.values()].filter(({ status }) => status === 'RUNNING').map(({ name }) => name),
    transitions: (name) => executions.get(name)?.transitions ?? 0,
    history: (name) => executions.get(name)?.history ?? [],
    output: (name) => executions.get(name)?.output,
    settled: underWay.settled,
  };
};
