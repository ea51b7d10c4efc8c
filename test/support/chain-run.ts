// An execution of the chains' state machine whose calls of run-chain come to what a test wants: its synthesized
// definition, run in this process.
import * as z from 'zod';
import { GivenUp } from '../../functions/jobs/job.ts';
import { answerStep } from './answer-step.ts';
import { chainDefinition } from './chain-definition.ts';
import { type Json, type StateMachine, stateMachine } from './state-machine.ts';

export const ID = 'a0b1c2d3e4f5a6b7c8d9e0f1';

/** How a step goes; `silent`: nobody answers it in time; `broken`: run-chain fails, however often it is asked. */
export type Outcome = 'done' | 'failed' | 'silent' | 'broken';

const job = { job_id: z.literal(ID) };
const place = { rule: z.number(), entry: z.number() };
/** What run-chain is called with, and nothing else. */
const Call = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('evaluate'), ...job }),
  z.strictObject({ action: z.literal('run-step'), ...job, ...place, task_token: z.string() }),
  z.strictObject({ action: z.literal('give-up-step'), ...job, ...place, why: GivenUp }),
  z.strictObject({ action: z.literal('complete'), ...job }),
]);
type Call = z.infer<typeof Call>;
type Step = Extract<Call, { action: 'run-step' }>;

export type Scene = StateMachine & {
  /** What run-chain was asked: `<rule>.<entry>` of a step, with the reason of one that is given up; else the action. */
  calls: string[];
  tokens: string[];
  /** How often run-chain failed. */
  failures(): number;
};

export type Play = {
  /** Is given each step instead of its outcome. */
  step?: (step: Step, machine: StateMachine) => Promise<void>;
  /** Of each kind of call – steps by `<rule>.<entry>` – so many fail before the others do not. */
  failing?: Record<string, number>;
};

/** So many rules with so many entries each, all of which go well. */
export const allDone = (rules: number, entries: number): Outcome[][] =>
  Array.from({ length: rules }, () => Array<Outcome>(entries).fill('done'));

const fail = async (): Promise<never> => {
  throw Object.assign(new Error('throttled'), { name: 'Lambda.TooManyRequestsException' });
};

const nameOf = (call: Call): string => {
  if (call.action === 'run-step') return `${call.rule}.${call.entry}`;
  return call.action === 'give-up-step' ? `${call.rule}.${call.entry} ${call.why}` : call.action;
};

let synthesized: string | undefined;

/** An execution with matched rules, each a list of outcomes. */
export const startChain = (rules: Outcome[][], { step, failing = {} }: Play = {}): Scene => {
  synthesized ??= chainDefinition();
  const calls: string[] = [];
  const tokens: string[] = [];
  const toFail = new Map(Object.entries(failing));
  let failures = 0;
  let now = 0;

  const runStep = async (call: Step): Promise<void> => {
    const { rule, entry, task_token } = call;
    if (step) return step(call, machine);
    const outcome = rules[rule]?.[entry];
    if (outcome === 'broken') await fail();
    if (outcome !== 'silent') answerStep(machine, task_token, outcome === 'done');
  };
  const act = async (call: Call): Promise<object> => {
    const kind = call.action === 'run-step' ? nameOf(call) : call.action;
    const left = toFail.get(kind) ?? 0;
    toFail.set(kind, left - 1);
    if (left > 0) await fail();
    if (call.action === 'run-step') await runStep(call);
    return call.action === 'evaluate' ? { rules: rules.map(({ length }, rule) => ({ rule, entries: length })) } : {};
  };
  const invoke = async (payload: Json): Promise<object> => {
    const call = Call.parse(payload);
    calls.push(nameOf(call));
    if (call.action === 'run-step') tokens.push(call.task_token);
    try {
      return await act(call);
    } catch (error) {
      failures += 1;
      throw error;
    }
  };
  const machine = stateMachine(synthesized, { invoke, now: () => now });
  machine.start(ID, { job_id: ID });
  const timeOut = (): number => {
    now += 7 * 86_400_000;
    return machine.timeOut();
  };
  return { ...machine, timeOut, calls, tokens, failures: () => failures };
};

/** Runs it to its end, however often somebody has to wait for a timeout. */
export const runChain = async (rules: Outcome[][], play?: Play): Promise<Scene> => {
  const chain = startChain(rules, play);
  do await chain.settled();
  while (chain.timeOut() > 0);
  return chain;
};
