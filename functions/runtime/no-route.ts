// The answer to a request that no route serves.
import { notFound, Problem } from './problem.ts';
import { allowedMethods } from './route-match.ts';

/** 405 where another method would do, else 404. */
export const noRoute = (path: string): Problem => {
  const allowed = allowedMethods(path).join(', ');
  return allowed === ''
    ? notFound('There is nothing at this path')
    : new Problem(405, `Method not allowed here: expected ${allowed}`, { allow: allowed });
};
