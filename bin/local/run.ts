// What a local run consists of, brought up step by step.
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { awaitAnswer, createDeployment, newWebhookSecret, type ServiceStack, type StateStack } from './deployment.ts';
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts';
import { readKept, writeKept } from './kept.ts';
import { checkLeia, givenLeia, type Leia, startLocalLeia } from './local-leia.ts';
import { LocalRunError, type Processes } from './processes.ts';
import { step } from './step.ts';

export interface RunOptions {
  /** Takes everything that the run writes. */
  readonly folder: string;
  /** What is in AWS and LEIA stays there from the end of the run to the next start in the same folder. */
  readonly keep: boolean;
}

export interface LocalRun {
  readonly aws: EmulatedAws;
  readonly leia: Leia;
  readonly state: StateStack;
  readonly service: ServiceStack;
  /** Opens the deployed base URL; LEIA does not know it. */
  readonly apiKey: string;
  readonly folder: string;
  readonly keep: boolean;
  /** What callbacks to its holder are signed with. */
  readonly webhookSecret: string;
  /** Fails as soon as something ends that the run rests on. */
  failIfItEnds(): Promise<never>;
}

/** What a laptop wants otherwise than a team's account; lib/config.ts has the defaults. */
const context = {
  // Nothing of value is in it, and it must go away as easily as it came.
  retain: 'false',
  tracing: 'false',
  // MiniStack does not know partial failures of a batch (docs/ministack.md).
  streamBatchSize: '1',
  // The demonstration waits for a sweep: the next one is to ask about a job that is seconds old.
  sweepAgeFirstSeconds: '5',
  // Nor does anybody at a laptop wait five minutes for what an accident left undone.
  followUpOverdueSeconds: '20',
  // The caller's own server is on this machine, as a rule.
  callbackAllowList: '127.0.0.1,::1,localhost',
  callbackRetryFirstSeconds: '1',
  callbackRetryMaxSeconds: '60',
  callbackDefaultMaxAgeSeconds: '5',
};

/** A key like LEIA's own: 33 lower-case letters and digits (contract §1.1). */
const newApiKey = (): string => `k${randomBytes(16).toString('hex')}`;

const requestedPort = (): number | undefined => {
  const { PORT } = process.env;
  if (!PORT) return undefined;
  const port = Number(PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new LocalRunError(`PORT is not a port: ${PORT}`);
  return port;
};

const logs = ['ministack.log', 'leia.log', 'cdk.log'];

/** Brings everything up and returns when the first request will be answered. */
export const startRun = async (processes: Processes, { folder, keep }: RunOptions): Promise<LocalRun> => {
  const given = givenLeia();
  const kept = keep ? await readKept(folder) : undefined;
  const port = kept?.port ?? requestedPort();
  const [directory, logDirectory] = [join(folder, 'run'), join(folder, 'logs')];
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await Promise.all(logs.map((log) => rm(join(logDirectory, log), { force: true })));

  if (given) await step(`LEIA at ${given.url}`, () => checkLeia(given));
  const emulated = {
    logDirectory,
    ...(port !== undefined && { port }),
    ...(keep && { stateDirectory: join(folder, 'aws') }),
  };
  const aws = await step(process.env.AWS_ENDPOINT_URL ? `AWS at ${process.env.AWS_ENDPOINT_URL}` : 'Emulated AWS', () =>
    startEmulatedAws(processes, emulated),
  );
  const local = { worker: 'real', logDirectory, ...(keep && { stateFile: join(folder, 'leia.state') }) } as const;
  const leia = given ?? (await step('Local LEIA', () => startLocalLeia(processes, local)));

  const settings = { name: 'leia-jobs', leiaUrl: leia.url, context, directory, logDirectory };
  const deployment = createDeployment(processes, aws, settings);
  const apiKey = kept?.apiKey ?? newApiKey();
  const webhookSecret = kept?.webhookSecret ?? newWebhookSecret();
  if (!kept) await step('CDK bootstrap', deployment.bootstrap);
  const state = await step('State stack: table, queues, secret, HTTP API', deployment.deployState);
  const key = { apiKey, leiaApiKey: leia.apiKey, webhookSecret };
  if (!kept) await step('API key', () => deployment.openTo([key], state));
  const service = await step('Service stack: functions, routes, schedules', () => deployment.deployService(state));
  await step('First answer', () => awaitAnswer(service.baseUrl, apiKey));
  if (keep) await writeKept(folder, { port: Number(new URL(aws.endpoint).port), apiKey, webhookSecret });

  const failIfItEnds = (): Promise<never> =>
    Promise.race([aws.failIfItEnds(), leia.process?.failIfItEnds() ?? new Promise<never>(() => undefined)]);
  return { aws, leia, state, service, apiKey, webhookSecret, folder, keep, failIfItEnds };
};
