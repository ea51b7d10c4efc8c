// Once for all journeys: an emulated AWS, a LEIA whose worker does as it is told, and both stacks with short times.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { awaitAnswer, createDeployment, newWebhookSecret } from '../../../bin/local/deployment.ts';
import { startEmulatedAws } from '../../../bin/local/emulated-aws.ts';
import { startLocalLeia } from '../../../bin/local/local-leia.ts';
import { createProcesses, root } from '../../../bin/local/processes.ts';

/** Where the journeys find everything. */
export interface FlowEndpoint {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly leiaUrl: string;
  readonly leiaApiKey: string;
  /** The local LEIA as a process, and where it keeps what it knows when it ends. */
  readonly leiaProcess: { readonly pid: number; readonly stateFile: string };
  readonly adminApiKey: string;
  readonly webhookSecret: string;
  readonly aws: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly stateStack: string;
  readonly serviceStack: string;
  readonly tableName: string;
  /** Of released jobs. */
  readonly queueUrl: string;
  readonly callbacksQueueUrl: string;
  readonly sweepFunction: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    flow: FlowEndpoint;
  }
}

/**
 * So short that a journey takes seconds; long enough that its steps do not overtake each other. The journeys start
 * sweeps themselves: the schedule must not come in between.
 */
const hurry: Readonly<Record<string, string>> = {
  retain: 'false',
  tracing: 'false',
  // MiniStack does not know partial failures of a batch (docs/ministack.md).
  streamBatchSize: '1',
  sweepIntervalSeconds: '3600',
  sweepAgeFirstSeconds: '1',
  sweepAgeThenSeconds: '2',
  sweepLeaseSeconds: '5',
  absenceConfirmSeconds: '1',
  followUpOverdueSeconds: '2',
  watchSeconds: '20',
  discoveryIntervalSeconds: '1',
  leiaTimeoutSeconds: '2',
  functionTimeoutSeconds: '20',
  claimSeconds: '25',
  retryFirstSeconds: '1',
  retryMaxSeconds: '2',
  breakerOpenSeconds: '2',
  secretMaxAgeSeconds: '1',
  callbackTries: '3',
  callbackTimeoutSeconds: '2',
  callbackRetryFirstSeconds: '1',
  callbackRetryMaxSeconds: '2',
  callbackDefaultMaxAgeSeconds: '0',
  // The journeys' own receivers are on this machine.
  callbackAllowList: '127.0.0.1',
  // Fifty chains in a row would take twenty seconds.
  maxChainDepth: '5',
};

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const processes = createProcesses();
  try {
    project.provide('flow', await deployOnce(processes));
  } catch (error) {
    await processes.stop();
    throw error;
  }
  return processes.stop;
};

const newApiKey = (): string => `flow${randomBytes(14).toString('hex')}`;

const deployOnce = async (processes: ReturnType<typeof createProcesses>): Promise<FlowEndpoint> => {
  // A folder for each run: two may be at work in this clone.
  const directory = await mkdtemp(join(tmpdir(), 'leia-jobs-flow-'));
  const logDirectory = join(root, '.local', 'logs', 'flow');
  processes.afterStop(() => rm(directory, { recursive: true, force: true }));
  await rm(logDirectory, { recursive: true, force: true });

  const stateFile = join(directory, 'leia.state');
  const [aws, leia] = await Promise.all([
    startEmulatedAws(processes, { logDirectory }),
    startLocalLeia(processes, { worker: 'scripted', logDirectory, stateFile }),
  ]);
  const settings = { name: 'leia-jobs-flow', leiaUrl: leia.url, context: hurry, directory, logDirectory };
  const deployment = createDeployment(processes, aws, settings);
  const [apiKey, adminApiKey] = [newApiKey(), newApiKey()];
  const webhookSecret = newWebhookSecret();
  await deployment.bootstrap();
  const state = await deployment.deployState();
  const keys = [
    { apiKey, leiaApiKey: leia.apiKey, webhookSecret },
    { apiKey: adminApiKey, leiaApiKey: leia.adminApiKey },
  ];
  await deployment.openTo(keys, state);
  const service = await deployment.deployService(state);
  await awaitAnswer(service.baseUrl, apiKey);
  return {
    baseUrl: service.baseUrl,
    apiKey,
    leiaUrl: leia.url,
    leiaApiKey: leia.apiKey,
    leiaProcess: { pid: leia.pid, stateFile },
    adminApiKey,
    webhookSecret,
    aws: { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials },
    stateStack: state.name,
    serviceStack: service.name,
    tableName: state.tableName,
    queueUrl: state.queueUrl,
    callbacksQueueUrl: state.callbacksQueueUrl,
    sweepFunction: service.sweepFunction,
  };
};
