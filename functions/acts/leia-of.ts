// LEIA on behalf of the application that submitted a job.
import type { Leia, LeiaJobs, Unavailable } from '../adapters/leia-api.ts';
import type { Deps } from './deps.ts';

/** Undefined when the application's key is no longer in the secret, or never was: its jobs wait. */
export const leiaOf = async (
  deps: Pick<Deps, 'access' | 'leiaForKey'>,
  submitter: string,
): Promise<Leia | undefined> => {
  const keyHash = await deps.access.keyHashOf(submitter);
  return keyHash === undefined ? undefined : deps.leiaForKey(keyHash);
};

/** LEIA for the jobs that it has of a submitter: by its own key, else by that of an admin who saw them and still is one. */
export const leiaForJobsOf = async (
  deps: Pick<Deps, 'access' | 'leiaForKey'>,
  submitter: string,
): Promise<LeiaJobs | undefined> => {
  const own = await leiaOf(deps, submitter);
  if (own) return own;
  const admin = await deps.access.adminOf(submitter);
  if (admin === undefined || (await deps.access.application(admin))?.application_type !== 'admin') return undefined;
  return (await leiaOf(deps, admin))?.asAdminFor(submitter);
};

/** Says aloud that LEIA did not answer. */
export const noteUnavailable = (deps: Pick<Deps, 'count' | 'warn'>, submitter: string, answer: Unavailable): void => {
  deps.count(answer.denied ? 'LeiaDenied' : 'LeiaUnavailable');
  deps.warn(answer.denied ? 'LEIA refuses our key' : 'LEIA does not answer', { submitter, cause: answer.cause });
};
