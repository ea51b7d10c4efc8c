// What functions do, and what each of these takes: rights and settings together. A function is made of a list of them.
import { Stack } from 'aws-cdk-lib';
import { accept, type BundleFunction } from './bundle-function.ts';
import { chainMachineArns } from './chain.ts';
import type { Settings } from './config.ts';
import type { State } from './state-stack.ts';

/** What the functions of the service stack rest on. */
export interface Ground {
  settings: Settings;
  state: State;
}

/** Gives a function all that one thing takes. */
export type Ability = (lambda: BundleFunction, ground: Ground) => void;

/** Reads and changes jobs. */
export const keepJobs: Ability = (lambda, { state }) => {
  state.jobs.giveJobsTo(lambda);
  state.overflow.giveValuesTo(lambda);
};

/** Reads and changes applications, with their breaker and sweep. */
export const keepApplications: Ability = (lambda, { state }) => state.jobs.giveAccessTo(lambda);

/** Tells by its token who calls. */
export const authenticate: Ability = (lambda, { state }) => {
  state.jobs.giveAccessTo(lambda);
  state.keys.giveTo(lambda);
  lambda.read('SESSION_SECONDS');
};

/** Asks LEIA on behalf of an application. */
export const askLeia: Ability = (lambda, { state }) => {
  state.keys.giveTo(lambda);
  lambda.read('LEIA_URL', 'LEIA_TIMEOUT_SECONDS');
};

/** Makes the callback URL of a job, and knows it again. */
export const signCallbacks: Ability = (lambda, { settings, state }) => {
  state.keys.giveTo(lambda);
  lambda.tell({ CALLBACK_BASE_URL: settings.callbackBaseUrl ?? state.api.endpoint });
};

/** Sends jobs to LEIA. */
export const sendJobs: Ability = (lambda) =>
  lambda.read(
    'CLAIM_SECONDS',
    'RETRY_FIRST_SECONDS',
    'RETRY_MAX_SECONDS',
    'GIVE_UP_SECONDS',
    'BREAKER_FAILURES',
    'BREAKER_OPEN_SECONDS',
  );

/** Reads LEIA's list for what was started directly there. */
export const discoverJobs: Ability = (lambda) => lambda.read('ADOPT_HISTORY_DAYS');

/** Answers with jobs, of whatever size. */
export const answerJobs: Ability = (lambda, { state }) => {
  state.overflow.giveAnswersTo(lambda);
  lambda.read('LARGE_ANSWER_SECONDS');
};

/** Turns the pages of lists. */
export const listJobs: Ability = (lambda) => lambda.read('LIST_SNAPSHOT_SECONDS');

/** Takes so many ids at once. */
export const limitIds: Ability = (lambda) => lambda.read('MAX_DOCUMENT_IDS');

/** Takes so many entries in the rules of a conditional job. */
export const limitEntries: Ability = (lambda) => lambda.read('MAX_CHAIN_ENTRIES');

/** Takes so many conditional jobs in a row. */
export const limitDepth: Ability = (lambda) => lambda.read('MAX_CHAIN_DEPTH');

/** Hands jobs on to send-job. */
export const releaseJobs: Ability = (lambda, { state }) => state.submissions.giveTo(lambda);

/** Hands ended jobs on to deliver-callback. */
const tellCallers: Ability = (lambda, { state }) => state.callbacks.giveTo(lambda);

/** Refuses callback URLs that lead to where we do not call. */
export const judgeCallbacks: Ability = (lambda) => lambda.read('CALLBACK_ALLOW_LIST');

/** Tells a waiting step of a chain how its child ended. */
export const answerSteps: Ability = (lambda, { settings }) =>
  lambda.allow(['states:SendTaskSuccess', 'states:SendTaskFailure'], chainMachineArns(lambda, settings).machine);

/** Starts and stops chains. */
const runChains: Ability = (lambda, { settings }) => {
  const { machine, executions } = chainMachineArns(lambda, settings);
  lambda.allow(['states:StartExecution'], machine);
  lambda.allow(['states:StopExecution'], executions);
  acceptExecutions(lambda, settings);
  lambda.tell({ STATE_MACHINE_ARN: machine });
};

/** Sees which chains run. */
export const watchChains: Ability = (lambda, { settings }) => {
  const { machine, executions } = chainMachineArns(lambda, settings);
  lambda.allow(['states:ListExecutions'], machine);
  lambda.allow(['states:DescribeExecution'], executions);
  acceptExecutions(lambda, settings);
  lambda.tell({ STATE_MACHINE_ARN: machine });
};

const acceptExecutions = (lambda: BundleFunction, { name }: Settings): void =>
  accept(
    lambda,
    // As cdk-nag spells what is known only when the stack is deployed.
    `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${name}-chains:*]`,
    'Each execution has the name of its job.',
  );

/** Performs what a change of a job causes (D4). */
export const followChanges: Ability = (lambda, ground) => {
  for (const ability of [releaseJobs, tellCallers, answerSteps, runChains]) ability(lambda, ground);
  const { settings } = ground;
  const bus = { service: 'events', resource: 'event-bus', resourceName: settings.eventBusName };
  lambda.allow(['events:PutEvents'], Stack.of(lambda).formatArn(bus));
  lambda.tell({ EVENT_BUS_NAME: settings.eventBusName });
};

/** Looks after jobs at their ages (D7). */
export const sweep: Ability = (lambda) =>
  lambda.read(
    'SWEEP_AGE_FIRST_SECONDS',
    'SWEEP_AGE_THEN_SECONDS',
    'SWEEP_LEASE_SECONDS',
    'STATUS_BATCH',
    'ABSENCE_CONFIRM_SECONDS',
    'FOLLOW_UP_OVERDUE_SECONDS',
    'WATCH_SECONDS',
    'DISCOVERY_INTERVAL_SECONDS',
  );
