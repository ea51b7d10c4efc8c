// The end of a conditional job: what its execution came to, or that the execution died (contract §4.5, §4.6; D6).
import { brokenOff, type Chain, chainEnd, type Step } from '../jobs/chain-end.ts';
import { isFinished, type JobRecord } from '../jobs/job.ts';
import { chainDied, chainEnded } from '../jobs/sending.ts';
import type { Deps } from './deps.ts';

type EndDeps = Pick<Deps, 'mirror' | 'now' | 'count' | 'warn'>;

/** All rules have ended: so does the job. A child that is unfinished has outlasted its step: what follows cancels it. */
export const endChain = async (deps: EndDeps, id: string): Promise<void> => {
  const chain = await deps.mirror.job(id);
  const request = chain && (await deps.mirror.request(chain));
  if (!chain || isFinished(chain) || request?.kind !== 'conditional') return;
  const run: Chain = { rules: request.rules, matched: chain.matched ?? [], steps: await stepsOf(deps, id) };
  const end = chainEnd(run) ?? brokenOff(run);
  await deps.mirror.change(id, (record) => chainEnded(record, end, deps.now()), chain);
};

const stepsOf = async (deps: EndDeps, id: string): Promise<Step[]> => {
  const children = await deps.mirror.children(id);
  return Promise.all(children.map((child) => stepOf(deps, child)));
};

const stepOf = async (deps: EndDeps, child: JobRecord): Promise<Step> => ({
  ...(child.step ?? { rule: 0, entry: 0 }),
  child: { ...child, result: await deps.mirror.result(child) },
  givenUp: child.given_up?.why ?? (isFinished(child) ? undefined : 'timed out'),
});

/** The execution ended; if it has not ended the job, nothing else will: it FAILS, and its children are cancelled. */
export const failDeadChain = async (deps: EndDeps, id: string): Promise<void> => {
  const change = await deps.mirror.change(id, (record) => chainDied(record, deps.now()));
  if (!change?.after) return;
  deps.count('ChainDied');
  deps.warn('the execution of a conditional job ended without ending the job', { job_id: id });
};
