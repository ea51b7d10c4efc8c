// One entry of a rule becomes a job of the mirror, with the token that its end will answer (D6).
import type { ChainAnswers } from '../adapters/chains.ts';
import { childId } from '../jobs/chain.ts';
import { type ChainJob, carriedTag, entryRequest, type PreviousStep } from '../jobs/chain-inputs.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import { newChild } from '../jobs/new-job.ts';
import type { ConditionalRequest, JobRequest } from '../jobs/request.ts';
import type { Outcome } from '../jobs/select-inputs.ts';
import { failUnsent } from '../jobs/sending.ts';
import { sha256 } from '../runtime/hash.ts';
import type { Deps } from './deps.ts';

export type StepDeps = Pick<Deps, 'mirror' | 'submissions' | 'now' | 'count' | 'warn'> & { chains: ChainAnswers };

export type StepTask = { job_id: string; rule: number; entry: number; task_token: string };

/**
 * Records the child of this step and hands it on to be sent. A step that runs again – Lambda failed, or was slow to say
 * that it had not – gives the child the new token, or answers it at once if the child has ended.
 */
export const recordStep = async (deps: StepDeps, task: StepTask): Promise<void> => {
  const id = childId(task.job_id, task, sha256);
  if (await takeOver(deps, id, task.task_token)) return;
  const made = await makeChild(deps, id, task);
  const outcome = made ? await deps.mirror.createChild(made.child, made.request) : 'over';
  if (outcome === 'created') {
    if (made?.request && !isFinished(made.child)) await deps.submissions.put([id]);
  } else if (outcome === 'over') await deps.chains.answer(task.task_token, false);
  else await takeOver(deps, id, task.task_token);
};

/** False when there is no such child yet. */
const takeOver = async (deps: StepDeps, id: string, task_token: string): Promise<boolean> => {
  const change = await deps.mirror.change(id, (job) => (isFinished(job) ? undefined : { ...job, task_token }));
  const child = change?.after ?? change?.before;
  if (!child) return false;
  if (isFinished(child)) await deps.chains.answer(task_token, child.status === 'PROCESSED');
  else if (child.stage === 'unsent') await deps.submissions.put([id]);
  return true;
};

/** Undefined when the chain has ended meanwhile. */
const makeChild = async (
  deps: StepDeps,
  id: string,
  { job_id, rule, entry, task_token }: StepTask,
): Promise<{ child: JobRecord; request: JobRequest } | undefined> => {
  const chain = await deps.mirror.job(job_id);
  const asked = chain && (await deps.mirror.request(chain));
  const jobEntry = asked?.kind === 'conditional' ? asked.rules[rule]?.jobs[entry] : undefined;
  if (!chain || isFinished(chain) || asked?.kind !== 'conditional' || !jobEntry) return undefined;
  const { trigger, previous } = await factsOf(deps, { chain, asked, rule, entry });
  const before = previous?.job ?? trigger?.job;
  if (!trigger || !before) return undefined;
  const found = entryRequest(jobEntry, { trigger: trigger.facts, ...(previous ? { previous: previous.facts } : {}) });
  const own = 'request' in found ? found.request : { ...jobEntry, block_processing: false };
  const request = asked.owner === undefined ? own : { ...own, owner: asked.owner };
  const child = newChild(
    { id, chain, step: { rule, entry }, taskToken: task_token, previous: before, request },
    deps.now(),
  );
  return { child: 'fail' in found ? (failUnsent(child, found.fail, 400, deps.now()) ?? child) : child, request };
};

type Place = { chain: JobRecord; asked: ConditionalRequest; rule: number; entry: number };

const factsOf = async (deps: StepDeps, { chain, asked, rule, entry }: Place) => {
  const ids = Array.from({ length: entry }, (_, at) => childId(chain.id, { rule, entry: at }, sha256));
  const [triggerJob, children] = await Promise.all([
    deps.mirror.job(chain.execute_after_id ?? ''),
    deps.mirror.jobs(ids),
  ]);
  const trigger = triggerJob && { job: triggerJob, facts: await chainJob(deps, triggerJob) };
  const previousJob = children.at(-1);
  if (!trigger || !previousJob) return { trigger };
  const resultTypes = children.map(({ result_type }) => result_type);
  const beforeThat = children.at(-2);
  const facts: PreviousStep = {
    ...(await chainJob(deps, previousJob)),
    page_range: previousJob.page_range,
    tag: carriedTag(asked.rules[rule]?.jobs ?? [], entry - 1, resultTypes),
    after: beforeThat ? await outcomeOf(deps, beforeThat) : trigger.facts,
  };
  return { trigger, previous: { job: previousJob, facts } };
};

const chainJob = async (deps: StepDeps, job: JobRecord): Promise<ChainJob> => ({
  id: job.id,
  document_ids: job.document_ids,
  ...(await outcomeOf(deps, job)),
});

const outcomeOf = async (deps: StepDeps, job: JobRecord): Promise<Outcome> => ({
  result_type: job.result_type,
  result: await deps.mirror.result(job),
});
