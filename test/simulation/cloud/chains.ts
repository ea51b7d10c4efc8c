// Step Functions: the synthesized state machine, interpreted, which calls run-chain; and how a function reaches it.
import type { Chains } from '../../../functions/adapters/chains.ts';
import { ChainTask } from '../../../functions/run-chain.ts';
import { answerStep } from '../../support/answer-step.ts';
import { type Json, type StateMachine, stateMachine } from '../../support/state-machine.ts';
import type { Container, LambdaFunction } from '../kernel/lambda.ts';
import type { GroundParts, StepListener } from './ground.ts';
import { stepTimeoutSeconds } from './settings.ts';

export const chainsIn = (container: Container, machine: () => StateMachine): Chains => {
  const trip = container.tripTo('chains');
  return {
    start: (id) => trip(`start ${id}`, () => void machine().start(id, { job_id: id })),
    stop: (id) => trip(`stop ${id}`, () => void machine().stop(id)),
    answer: (token, ok) => trip(`answer ${token}: ${ok}`, () => void answerStep(machine(), token, ok)),
    running: () => trip('list executions', () => new Set(machine().running())),
    state: (id) =>
      trip(`describe ${id}`, () => {
        const state = machine().state(id);
        return state === undefined ? 'absent' : state === 'RUNNING' ? 'running' : 'ended';
      }),
  };
};

const jobOf = (task: unknown): string => ChainTask.parse(task).job_id;

/** What Step Functions makes of a Lambda that died. */
class Unknown extends Error {
  override name = 'Lambda.Unknown';
}

type MachineParts = GroundParts & {
  run: LambdaFunction<(task: unknown) => Promise<object>>;
  counted: Record<string, number>;
  stepBegins: StepListener;
};

export const machineOf = (parts: MachineParts): StateMachine => {
  const { scheduler, chance, faults, definition, run, counted } = parts;
  const reply = async (task: unknown): Promise<object> => {
    const outcome = await run.call((runTask) => runTask(task));
    if (outcome.outcome === 'done') return outcome.value;
    counted.TaskFailed = (counted.TaskFailed ?? 0) + 1;
    throw outcome.outcome === 'failed' ? outcome.error : new Unknown('the container died');
  };
  const asked = new Set<string>();
  /** As long as a Retry waits, where it was asked before; the interpreter repeats at once. */
  const waitBefore = (task: Json): number => {
    const place = JSON.stringify(task, (key, value: unknown) => (key === 'task_token' ? undefined : value));
    const again = asked.has(place);
    asked.add(place);
    const soon = chance.happens(0.5) ? chance.between(5, 200) : chance.between(5, 3000);
    return again ? chance.between(1000, 32_000) : soon;
  };
  const machine: StateMachine = stateMachine(definition, {
    now: scheduler.now,
    invoke: async (task) => {
      const wait = waitBefore(task);
      const isStep = typeof task === 'object' && task !== null && 'task_token' in task;
      if (isStep) parts.stepBegins(jobOf(task), wait);
      await scheduler.sleep(wait, `the state machine asks for ${JSON.stringify(task)}`);
      if (isStep)
        scheduler.after(
          stepTimeoutSeconds * 1000,
          () => 'the time of a step is up',
          () => void machine.timeOut(),
        );
      if (faults.strikes('execution-died')) {
        const die = () => void machine.stop(jobOf(task), chance.pick(['ABORTED', 'TIMED_OUT']));
        scheduler.after(chance.between(0, 30_000), () => `execution ${jobOf(task)} dies`, die);
      }
      if (faults.strikes('task-again')) await reply(task).catch(() => {});
      const answer = await reply(task);
      if (!faults.strikes('task-answer-lost')) return answer;
      counted.TaskFailed = (counted.TaskFailed ?? 0) + 1;
      throw new Unknown('the answer got lost');
    },
    ended: (name, status) => {
      if (status === 'SUCCEEDED' || faults.strikes('execution-end-lost')) return;
      const tell = () => void reply({ action: 'execution-ended', job_id: name }).catch(() => {});
      scheduler.after(chance.between(100, 3000), () => `execution ${name} is ${status}`, tell);
    },
  });
  return machine;
};
