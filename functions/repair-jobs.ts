// repair-jobs – what a person asks for by `npx leia-jobs` (docs/runbook.md). No route leads here: whoever may invoke it
// by the account's own rights may cancel and resubmit the jobs of all applications.
import pMap from 'p-map';
import { believeAbsence, endHalt } from './acts/absence.ts';
import { type CancelDeps, cancel } from './acts/cancel.ts';
import { mirroredJob } from './acts/find-job.ts';
import { leiaOf } from './acts/leia-of.ts';
import { type ResubmitDeps, resubmit } from './acts/resubmit.ts';
import type { Absence } from './jobs/absence.ts';
import { isFinished, type JobRecord } from './jobs/job.ts';
import { type JobRepair, type LeiaSeen, MOST_AT_ONCE, RepairTask } from './jobs/repair.ts';
import { messageOf } from './runtime/log.ts';
import { wired } from './runtime/wired.ts';
import { repairDeps } from './runtime/wiring.ts';

export type RepairDeps = CancelDeps & ResubmitDeps;

/** One answer for each job, or application. Safe to repeat, whatever became of the call before. */
export const repairJobs = async (task: RepairTask, deps: RepairDeps): Promise<JobRepair[] | LeiaSeen[] | Absence> => {
  if (task.action === 'ask-leia') return askLeia(deps);
  if (task.action === 'judge-absence') return judgeAbsence(deps, task);
  deps.warn('a person repairs jobs', { action: task.action, job_ids: task.job_ids.join(' ') });
  // One after the other: a job may be the prerequisite of the one behind it.
  if (task.action === 'resubmit') return inOrder(task.job_ids, (id) => withJob(deps, id, (job) => resubmit(deps, job)));
  return pMap(task.job_ids, (id) => withJob(deps, id, (job) => cancelOne(deps, job)), { concurrency: MOST_AT_ONCE });
};

const inOrder = async (ids: string[], act: (id: string) => Promise<JobRepair>): Promise<JobRepair[]> => {
  const repairs: JobRepair[] = [];
  for (const id of ids) repairs.push(await act(id));
  return repairs;
};

/** One job that cannot be repaired must not keep the others from it. */
const withJob = async (
  deps: RepairDeps,
  id: string,
  act: (job: JobRecord) => Promise<JobRepair>,
): Promise<JobRepair> => {
  try {
    const job = await mirroredJob(deps.mirror, id);
    return job ? await act(job) : { job_id: id, outcome: 'nothing', status: null, why: 'no such job is known' };
  } catch (error) {
    const cause = messageOf(error);
    deps.warn('a job could not be repaired', { job_id: id, cause });
    return { job_id: id, outcome: 'nothing', status: null, why: `it failed: ${cause}` };
  }
};

type Judging = Extract<RepairTask, { action: 'judge-absence' }>;

const judgeAbsence = async (deps: RepairDeps, { submitter, verdict, seconds }: Judging): Promise<Absence> => {
  if (verdict !== 'look') deps.warn('a person judges absent jobs', { submitter, verdict });
  if (verdict === 'leia-is-right') await endHalt(deps, submitter);
  if (verdict === 'jobs-are-lost') await believeAbsence(deps, submitter, seconds);
  return deps.access.absence(submitter);
};

const cancelOne = async (deps: RepairDeps, job: JobRecord): Promise<JobRepair> => {
  const { asked, job: after } = await cancel(deps, job);
  if (!after) return { job_id: job.id, outcome: 'nothing', status: null, why: 'it is gone' };
  const told = { job_id: job.id, status: after.status };
  if (after.status === 'CANCELED' && asked) return { ...told, outcome: 'cancelled' };
  if (isFinished(after)) return { ...told, outcome: 'nothing', why: `it is ${after.status}` };
  return { ...told, outcome: 'asked', why: asked ? 'LEIA has not confirmed it yet' : 'it was asked for before' };
};

const LOGINS_AT_ONCE = 8;
/** The function has a little longer than this. */
const PATIENCE_MILLIS = 15_000;

const askLeia = async (deps: RepairDeps): Promise<LeiaSeen[]> => {
  const until = deps.now() + PATIENCE_MILLIS;
  const ask = async (application_id: string): Promise<LeiaSeen> =>
    deps.now() > until ? { application_id, leia: 'not-asked' } : askAs(deps, application_id);
  return pMap(await deps.access.applicationIds(), ask, { concurrency: LOGINS_AT_ONCE });
};

/** A login: it is what every other request needs first. */
const askAs = async (deps: RepairDeps, application_id: string): Promise<LeiaSeen> => {
  const leia = await leiaOf(deps, application_id);
  if (!leia) return { application_id, leia: 'keyless' };
  const asked = deps.now();
  const answer = await leia.login();
  const told = { application_id, milliseconds: deps.now() - asked };
  if (answer.outcome === 'found') return { ...told, leia: 'answers' };
  const cause = answer.outcome === 'refused' ? `${answer.status} ${answer.detail}` : answer.cause;
  const refuses = answer.outcome === 'refused' || answer.denied === true;
  return { ...told, leia: refuses ? 'refuses-key' : 'does-not-answer', cause };
};

export const handler = wired(() => {
  const deps = repairDeps();
  return (event: unknown) => repairJobs(RepairTask.parse(event), deps);
});
