// From state to state: what each type of state does, with its Retry and Catch.
import pMap from 'p-map';
import type { attempts } from './attempts.ts';
import type { Choice, Json, MapState, ParallelState, Pass, Retrier, Scope, State, Task } from './definition.ts';
import { type Execution, Over, record } from './execution.ts';
import { evaluate } from './jsonata.ts';
import { lambdaError, meant, StateError } from './state-error.ts';

/** What a state finds under `$states.context`. */
export type Context = { [name: string]: Json };

export type World = {
  execution: Execution;
  attempts: ReturnType<typeof attempts>;
  invoke: (payload: Json) => Promise<unknown>;
  newToken: () => string;
  context: Context;
  /** Aborted when these states go no further. */
  signal: AbortSignal;
};

/** A state with what it was given. */
type Place<S extends State> = World & { name: string; state: S; input: Json };
type Left = { output: Json; next?: string | undefined };

/** Goes through the states of a scope; the output of the last. @throws StateError that nothing catches; Over */
export const walk = async (scope: Scope, given: Json, world: World): Promise<Json> => {
  let at: string | undefined = scope.StartAt;
  let input = given;
  while (at !== undefined) {
    const state: State | undefined = scope.States[at];
    if (!state) throw new Error(`there is no state ${at}`);
    const left: Left = await pass({ ...world, name: at, state, input });
    [input, at] = [left.output, left.next];
  }
  return input;
};

/** Through one state. */
const pass = async (place: Place<State>): Promise<Left> => {
  const { execution, name, state, input, signal } = place;
  signal.throwIfAborted();
  execution.transitions += 1;
  record(execution, { type: `${state.Type}StateEntered`, name, input });
  const left = await perform(place);
  signal.throwIfAborted();
  if (JSON.stringify(left.output).length > maxBytes) throw new StateError('States.DataLimitExceeded', name);
  record(execution, { type: `${state.Type}StateExited`, name, output: left.output });
  return left;
};

const maxBytes = 256 * 1024;

const perform = (place: Place<State>): Promise<Left> => {
  const { state } = place;
  switch (state.Type) {
    case 'Choice':
      return choose({ ...place, state });
    case 'Pass':
      return passOn({ ...place, state });
    case 'Task':
      return persist(state, place, (retryCount) => runTask({ ...place, state }, retryCount));
    case 'Map':
      return persist(state, place, () => runItems({ ...place, state }));
    case 'Parallel':
      return persist(state, place, () => runBranches({ ...place, state }));
  }
};

const choose = async ({ name, state, input, context }: Place<Choice>): Promise<Left> => {
  for (const { Condition, Next } of state.Choices) {
    const holds = await evaluate(Condition, { input, context });
    if (typeof holds !== 'boolean') throw new StateError('States.QueryEvaluationError', `${Condition} is not boolean`);
    if (holds) return { output: input, next: Next };
  }
  if (state.Default === undefined) throw new StateError('States.NoChoiceMatched', name);
  return { output: input, next: state.Default };
};

const passOn = async ({ state, input, context }: Place<Pass>): Promise<Left> => ({
  output: state.Output === undefined ? input : await evaluate(state.Output, { input, context }),
  next: state.Next,
});

/** Tries as often as the state's Retry says; each further attempt is billed. Then its Catch decides. */
const persist = async (
  { Retry, Catch }: Task | MapState | ParallelState,
  { execution, input, context, signal }: Place<State>,
  attempt: (retryCount: number) => Promise<Left>,
): Promise<Left> => {
  const tried = new Map<Retrier, number>();
  for (let retryCount = 0; ; retryCount += 1) {
    try {
      return await attempt(retryCount);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      signal.throwIfAborted();
      const retrier = Retry.find(({ ErrorEquals }) => meant(ErrorEquals, error));
      const times = retrier ? (tried.get(retrier) ?? 0) : 0;
      if (retrier && times < retrier.MaxAttempts) {
        tried.set(retrier, times + 1);
        execution.transitions += 1;
        continue;
      }
      const catcher = Catch.find(({ ErrorEquals }) => meant(ErrorEquals, error));
      if (!catcher) throw error;
      const states = { input, context, errorOutput: error.output };
      return { output: await evaluate(catcher.Output ?? '{% $states.errorOutput %}', states), next: catcher.Next };
    }
  }
};

