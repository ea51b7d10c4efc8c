// What of the Amazon States Language the interpreter knows: a definition with anything else in it is not run.
import * as z from 'zod';

const json = z.json();

const Retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().positive().default(1),
  MaxAttempts: z.int().min(0).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().positive().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});
const Catcher = z.strictObject({ ErrorEquals: z.array(z.string()).min(1), Next: z.string(), Output: json.optional() });

const named = { Comment: z.string().optional(), QueryLanguage: z.literal('JSONata').optional() };
const leading = { ...named, Next: z.string().optional(), End: z.literal(true).optional() };

/** Of all integrations, the call of a Lambda function. */
const lambdaInvoke = /^arn:[^:]+:states:::lambda:invoke(\.waitForTaskToken)?$/;

const Task = z.strictObject({
  ...leading,
  Type: z.literal('Task'),
  Resource: z.string().regex(lambdaInvoke),
  Arguments: z.strictObject({ FunctionName: z.string(), Payload: json }),
  Output: json.optional(),
  TimeoutSeconds: z.int().min(1).max(99_999_999).default(99_999_999),
  Retry: z.array(Retrier).default([]),
  Catch: z.array(Catcher).default([]),
});

const Choice = z.strictObject({
  ...named,
  Type: z.literal('Choice'),
  Choices: z.array(z.strictObject({ Condition: z.string(), Next: z.string() })).min(1),
  Default: z.string().optional(),
});

const Pass = z.strictObject({ ...leading, Type: z.literal('Pass'), Output: json.optional() });

const MapState = z.strictObject({
  ...leading,
  Type: z.literal('Map'),
  Items: json.optional(),
  ItemSelector: json.optional(),
  MaxConcurrency: z.int().min(0).default(0),
  Output: json.optional(),
  Retry: z.array(Retrier).default([]),
  Catch: z.array(Catcher).default([]),
  ItemProcessor: z.strictObject({
    ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE') }).optional(),
    StartAt: z.string(),
    get States() {
      return z.record(z.string(), State);
    },
  }),
});

const ParallelState = z.strictObject({
  ...leading,
  Type: z.literal('Parallel'),
  Output: json.optional(),
  Retry: z.array(Retrier).default([]),
  Catch: z.array(Catcher).default([]),
  Branches: z
    .array(
      z.strictObject({
        StartAt: z.string(),
        get States() {
          return z.record(z.string(), State);
        },
      }),
    )
    .min(1),
});

const State = z.discriminatedUnion('Type', [Task, Choice, Pass, MapState, ParallelState]);

const Definition = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONata'),
  StartAt: z.string(),
  States: z.record(z.string(), State),
});

export type Json = z.infer<typeof json>;
export type Retrier = z.infer<typeof Retrier>;
export type Catcher = z.infer<typeof Catcher>;
export type Task = z.infer<typeof Task>;
export type Choice = z.infer<typeof Choice>;
export type Pass = z.infer<typeof Pass>;
export type MapState = z.infer<typeof MapState>;
export type ParallelState = z.infer<typeof ParallelState>;
export type State = z.infer<typeof State>;
/** States that lead to one another: a state machine, what a Map does with each item, or a branch of a Parallel. */
export type Scope = { StartAt: string; States: Record<string, State> };

/** What is within a state. */
export const scopesIn = (state: State): Scope[] => {
  if (state.Type === 'Map') return [state.ItemProcessor];
  return state.Type === 'Parallel' ? state.Branches : [];
};

/** @throws ZodError for what the interpreter does not know, Error for a state that is named and not there */
export const parseDefinition = (text: string): Scope => {
  const definition = Definition.parse(JSON.parse(text));
  checkNames(definition);
  return definition;
};

const checkNames = ({ StartAt, States }: Scope): void => {
  const states = Object.values(States);
  for (const name of [StartAt, ...states.flatMap(leadsTo)]) {
    if (!Object.hasOwn(States, name)) throw new Error(`there is no state ${name}`);
  }
  for (const scope of states.flatMap(scopesIn)) checkNames(scope);
};

const leadsTo = (state: State): string[] => {
  if (state.Type === 'Choice') {
    return [...state.Choices.map(({ Next }) => Next), ...(state.Default === undefined ? [] : [state.Default])];
  }
  if ((state.Next === undefined) === (state.End === undefined)) throw new Error('a state leads on, or ends');
  const caught = 'Catch' in state ? state.Catch.map(({ Next }) => Next) : [];
  return [...(state.Next === undefined ? [] : [state.Next]), ...caught];
};
