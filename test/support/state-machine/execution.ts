// One execution: what it has come to, and the history that it leaves.
import type { Json } from './definition.ts';
import type { StateError } from './state-error.ts';

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** `name` is a state's; `parameters` are what a task is called with, and the only place for its token. */
export type HistoryEvent = {
  type: string;
  name?: string;
  input?: Json;
  output?: Json;
  parameters?: Json;
  error?: string;
};

export type Execution = {
  readonly name: string;
  readonly input: Json;
  readonly history: HistoryEvent[];
  readonly abort: AbortController;
  status: Status;
  transitions: number;
  output?: Json;
};

export const newExecution = (name: string, input: Json): Execution => ({
  name,
  input,
  history: [{ type: 'ExecutionStarted', input }],
  abort: new AbortController(),
  status: 'RUNNING',
  transitions: 0,
});

/** Once it has ended, nothing is added. */
export const record = ({ status, history }: Execution, event: HistoryEvent): void => {
  if (status === 'RUNNING') history.push(event);
};

export const succeed = (execution: Execution, output: Json): void => {
  if (execution.status !== 'RUNNING') return;
  record(execution, { type: 'ExecutionSucceeded', output });
  execution.status = 'SUCCEEDED';
  execution.output = output;
};

export const fail = (execution: Execution, error: StateError): void => {
  if (execution.status !== 'RUNNING') return;
  record(execution, { type: 'ExecutionFailed', error: error.name });
  execution.status = 'FAILED';
};

/** The reason for which what is under way goes no further. */
export class Over extends Error {}

/** Ends it from outside; false if it has ended before. */
export const stop = (execution: Execution, status: 'ABORTED' | 'TIMED_OUT'): boolean => {
  if (execution.status !== 'RUNNING') return false;
  record(execution, { type: status === 'ABORTED' ? 'ExecutionAborted' : 'ExecutionTimedOut' });
  execution.status = status;
  execution.abort.abort(new Over());
  return true;
};