const runTask = async (place: Place<Task>, retryCount: number): Promise<Left> => {
  const { execution, name, state, input, signal } = place;
  const token = state.Resource.endsWith('.waitForTaskToken') ? place.newToken() : undefined;
  const waits = token === undefined ? {} : { Task: { Token: token } };
  const context = { ...place.context, State: { Name: name, RetryCount: retryCount }, ...waits };
  const payload = await evaluate(state.Arguments.Payload, { input, context });
  record(execution, { type: 'TaskScheduled', name, parameters: { ...state.Arguments, Payload: payload } });
  record(execution, { type: 'TaskStarted', name });
  try {
    const result = await place.attempts.run({
      ...(token === undefined ? {} : { token }),
      timeoutSeconds: state.TimeoutSeconds,
      invoke: () => call(place, payload, token === undefined),
      submitted: () => record(execution, { type: 'TaskSubmitted', name }),
      signal,
    });
    record(execution, { type: 'TaskSucceeded', name, output: result });
    const output = state.Output === undefined ? result : await evaluate(state.Output, { input, context, result });
    return { output, next: state.Next };
  } catch (error) {
    if (error instanceof StateError) {
      const type = error.name === 'States.Timeout' ? 'TaskTimedOut' : 'TaskFailed';
      record(execution, { type, name, error: error.name });
    }
    throw error;
  }
};

const call = async ({ invoke }: World, payload: Json, wrapped: boolean): Promise<Json> => {
  try {
    const reply: Json = JSON.parse(JSON.stringify((await invoke(payload)) ?? null));
    return wrapped ? { ExecutedVersion: '$LATEST', Payload: reply, StatusCode: 200 } : reply;
  } catch (error) {
    throw lambdaError(error);
  }
};

/** Step Functions runs no more iterations of an inline Map at once. */
const mostAtOnce = 40;

const runItems = async (place: Place<MapState>): Promise<Left> => {
  const { state, input, context } = place;
  const items = state.Items === undefined ? input : await evaluate(state.Items, { input, context });
  if (!Array.isArray(items)) throw new StateError('States.QueryEvaluationError', 'Items is not an array');
  const concurrency = Math.min(state.MaxConcurrency || mostAtOnce, mostAtOnce);
  return together(place, (signal) =>
    pMap(items, (item, index) => runItem({ ...place, signal }, item, index), { concurrency }),
  );
};

const runBranches = (place: Place<ParallelState>): Promise<Left> =>
  together(place, (signal) =>
    Promise.all(place.state.Branches.map((branch) => walk(branch, place.input, { ...place, signal }))),
  );

/** What runs side by side: the first error ends all of it. */
const together = async (
  { execution, name, state, input, context, signal }: Place<MapState | ParallelState>,
  run: (signal: AbortSignal) => Promise<Json[]>,
): Promise<Left> => {
  const siblings = new AbortController();
  record(execution, { type: `${state.Type}StateStarted`, name });
  try {
    const result = await run(AbortSignal.any([signal, siblings.signal]));
    record(execution, { type: `${state.Type}StateSucceeded`, name });
    const output = state.Output === undefined ? result : await evaluate(state.Output, { input, context, result });
    return { output, next: state.Next };
  } catch (error) {
    siblings.abort(new Over());
    if (error instanceof StateError) record(execution, { type: `${state.Type}StateFailed`, name, error: error.name });
    throw error;
  }
};

const runItem = async (place: Place<MapState>, item: Json, index: number): Promise<Json> => {
  const { execution, name, state, input } = place;
  const context = { ...place.context, Map: { Item: { Index: index, Value: item } } };
  record(execution, { type: 'MapIterationStarted', name });
  const given = state.ItemSelector === undefined ? item : await evaluate(state.ItemSelector, { input, context });
  const output = await walk(state.ItemProcessor, given, { ...place, context });
  record(execution, { type: 'MapIterationSucceeded', name });
  return output;
};
