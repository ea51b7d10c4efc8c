// The ground that the journeys stand on when the bundle is deployed on the emulated AWS.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeStateMachineCommand, SFNClient, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import type { Summary } from '../../../functions/acts/sweep.ts';
import { CallbackMessage } from '../../../functions/adapters/callbacks-queue.ts';
import { chainAnswers, chainRuns, chainWatch } from '../../../functions/adapters/chains.ts';
import { jobTable } from '../../../functions/adapters/job-table.ts';
import { tableClient } from '../../../functions/adapters/table-client.ts';
import { leiaHooks } from '../../leia/hooks.ts';
import { withStepSeconds } from '../../support/step-seconds.ts';
import type { FlowEndpoint } from './global-setup.ts';
import type { Ground } from './ground.ts';

/** Default of lib/config.ts. */
const INDEX_SHARDS = 4;

/** The one account of MiniStack. */
const ACCOUNT = '000000000000';

/** The stacks that global-setup.ts deployed. */
export const emulatedGround = (): Ground => groundOf(inject('flow'));

/** A deployment on an emulated AWS, wherever it is. */
export const groundOf = (flow: Omit<FlowEndpoint, 'stateStack' | 'queueUrl' | 'leiaProcess'>): Ground => {
  const client = { endpoint: flow.aws.endpoint, region: flow.aws.region, credentials: flow.aws.credentials };
  const lambda = new LambdaClient(client);
  const sfn = new SFNClient(client);
  const bus = new EventBridgeClient(client);
  const secrets = new SecretsManagerClient(client);
  const invoke = async (FunctionName: string, payload: object): Promise<unknown> => {
    const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) });
    const { Payload, FunctionError } = await lambda.send(command);
    const answer = Payload?.transformToString() ?? '';
    if (FunctionError !== undefined) throw new Error(`${FunctionName} failed: ${answer}`);
    return JSON.parse(answer);
  };
  const name = flow.serviceStack.replace(/-service$/, '');
  const stateMachine = `arn:aws:states:${flow.aws.region}:${ACCOUNT}:stateMachine:${name}-chains`;
  return {
    baseUrl: flow.baseUrl,
    apiKey: flow.apiKey,
    leiaUrl: flow.leiaUrl,
    leiaApiKey: flow.leiaApiKey,
    adminApiKey: flow.adminApiKey,
    leia: leiaHooks(flow.leiaUrl),
    webhookSecret: flow.webhookSecret,
    deadCallbacks: () => deadLettersOf(new SQSClient(client), flow.callbacksQueueUrl),
    mirror: jobTable({
      client: tableClient(client),
      s3: new S3Client({ ...client, forcePathStyle: true }),
      tableName: flow.tableName,
      bucketName: 'journeys-have-small-results',
      shards: INDEX_SHARDS,
      retentionSeconds: 86_400,
      refusalMemorySeconds: 86_400,
      now: Date.now,
    }),
    chains: { ...chainAnswers(sfn), ...chainRuns(sfn, stateMachine), ...chainWatch(sfn, stateMachine) },
    runStep: async (task) => void (await invoke(`${name}-run-chain`, { action: 'run-step', ...task })),
    changeStepSeconds: async (seconds) => {
      const { definition = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: stateMachine }));
      const set = async (text: string): Promise<void> =>
        void (await sfn.send(new UpdateStateMachineCommand({ stateMachineArn: stateMachine, definition: text })));
      await set(withStepSeconds(definition, seconds));
      return () => set(definition);
    },
    tellOfDeaths: async (on) => {
      const { Rules = [] } = await bus.send(new ListRulesCommand({}));
      const deaths = Rules.find(({ EventPattern = '' }) => EventPattern.includes(stateMachine));
      const rule = { Name: deaths?.Name ?? 'the rule of executions that died' };
      await bus.send(on ? new EnableRuleCommand(rule) : new DisableRuleCommand(rule));
    },
    rotateCallbackSecret: async () => {
      const id = { SecretId: `${name}-keys` };
      const { SecretString = '' } = await secrets.send(new GetSecretValueCommand(id));
      const { callback_secrets: before, ...rest } = JSON.parse(SecretString);
      const callback_secrets = { current: randomBytes(32).toString('hex'), previous: before.current };
      await secrets.send(
        new PutSecretValueCommand({ ...id, SecretString: JSON.stringify({ ...rest, callback_secrets }) }),
      );
      return callback_secrets.current;
    },
    sweep: async () => (await invoke(flow.sweepFunction, {})) as Summary[],
    pass: (seconds) => sleep(seconds * 1000),
  };
};

/** Ids of the jobs whose messages a queue has set aside; they stay where they are. */
const deadLettersOf = async (sqs: SQSClient, QueueUrl: string): Promise<string[]> => {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  const { deadLetterTargetArn } = JSON.parse(Attributes?.RedrivePolicy ?? '{}');
  const name = String(deadLetterTargetArn).split(':').at(-1) ?? '';
  const receive = { QueueUrl: QueueUrl.replace(/[^/]+$/, name), MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive));
  return Messages.map(({ Body }) => CallbackMessage.parse(JSON.parse(Body ?? '')).job_id);
};
