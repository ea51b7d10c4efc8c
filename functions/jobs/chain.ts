// A chain: the entries that a conditional job runs (contract §4, D6). Which rules match, what their children are called,
// and how deep chains may stand behind each other. Pure.
import { BadInput } from './bad-input.ts';
import { type Evaluation, evaluate } from './conditions.ts';
import type { Hash } from './ids.ts';
import type { Json } from './json-body.ts';
import type { ConditionalRequest, StoredRequest } from './request.ts';
import type { Outcome } from './select-inputs.ts';

/** The error with which a step of the state machine ends whose child did not become PROCESSED. */
export const STEP_FAILED = 'StepFailed';

/** `indexes`: of the rules that match, in the caller's order; `evaluations`: of all rules. */
export type Matched = { indexes: number[]; evaluations: Evaluation[] };

/** What the rules make of the result of a trigger that is PROCESSED. Same facts, same answer: derive it again at will. */
export const matchedRules = ({ rules }: Pick<ConditionalRequest, 'rules'>, trigger: Outcome): Matched => {
  const result = parsedResult(trigger);
  const evaluations = rules.map(({ conditions }) => evaluate(conditions, result));
  return { indexes: evaluations.flatMap(({ held }, index) => (held ? [index] : [])), evaluations };
};

/** Numbers beyond the exact ones of JavaScript are compared as the nearest that it has. */
const parsedResult = ({ result }: Outcome): Json | undefined => (result === null ? undefined : JSON.parse(result));

/** The id of the job that an entry becomes: always the same, however often the step runs. */
export const childId = (chainId: string, place: { rule: number; entry: number }, hash: Hash): string =>
  hash(JSON.stringify([chainId, place.rule, place.entry])).slice(0, 24);

/** How many conditional jobs stand in a row, up to and including this job, given the same of its prerequisite. */
export const chainDepth = (kind: StoredRequest['kind'], prerequisiteDepth: number): number =>
  kind === 'conditional' ? prerequisiteDepth + 1 : prerequisiteDepth;

/** @throws BadInput for a conditional job behind too many others. */
export const checkChainDepth = (depth: number, limit: number): void => {
  if (depth > limit)
    throw new BadInput('execute_after_id', `a job behind fewer than ${limit} conditional jobs in a row`);
};
