// How functions/adapters/chains.ts tells a waiting step how its child ended, told to a state machine in this process.
import { STEP_FAILED } from '../../functions/jobs/chain.ts';
import type { StateMachine } from './state-machine.ts';

/** False for a token that nobody waits with (any more). */
export const answerStep = (machine: Pick<StateMachine, 'answer' | 'fail'>, token: string, ok: boolean): boolean =>
  ok ? machine.answer(token, {}) : machine.fail(token, STEP_FAILED);
