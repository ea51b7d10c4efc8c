// One entry of a rule becomes a job of the mirror, with the token that its end will answer (D6).
import type { ChainAnswers } from '../adapters/chains.ts';
import { childId } from '../jobs/chain.ts';
import { type EntryRequest, entryRequest, type JobBefore, type StepFacts } from '../jobs/chain-inputs.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import { newChild } from '../jobs/new-job.ts';
import type { JobRequest } from '../jobs/request.ts';
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
  if (!chain || isFinished(chain) || asked?.kind !== 'conditional') return undefined;
  const entries = asked.rules[rule]?.jobs ?? [];
  const [jobEntry, after] = [entries[entry], idBefore(chain, { rule, entry })];
  const found = await requestOf(deps, { chain, rule, entries, at: entry, after });
  if (!jobEntry || !found) return undefined;
  const own = 'request' in found ? found.request : { ...jobEntry, block_processing: false };
  const request = asked.owner === undefined ? own : { ...own, owner: asked.owner };
  const child = newChild({ id, chain, step: { rule, entry }, taskToken: task_token, after, request }, deps.now());
  return { child: 'fail' in found ? (failUnsent(child, found.fail, 400, deps.now()) ?? child) : child, request };
};

/** The job that an entry follows: that of the entry before it, or the trigger. */
const idBefore = (chain: JobRecord, { rule, entry }: { rule: number; entry: number }): string =>
  entry > 0 ? childId(chain.id, { rule, entry: entry - 1 }, sha256) : (chain.execute_after_id ?? '');

type Asking = Omit<StepFacts, 'trigger' | 'known'> & { chain: JobRecord; rule: number };

/** Reads the jobs before the entry, the nearest first, as far back as its inputs follow from them; undefined when one is gone. */
const requestOf = async (
  deps: StepDeps,
  { chain, rule, ...asking }: Asking,
): Promise<Exclude<EntryRequest, { read: number }> | undefined> => {
  // A conditional job has the documents of its trigger.
  const trigger = { id: chain.execute_after_id ?? '', document_ids: chain.document_ids };
  const known = new Map<number, JobBefore>();
  for (;;) {
    const found = entryRequest({ ...asking, trigger, known });
    if (!('read' in found)) return found;
    const job = await deps.mirror.job(idBefore(chain, { rule, entry: found.read + 1 }));
    if (!job) return undefined;
    known.set(found.read, { ...job, result: await deps.mirror.result(job) });
  }
};
