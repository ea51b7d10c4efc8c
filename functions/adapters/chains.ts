// Executions of the state machine that runs conditional jobs (D6), each named by its job's id.
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  paginateListExecutions,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { STEP_FAILED } from '../jobs/chain.ts';

/** Tells the steps that wait. */
export type ChainAnswers = {
  /** Tells a waiting step whether its child is PROCESSED; a stale or unknown token counts as answered. */
  answer(token: string, ok: boolean): Promise<void>;
};

/** Begins and ends executions. */
export type ChainRuns = {
  /** Starts the execution of a conditional job; one that runs, or has run, is left as it is. */
  start(jobId: string): Promise<void>;
  /** Ends it from outside; nothing if there is none (any more). */
  stop(jobId: string): Promise<void>;
};

/** Looks at executions. */
export type ChainWatch = {
  /** Ids of the jobs whose executions run, about `most` of them if given; may miss those started within the last seconds. */
  running(most?: number): Promise<Set<string>>;
  state(jobId: string): Promise<'running' | 'ended' | 'absent'>;
};

export type Chains = ChainAnswers & ChainRuns & ChainWatch;

// One adapter for each kind of use: a function's bundle holds, and its role grants, no more than it needs.

export const chainAnswers = (client: SFNClient): ChainAnswers => ({
  answer: (token, ok) => answer(client, token, ok),
});

export const chainRuns = (client: SFNClient, stateMachineArn: string): ChainRuns => ({
  start: async (jobId) => {
    const input = JSON.stringify({ job_id: jobId });
    const command = new StartExecutionCommand({ stateMachineArn, name: jobId, input });
    await unless([ExecutionAlreadyExists], client.send(command));
  },
  stop: async (jobId) => {
    const command = new StopExecutionCommand({ executionArn: executionOf(stateMachineArn, jobId) });
    await unless([ExecutionDoesNotExist, ValidationException], client.send(command));
  },
});

export const chainWatch = (client: SFNClient, stateMachineArn: string): ChainWatch => ({
  running: async (most = Number.POSITIVE_INFINITY) => {
    const found = new Set<string>();
    for await (const page of paginateListExecutions({ client }, { stateMachineArn, statusFilter: 'RUNNING' })) {
      for (const { name } of page.executions ?? []) found.add(name ?? '');
      if (found.size >= most) break;
    }
    return found;
  },
  state: async (jobId) => {
    const command = new DescribeExecutionCommand({ executionArn: executionOf(stateMachineArn, jobId) });
    const found = await unless([ExecutionDoesNotExist], client.send(command));
    if (!found) return 'absent';
    return found.status === 'RUNNING' ? 'running' : 'ended';
  },
});

const answer = async (client: SFNClient, taskToken: string, ok: boolean): Promise<void> => {
  try {
    if (ok) await client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
    else await client.send(new SendTaskFailureCommand({ taskToken, error: STEP_FAILED }));
  } catch (error) {
    const stale = error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken;
    if (!stale) throw withoutToken(error, taskToken);
  }
};

/** AWS may repeat the token in what it says of a call; what fails here is logged. */
const withoutToken = (error: unknown, token: string): Error => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return Object.assign(new Error(message.replaceAll(token, '(task token)')), { name });
};

/** The reply, or nothing when AWS says that there is nothing to do; MiniStack validates that an execution still runs. */
const unless = async <T>(
  nothingToDo: (new (...args: never[]) => Error)[],
  reply: Promise<T>,
): Promise<T | undefined> => {
  try {
    return await reply;
  } catch (error) {
    if (nothingToDo.some((one) => error instanceof one)) return undefined;
    throw error;
  }
};

const executionOf = (stateMachineArn: string, jobId: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${jobId}`;
