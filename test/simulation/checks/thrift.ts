// Step Functions is asked little: what the executions of conditional jobs took of transitions.
import { transitionBudget } from '../../support/transitions.ts';
import type { Facts } from './facts.ts';

export const checkThrift = ({ ground: { machine }, jobs }: Facts): string[] =>
  jobs.flatMap(({ id }) => {
    const [took, budget] = [machine.transitions(id), transitionBudget(machine.history(id))];
    return took > budget ? [`the execution of job ${id} took ${took} transitions, more than ${budget}`] : [];
  });
