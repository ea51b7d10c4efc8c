// Which of LEIA's lists a discovery reads, and whose the jobs in it are (D7; decisions 9 and 21).
import type { Leia, LeiaJob, LeiaJobs } from '../adapters/leia-api.ts';
import type { Deps } from './deps.ts';
import { leiaOf } from './leia-of.ts';
import { judgeOf, type Verdict } from './own-or-foreign.ts';

/** Jobs of one submitter in what LEIA listed. */
export type Portion = {
  submitter: string;
  jobs: LeiaJob[];
  leia: Pick<LeiaJobs, 'cancel'>;
  /** Tells a job of ours from somebody's own, where LEIA does not. */
  judge: (seen: LeiaJob) => Promise<Verdict>;
};

export type View = {
  /** By what name it is kept how far the list was read: the application's id, or `STRANGERS`. */
  keptAs: string;
  leia: Pick<Leia, 'newestJobs'>;
  /** To be called before the list is read; divides what was listed. Jobs that others are to find are in no portion. */
  begin(): Promise<(listed: LeiaJob[]) => Promise<Portion[]>>;
};

type ViewDeps = Pick<Deps, 'mirror' | 'access' | 'leiaForKey' | 'now'>;

/** The application's own list. Another submitter's job in it is that one's to find. */
export const ownView = (
  deps: ViewDeps,
  { submitter, leia }: { submitter: string; leia: Pick<Leia, 'newestJobs' | 'cancel'> },
): View => ({
  keptAs: submitter,
  leia,
  begin: async () => {
    const judge = await judgeOf(deps, submitter);
    const isOwn = ({ submitter_id }: LeiaJob): boolean => submitter_id === '' || submitter_id === submitter;
    return async (listed) => [{ submitter, leia, judge, jobs: listed.filter(isOwn) }];
  },
});

/** All strangers have one watermark, whichever admin's key reads for them: to LEIA all admins are alike. */
export const STRANGERS = 'STRANGERS';

/**
 * What an admin sees of strangers: of applications that never logged in here, and of those whose key left the secret.
 * Each is noted as one before anything of it is recorded, so that the sweep follows whatever is.
 */
export const strangersView = (
  deps: ViewDeps,
  { admin, leia }: { admin: string; leia: Pick<Leia, 'newestJobsOfAll' | 'asAdminFor'> },
): View => ({
  keptAs: STRANGERS,
  leia: { newestJobs: leia.newestJobsOfAll },
  begin: async () => {
    const judges = await judgesOfRetired(deps);
    return async (listed) => {
      // Only now: whoever submits a job has logged in before, so that its application is known once LEIA lists the job.
      const known = new Set(await deps.access.applicationIds());
      const portions: Portion[] = [];
      for (const [submitter, jobs] of Map.groupBy(listed, submitterOf)) {
        const judge = judges.get(submitter) ?? (known.has(submitter) ? undefined : isSomebodysOwn);
        if (!judge || submitter === '') continue;
        await deps.access.noteStranger(submitter, admin);
        portions.push({ submitter, jobs, judge, leia: leia.asAdminFor(submitter) });
      }
      return portions;
    };
  },
});

/** LEIA need not say who submitted a job; but for admins' jobs it is the owner of the documents (contract §2.5). */
const submitterOf = ({ submitter_id, application_id }: LeiaJob): string => submitter_id || application_id;

const isSomebodysOwn = async (): Promise<Verdict> => 'foreign';

/** Of applications that were served once, attempts may still be in doubt. */
const judgesOfRetired = async (deps: ViewDeps): Promise<Map<string, Portion['judge']>> => {
  const judges = new Map<string, Portion['judge']>();
  for (const id of await deps.access.applicationIds())
    if ((await leiaOf(deps, id)) === undefined) judges.set(id, await judgeOf(deps, id));
  return judges;
};
