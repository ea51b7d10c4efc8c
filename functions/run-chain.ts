// run-chain – the tasks of the state machine behind a conditional job (contract §4; D6): which rules match, one entry
// after the other, and the end. Between the states travel ids and indexes only.
import * as z from 'zod';
import { endChain, failDeadChain } from './acts/end-chain.ts';
import { giveUpStep } from './acts/give-up-step.ts';
import { recordStep, type StepDeps } from './acts/record-step.ts';
import { matchedRules } from './jobs/chain.ts';
import { GivenUp, isFinished } from './jobs/job.ts';
import { wired } from './runtime/wired.ts';
import { chainDeps } from './runtime/wiring.ts';

const job = { job_id: z.string() };
const index = z.number().int().min(0);

/** What the state machine, and the event of an execution's end, call the function with. */
export const ChainTask = z.discriminatedUnion('action', [
  z.object({ action: z.literal('evaluate'), ...job }),
  z.object({ action: z.literal('run-step'), ...job, rule: index, entry: index, task_token: z.string() }),
  z.object({ action: z.literal('give-up-step'), ...job, rule: index, entry: index, why: GivenUp }),
  z.object({ action: z.literal('complete'), ...job }),
  z.object({ action: z.literal('execution-ended'), ...job }),
]);
export type ChainTask = z.infer<typeof ChainTask>;

/** Every task is safe to repeat: the state machine repeats them when Lambda fails. */
export const runChain = async (task: ChainTask, deps: StepDeps): Promise<object> => {
  switch (task.action) {
    case 'evaluate':
      return { rules: await evaluateRules(deps, task.job_id) };
    case 'run-step':
      await recordStep(deps, task);
      return {};
    case 'give-up-step':
      await giveUpStep(deps, task);
      return {};
    case 'complete':
      await endChain(deps, task.job_id);
      return {};
    case 'execution-ended':
      await failDeadChain(deps, task.job_id);
      return {};
  }
};

/** The rules that match, once and for all, and how many entries each has; none for a job that has ended meanwhile. */
const evaluateRules = async (deps: StepDeps, id: string): Promise<{ rule: number; entries: number }[]> => {
  const chain = await deps.mirror.job(id);
  const request = chain && (await deps.mirror.request(chain));
  if (!chain || isFinished(chain) || request?.kind !== 'conditional') return [];
  const trigger = await deps.mirror.job(chain.execute_after_id ?? '');
  const result = trigger ? await deps.mirror.result(trigger) : null;
  const { indexes } = matchedRules(request, { result_type: trigger?.result_type ?? null, result });
  const change = await deps.mirror.change(
    id,
    (record) => (isFinished(record) || record.matched ? undefined : { ...record, matched: indexes }),
    chain,
  );
  const after = change?.after ?? change?.before ?? chain;
  if (isFinished(after)) return [];
  const rules = (after.matched ?? []).map((rule) => ({ rule, entries: request.rules[rule]?.jobs.length ?? 0 }));
  return rules.filter(({ entries }) => entries > 0);
};

export const handler = wired(() => {
  const deps = chainDeps();
  return (event: unknown) => runChain(ChainTask.parse(event), deps);
});
