// LEIA on behalf of the application that submitted a job.
import type { Leia, Unavailable } from '../adapters/leia-api.ts';
import type { Deps } from './deps.ts';

/** Undefined when the application's key is no longer in the secret: its jobs wait. */
export const leiaOf = async (
  deps: Pick<Deps, 'access' | 'leiaForKey'>,
  submitter: string,
): Promise<Leia | undefined> => {
  const keyHash = await deps.access.keyHashOf(submitter);
  return keyHash === undefined ? undefined : deps.leiaForKey(keyHash);
};

/** Says aloud that LEIA did not answer. */
export const noteUnavailable = (deps: Pick<Deps, 'count' | 'warn'>, submitter: string, answer: Unavailable): void => {
  deps.count(answer.denied ? 'LeiaDenied' : 'LeiaUnavailable');
  deps.warn(answer.denied ? 'LEIA refuses our key' : 'LEIA does not answer', { submitter, cause: answer.cause });
};
