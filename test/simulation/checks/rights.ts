// Whoever has logged out gets nothing done: no job that anybody can see, and none at LEIA.
import { isListed } from '../../../functions/jobs/job.ts';
import { afterLogout } from '../programs/leaver.ts';
import type { Facts } from './facts.ts';

export const checkRights = ({ history, atLeia }: Facts): string[] => {
  const without = history.map(({ after }) => after).filter(({ callback_url }) => callback_url === afterLogout);
  return [
    ...without.filter(isListed).map(({ id }) => `job ${id} was in the lists, and its token had ended`),
    ...without.filter(({ id }) => atLeia.has(id)).map(({ id }) => `LEIA got job ${id}, and its token had ended`),
  ];
};
