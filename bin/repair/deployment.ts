// What a deployment consists of, by the outputs of its two stacks.
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { Failure } from './failure.ts';
import type { Place } from './place.ts';

export type Deployment = {
  account: string;
  region: string;
  table: string;
  shards: number;
  bucket: string;
  /** Addresses of queues by their names: of `CallbacksQueueUrl`, `callbacks`. Dead-letter queues of others are not here. */
  queues: ReadonlyMap<string, string>;
  /** Absent while the service stack is not deployed. */
  service?: { sweep: string; follow: string; chain: string; repair: string; stateMachine: string };
};

const StateOutputs = z.object({
  TableName: z.string(),
  BucketName: z.string(),
  IndexShards: z.coerce.number().int().positive(),
});
const ServiceOutputs = z.object({
  SweepFunctionName: z.string(),
  FollowFunctionName: z.string(),
  ChainFunctionName: z.string(),
  RepairFunctionName: z.string(),
  StateMachineArn: z.string(),
});

/** @throws Failure when there is no such deployment, or one of an older version */
export const deploymentOf = async ({ client, stateStack, serviceStack }: Place): Promise<Deployment> => {
  const cloudFormation = new CloudFormationClient(client);
  const [region, state, service] = await Promise.all([
    cloudFormation.config.region(),
    stackOf(cloudFormation, stateStack),
    stackOf(cloudFormation, serviceStack),
  ]);
  if (!state)
    throw new Failure(`there is no stack ${stateStack} in ${region}: --name tells which deployment, AWS_REGION where`);
  const { TableName, BucketName, IndexShards } = outputsOf(StateOutputs, state);
  return {
    account: state.StackId?.split(':')[4] ?? '',
    region,
    table: TableName,
    bucket: BucketName,
    shards: IndexShards,
    queues: queuesOf([state, ...(service ? [service] : [])]),
    ...(service ? { service: serviceOf(service) } : {}),
  };
};

const stackOf = async (client: CloudFormationClient, StackName: string): Promise<Stack | undefined> => {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0];
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
};

const serviceOf = (stack: Stack): NonNullable<Deployment['service']> => {
  const outputs = outputsOf(ServiceOutputs, stack);
  return {
    sweep: outputs.SweepFunctionName,
    follow: outputs.FollowFunctionName,
    chain: outputs.ChainFunctionName,
    repair: outputs.RepairFunctionName,
    stateMachine: outputs.StateMachineArn,
  };
};

const textsOf = ({ Outputs = [] }: Stack): Record<string, string> =>
  Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));

const outputsOf = <T>(schema: z.ZodType<T>, stack: Stack): T => {
  const outputs = schema.safeParse(textsOf(stack));
  if (outputs.success) return outputs.data;
  const missing = outputs.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new Failure(`the stack ${stack.StackName} has no output ${missing}: deploy this version of it first`);
};

const queuesOf = (stacks: Stack[]): Map<string, string> => {
  const urls = stacks.flatMap((stack) => Object.entries(textsOf(stack))).filter(([key]) => key.endsWith('QueueUrl'));
  return new Map(urls.map(([key, url]) => [nameOf(key.slice(0, -'QueueUrl'.length)), url]));
};

/** `MissedSweeps` becomes `missed-sweeps`; the first queue there was has no name of its own. */
const nameOf = (key: string): string =>
  key === '' ? 'submissions' : key.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
