// How many transitions an execution of the chains' state machine may take (D6, docs/decisions/0018), by its history.
import * as z from 'zod';
import { STEP_FAILED } from '../../functions/jobs/chain.ts';
import type { StateMachine } from './state-machine.ts';

const StepCall = z.object({
  Payload: z.object({ action: z.literal('run-step'), rule: z.number(), entry: z.number() }),
});

type History = ReturnType<StateMachine['history']>;

/**
 * Two for each step that ran, and six; and one for each call of run-chain that failed, since AWS bills each attempt that
 * is repeated. That a step fails, or that its time is up, is no failed call.
 */
export const transitionBudget = (history: History): number => {
  const steps = new Map<string, string>();
  for (const { type, name = '', parameters } of history) {
    const call = type === 'TaskScheduled' ? StepCall.safeParse(parameters).data : undefined;
    if (call) steps.set(`${call.Payload.rule}.${call.Payload.entry}`, name);
  }
  const waiting = new Set(steps.values());
  const failures = history.filter(
    ({ type, name = '', error }) =>
      (type === 'TaskFailed' && error !== STEP_FAILED) || (type === 'TaskTimedOut' && !waiting.has(name)),
  );
  return 2 * steps.size + 6 + failures.length;
};
