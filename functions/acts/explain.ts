// Why a job stands where it stands: the facts around it, read from the mirror, for `jobs/explain.ts` to judge.
import type { Mirror } from '../adapters/mirror.ts';
import { causesOf, type Explanation, explainJob, type JobFacts, type Relatives } from '../jobs/explain.ts';
import type { RuleFacts } from '../jobs/explain-rules.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';

export type ExplainingDeps = { mirror: Pick<Mirror, 'job' | 'children' | 'request' | 'result'> };

/** The explanation of a job of the mirror. */
export const explanationOf = async (deps: ExplainingDeps, job: JobRecord): Promise<Explanation> => {
  const prerequisite = await prerequisiteOf(deps, job);
  const causes = await causesFor(deps, job);
  const rules = await rulesOf(deps, job, prerequisite);
  return explainJob({ job, causes, ...(prerequisite ? { prerequisite } : {}), ...(rules ? { rules } : {}) });
};

/** What a job's result shows to the rules that read it; nothing while it has not ended. */
export const outcomeOf = async (
  deps: ExplainingDeps,
  trigger: JobRecord | undefined,
): Promise<Pick<RuleFacts, 'outcome'>> => {
  if (!trigger || !isFinished(trigger)) return {};
  return { outcome: { result_type: trigger.result_type, result: await deps.mirror.result(trigger) } };
};

const prerequisiteOf = async (deps: ExplainingDeps, job: JobRecord): Promise<JobRecord | undefined> =>
  job.execute_after_id === null ? undefined : deps.mirror.job(job.execute_after_id);

/** A chain may be long; nobody reads more of it than this. */
const MAX_CAUSES = 100;

const causesFor = async (deps: ExplainingDeps, job: JobRecord): Promise<JobRecord[]> => {
  const known = new Map<string, Relatives>();
  for (let step = 0; step < MAX_CAUSES; step += 1) {
    const { causes, read } = causesOf(job.id, known);
    const next = read === undefined ? undefined : read === job.id ? job : await deps.mirror.job(read);
    if (!next) return causes;
    known.set(next.id, await relativesOf(deps, next));
  }
  return causesOf(job.id, known).causes;
};

const relativesOf = async (deps: ExplainingDeps, job: JobRecord): Promise<Relatives> => {
  const prerequisite = await prerequisiteOf(deps, job);
  const children = job.job_type === 'conditional' ? await deps.mirror.children(job.id) : [];
  return { job, children, ...(prerequisite ? { prerequisite } : {}) };
};

const rulesOf = async (
  deps: ExplainingDeps,
  job: JobRecord,
  trigger: JobRecord | undefined,
): Promise<JobFacts['rules']> => {
  const request = job.job_type === 'conditional' ? await deps.mirror.request(job) : undefined;
  if (request?.kind !== 'conditional' || !trigger) return undefined;
  const children = (await deps.mirror.children(job.id)).map((child) => ({
    ...(child.step ?? { rule: 0, entry: 0 }),
    child,
  }));
  return { request, trigger, children, status: job.status, ...(await outcomeOf(deps, trigger)) };
};
