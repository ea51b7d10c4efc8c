// What goes wrong while a chain runs: calls of run-chain fail half-way and are made again, changes are delivered again,
// somebody ends it from outside.
import { type FollowDeps, follow } from '../../../functions/acts/follow.ts';
import type { StepDeps } from '../../../functions/acts/record-step.ts';
import { effectsOf } from '../../../functions/jobs/effects.ts';
import { cancelRequested } from '../../../functions/jobs/intents.ts';
import type { JobRecord } from '../../../functions/jobs/job.ts';
import { type ChainTask, runChain } from '../../../functions/run-chain.ts';
import { inTurn } from '../interleavings.ts';
import type { Images, MemoryMirror } from '../memory-mirror.ts';
import type { StateMachine } from '../state-machine.ts';
import type { Move } from './leia.ts';
import type { Plan, Stumble } from './plans.ts';

export type PlayDeps = FollowDeps & StepDeps;

class Accident extends Error {}

/** The same, but from the `steps`-th step on all of them fail. */
const failingAfter = (deps: PlayDeps, steps: number): PlayDeps => {
  let left = steps;
  const step = async (): Promise<void> => {
    left -= 1;
    if (left < 0) throw new Accident();
  };
  return {
    ...deps,
    mirror: inTurn(deps.mirror, step),
    submissions: inTurn(deps.submissions, step),
    chains: inTurn(deps.chains, step),
  };
};

/** Calls of run-chain that fail as planned. One that has done all its work takes its time to. */
export const runChainWithStumbles = (plan: Plan, note: (what: string) => void) => {
  const stumbles = new Map<string, Stumble[]>([
    ['evaluate', [...plan.evaluate]],
    ['give-up-step', [...plan.giveUp]],
    ['complete', [...plan.complete]],
    ...plan.rules.flatMap(({ entries }, rule) =>
      entries.map((one, entry): [string, Stumble[]] => [`${rule}.${entry}`, [...one.stumbles]]),
    ),
  ]);
  const hanging = new Map<string, () => void>();

  const call = async (task: ChainTask, deps: PlayDeps): Promise<object> => {
    const name = task.action === 'run-step' ? `${task.rule}.${task.entry}` : task.action;
    const stumble = stumbles.get(name)?.shift();
    note(`run-chain: ${name}${stumble === undefined ? '' : `, stumbles ${stumble}`}`);
    if (stumble === undefined) return runChain(task, deps);
    await runChain(task, stumble === 'after' ? deps : failingAfter(deps, stumble));
    await new Promise<void>((resolve) => hanging.set(name, resolve));
    throw new Accident();
  };
  const moves = (): Move[] =>
    [...hanging].map(([name, letGo]) => ({
      what: `run-chain: ${name} fails after its work`,
      go: async () => {
        hanging.delete(name);
        letGo();
      },
    }));
  return { call, moves };
};

/** The stream: each job's changes in order, delivered again from somewhere before when following them failed. */
export const streamWithRepeats = (deps: PlayDeps, mirror: MemoryMirror, draw: (below: number) => number) => {
  const waiting: Images[] = [];
  const delivered: Images[] = [];
  const latest = new Map<string, JobRecord>();
  let repeats = 10;
  mirror.changes((images) => {
    waiting.push(images);
    latest.set(images.after.id, images.after);
  });

  const deliver = async (): Promise<void> => {
    const images = waiting.shift();
    if (!images) return;
    delivered.push(images);
    const fails = repeats > 0 && draw(6) === 0;
    try {
      await follow(fails ? failingAfter(deps, draw(6)) : deps, images.after, effectsOf(images.before, images.after));
    } catch (error) {
      if (!(error instanceof Accident)) throw error;
    }
    if (!fails) return;
    repeats -= 1;
    waiting.unshift(...delivered.splice(-1 - draw(3)));
  };
  const moves = (): Move[] => {
    const [next] = waiting;
    if (!next) return [];
    const { step, job_type, status } = next.after;
    return [{ what: `stream: ${step ? `${step.rule}.${step.entry}` : job_type} ${status}`, go: deliver }];
  };
  return { moves, latest: (job: string) => latest.get(job) };
};

/** The interruption of a plan: a cancel, or the end of the execution, of which an event tells. */
export const interruptions = (
  { interruption }: Plan,
  deps: PlayDeps,
  { chain, machine }: { chain: string; machine: StateMachine },
) => {
  let state: 'to come' | 'unheard' | 'over' = interruption ? 'to come' : 'over';
  const cancel = async (): Promise<void> => {
    state = 'over';
    await deps.mirror.change(chain, (job) => cancelRequested(job, deps.now()));
  };
  const kill = async (): Promise<void> => {
    state = 'unheard';
    if (interruption && interruption.kind !== 'cancelled') machine.stop(chain, interruption.kind);
  };
  const hear = async (): Promise<void> => {
    state = 'over';
    await runChain({ action: 'execution-ended', job_id: chain }, deps);
  };
  return {
    /** @param happened so much already */
    moves: (happened: number): Move[] => {
      if (state === 'unheard') return [{ what: 'event: the execution has ended', go: hear }];
      if (state === 'over' || !interruption || happened < interruption.after) return [];
      if (interruption.kind === 'cancelled') return [{ what: 'a client cancels the chain', go: cancel }];
      return machine.state(chain) === 'RUNNING' ? [{ what: `the execution is ${interruption.kind}`, go: kill }] : [];
    },
  };
};
