// What only a deployed bundle has: functions as Lambda runs them, queues, the source that reads the table's stream.
import { readdir, readFile } from 'node:fs/promises';
import process from 'node:process';
import {
  type EventSourceMappingConfiguration,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { inject } from 'vitest';

type Environment = Record<string, string>;
type MappingChange = Pick<EventSourceMappingConfiguration, 'MaximumRecordAgeInSeconds' | 'DestinationConfig'>;

/** The functions, queues and event sources of the stacks that global-setup.ts deployed. */
export const deployed = () => {
  const flow = inject('flow');
  const client = { endpoint: flow.aws.endpoint, region: flow.aws.region, credentials: flow.aws.credentials };
  const lambda = new LambdaClient(client);
  const sqs = new SQSClient(client);
  const name = (bundle: string): string => flow.serviceStack.replace(/-service$/, `-${bundle}`);

  /** Changes a function's environment; what comes back puts the old one in place again. */
  const changeEnvironment = async (bundle: string, change: Environment): Promise<() => Promise<void>> => {
    const FunctionName = name(bundle);
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const set = async (Variables: Environment): Promise<void> => {
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    };
    await set({ ...Environment?.Variables, ...change });
    return () => set(Environment?.Variables ?? {});
  };

  const mappingOf = async (bundle: string): Promise<EventSourceMappingConfiguration> => {
    const answer = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: name(bundle) }));
    const [mapping] = answer.EventSourceMappings ?? [];
    if (!mapping) throw new Error(`${bundle} has no event source`);
    return mapping;
  };
  const changeMapping = async ({ UUID }: EventSourceMappingConfiguration, change: MappingChange): Promise<void> => {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...change }));
  };

  const attributeOf = async (QueueUrl: string, attribute: QueueAttributeName): Promise<string> => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [attribute] });
    return (await sqs.send(command)).Attributes?.[attribute] ?? '';
  };
  const queues = {
    create: async (QueueName: string): Promise<string> =>
      (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '',
    attributeOf,
    setVisibility: async (QueueUrl: string, seconds: string): Promise<void> => {
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: seconds } }));
    },
  };
  return { sqs, name, changeEnvironment, mappingOf, changeMapping, queues };
};
export type Deployed = ReturnType<typeof deployed>;

/** Whether this system shows the environment of its processes: only so can a worker be found. */
export const showsProcesses = process.platform === 'linux';

/** Kills the processes that serve a function on this emulated AWS, whatever they are doing. @returns how many */
export const killWorkers = async (functionName: string): Promise<number> => {
  const { endpoint } = inject('flow').aws;
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const serves = async (pid: string): Promise<boolean> => {
    const environment = (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).split('\0');
    return (
      environment.includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}`) &&
      environment.includes(`AWS_ENDPOINT_URL=${endpoint}`)
    );
  };
  const served = await Promise.all(pids.map(serves));
  const workers = pids.filter((_, index) => served[index]);
  for (const pid of workers) process.kill(Number(pid), 'SIGKILL');
  return workers.length;
};
