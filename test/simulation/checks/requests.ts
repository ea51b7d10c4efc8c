// Promise 4: LEIA is asked little. What each kind of request is for bounds how many there may be.
import type { Facts } from './facts.ts';

export const checkRequests = (facts: Facts): string[] => [...checkSubmissions(facts), ...checkAll(facts)];

/** One request an attempt, and one more when LEIA's token had ended, or the write that counts the attempt got lost. */
const checkSubmissions = ({ ground, network, faults }: Facts): string[] => {
  const submissions = network.sent.filter(({ kind }) => kind === 'submit').length;
  const attempts = ground.mirror.snapshot().jobs.reduce((sum, { attempt }) => sum + attempt, 0);
  const bound = faults.calm ? attempts : 2 * attempts;
  return submissions > bound ? [`LEIA got ${submissions} submissions in ${attempts} attempts`] : [];
};

/**
 * A job's own: what it names before it is held, its start and cancel and what came of them, its end twice. A sweep's: a
 * login, statuses in batches, lists. A client's: a look that wants no old news, or a name that the mirror does not know.
 */
const checkAll = ({ ground, network, sweeps, ledger }: Facts): string[] => {
  const jobs = ground.mirror.snapshot().jobs.reduce((sum, { attempt }) => sum + 10 + 2 * attempt, 0);
  const bound = jobs + 12 * sweeps.count + 2 * ledger.requests();
  const { length } = network.sent;
  return length > bound ? [`LEIA got ${length} requests, more than ${bound}`] : [];
};
