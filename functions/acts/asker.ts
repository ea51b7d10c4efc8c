// Whose jobs a request is about (contract §2.1).
import type { Leia, LeiaJobs } from '../adapters/leia-api.ts';
import { idOf } from '../jobs/inputs.ts';
import type { CallerRequest } from '../runtime/request.ts';
import type { Deps } from './deps.ts';

export type Asker = {
  submitter: string;
  leia: () => Promise<LeiaJobs | undefined>;
  /** The admin who asks, by the submitter in the path: a job of anybody else is not there (contract §8 row 17). */
  admin?: string;
};

/** The caller's own jobs, or, on an admin path, those of the submitter that it names. */
export const askerOf = ({ params, caller }: CallerRequest, deps: Pick<Deps, 'leiaForKey'>): Asker => {
  const leia = async () => {
    await caller.proof;
    return deps.leiaForKey(caller.session.key_hash);
  };
  return params.submitter_id === undefined
    ? { submitter: caller.application.id, leia }
    : adminFor(idOf('submitter_id', params.submitter_id), { admin: caller.application.id, leia });
};

/** An admin, with its own LEIA, for the jobs of `submitter`. */
export const adminFor = (
  submitter: string,
  { admin, leia }: { admin: string; leia: () => Promise<Leia | undefined> },
): Asker => ({
  submitter,
  leia: async () => (await leia())?.asAdminFor(submitter),
  admin,
});
