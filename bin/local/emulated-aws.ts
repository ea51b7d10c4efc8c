// The emulated AWS: MiniStack from the virtual environment that bin/setup.mjs made, or whatever AWS_ENDPOINT_URL names.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { type Aws, emulatedCredentials, plainEnvironment } from './environment.ts';
import { poll } from './poll.ts';
import { choosePort } from './port.ts';
import { LocalRunError, type Processes, root } from './processes.ts';

const startSeconds = 60;
const answerSeconds = 10;
const scratchPrefix = 'leia-jobs-aws-';

export interface EmulatedAws extends Aws {
  /** False when it is somebody else's (`AWS_ENDPOINT_URL`) and outlives this run. */
  readonly own: boolean;
  /** Fails as soon as it ends; never, if it is somebody else's. */
  failIfItEnds(): Promise<never>;
}

export interface EmulatedAwsOptions {
  readonly logDirectory: string;
  /** A free one unless given. */
  readonly port?: number;
  /** Where it keeps what is in it from its end to its next start, which must be on the same port. */
  readonly stateDirectory?: string;
}

/**
 * Starts MiniStack, empty or with what it has kept, and waits until it answers. With AWS_ENDPOINT_URL in the environment
 * nothing is started. It stops with `processes`, and then leaves nothing on the disk but its state.
 */
export const startEmulatedAws = async (
  processes: Processes,
  { logDirectory, port, stateDirectory }: EmulatedAwsOptions,
): Promise<EmulatedAws> => {
  const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1';
  const given = process.env.AWS_ENDPOINT_URL;
  if (given) return givenAws(given, region);

  const chosen = await choosePort(port);
  await removeAbandoned();
  // Not inside the project: a Lambda unpacked there would find node_modules that it has not in AWS.
  const scratch = await mkdtemp(join(tmpdir(), `${scratchPrefix}${process.pid}-`));
  processes.afterStop(() => rm(scratch, { recursive: true, force: true }));
  if (stateDirectory !== undefined) await forgetStreamPositions(stateDirectory);
  const endpoint = `http://127.0.0.1:${chosen}`;
  const emulator = processes.start({
    name: 'the emulated AWS (MiniStack)',
    command: join(root, '.local', 'venv', 'bin', 'python'),
    args: ['-m', 'ministack'],
    env: { ...miniStackEnvironment({ port: chosen, region, scratch }), ...keepingEnvironment(stateDirectory) },
    logFile: join(logDirectory, 'ministack.log'),
  });
  await poll(() => isHealthy(endpoint), {
    seconds: startSeconds,
    everyMs: 100,
    what: 'the emulated AWS to answer',
    unless: emulator.failIfItEnds(),
  });
  return { endpoint, region, credentials: emulatedCredentials, own: true, failIfItEnds: emulator.failIfItEnds };
};

/** MiniStack writes its state when it is asked to end. */
const keepingEnvironment = (stateDirectory: string | undefined): NodeJS.ProcessEnv =>
  stateDirectory === undefined
    ? {}
    : { PERSIST_STATE: '1', STATE_DIR: stateDirectory, S3_PERSIST: '1', S3_DATA_DIR: join(stateDirectory, 's3') };

const LambdaState = z.looseObject({ payload: z.looseObject({ dynamodb_stream_positions: z.unknown() }) });

/** It keeps how far a stream was read, but not the stream: behind such a place nothing would be read for a long time. */
const forgetStreamPositions = async (stateDirectory: string): Promise<void> => {
  const file = join(stateDirectory, 'lambda.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const state = LambdaState.parse(JSON.parse(text));
  await writeFile(file, JSON.stringify({ ...state, payload: { ...state.payload, dynamodb_stream_positions: {} } }));
};

/** Removes what runs have left that were killed. */
const removeAbandoned = async (): Promise<void> => {
  const ofDead = (name: string): boolean =>
    name.startsWith(scratchPrefix) && !lives(Number.parseInt(name.slice(scratchPrefix.length), 10));
  for (const name of (await readdir(tmpdir())).filter(ofDead))
    await rm(join(tmpdir(), name), { recursive: true, force: true });
};

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may be asked for as little as ours may be removed.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const isHealthy = async (endpoint: string): Promise<true | undefined> => {
  const { ok } = await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(2000) });
  return ok || undefined;
};

const miniStackEnvironment = (options: { port: number; region: string; scratch: string }): NodeJS.ProcessEnv => ({
  ...plainEnvironment(),
  GATEWAY_PORT: String(options.port),
  BIND_HOST: '127.0.0.1',
  MINISTACK_HOST: '127.0.0.1',
  MINISTACK_REGION: options.region,
  LAMBDA_EXECUTOR: 'local',
  IOT_MTLS_ENABLED: '0',
  TMPDIR: options.scratch,
  // Python would keep its output back and the log would lag behind.
  PYTHONUNBUFFERED: '1',
});

/** Somebody else's endpoint, with the credentials that the environment has for it. */
/** @throws LocalRunError unless something answers there */
const givenAws = async (endpoint: string, region: string): Promise<EmulatedAws> => {
  if (!URL.canParse(endpoint)) throw new LocalRunError(`AWS_ENDPOINT_URL is not a URL: ${endpoint}`);
  await fetch(endpoint, { signal: AbortSignal.timeout(answerSeconds * 1000) }).catch((error: unknown) => {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : error;
    throw new LocalRunError(`Nothing answers at ${endpoint} (${why}): check AWS_ENDPOINT_URL, or leave it out.`);
  });
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const credentials =
    AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
      ? {
          accessKeyId: AWS_ACCESS_KEY_ID,
          secretAccessKey: AWS_SECRET_ACCESS_KEY,
          ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
        }
      : emulatedCredentials;
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    region,
    credentials,
    own: false,
    failIfItEnds: () => new Promise<never>(() => undefined),
  };
};
