// What a local run consists of, brought up step by step.
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { awaitAnswer, createDeployment, type ServiceStack, type StateStack } from './deployment.ts';
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts';
import { checkLeia, givenLeia, type Leia, startLocalLeia } from './local-leia.ts';
import { LocalRunError, type Processes, root } from './processes.ts';
import { step } from './step.ts';

const directory = join(root, '.local', 'run');
const logDirectory = join(root, '.local', 'logs');

export interface LocalRun {
  readonly aws: EmulatedAws;
  readonly leia: Leia;
  readonly state: StateStack;
  readonly service: ServiceStack;
  /** Opens the deployed base URL; LEIA does not know it. */
  readonly apiKey: string;
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

/** Brings everything up and returns when the first request will be answered. */
export const startRun = async (processes: Processes): Promise<LocalRun> => {
  const port = requestedPort();
  const given = givenLeia();
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await Promise.all(
    ['ministack.log', 'leia.log', 'cdk.log'].map((log) => rm(join(logDirectory, log), { force: true })),
  );

  if (given) await step(`LEIA at ${given.url}`, () => checkLeia(given));
  const aws = await step(process.env.AWS_ENDPOINT_URL ? `AWS at ${process.env.AWS_ENDPOINT_URL}` : 'Emulated AWS', () =>
    startEmulatedAws(processes, { logDirectory, ...(port !== undefined && { port }) }),
  );
  const leia = given ?? (await step('Local LEIA', () => startLocalLeia(processes, { worker: 'real', logDirectory })));

  const settings = { name: 'leia-jobs', leiaUrl: leia.url, context, directory, logDirectory };
  const deployment = createDeployment(processes, aws, settings);
  const apiKey = newApiKey();
  await step('CDK bootstrap', deployment.bootstrap);
  const state = await step('State stack: table, queues, secret, HTTP API', deployment.deployState);
  await step('API key', () => deployment.openTo([{ apiKey, leiaApiKey: leia.apiKey }], state));
  const service = await step('Service stack: functions, routes, schedules', () => deployment.deployService(state));
  await step('First answer', () => awaitAnswer(service.baseUrl, apiKey));

  const failIfItEnds = (): Promise<never> =>
    Promise.race([aws.failIfItEnds(), leia.process?.failIfItEnds() ?? new Promise<never>(() => undefined)]);
  return { aws, leia, state, service, apiKey, failIfItEnds };
};
