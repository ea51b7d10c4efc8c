// The invariants, after every run.
import type { Stage } from '../run.ts';
import { checkCalm } from './calm.ts';
import { checkChains } from './chains.ts';
import { factsOf } from './facts.ts';
import { checkLeftovers } from './leftovers.ts';
import { checkOnce } from './once.ts';
import { checkRequests } from './requests.ts';
import { checkRights } from './rights.ts';
import { checkThrift } from './thrift.ts';
import { checkTruth } from './truth.ts';

/** Sentences on what does not hold. */
export const checkRun = async (stage: Stage): Promise<string[]> => {
  const facts = await factsOf(stage);
  return [
    checkTruth,
    checkOnce,
    checkRights,
    checkChains,
    checkLeftovers,
    checkRequests,
    checkThrift,
    checkCalm,
  ].flatMap((check) => check(facts));
};
