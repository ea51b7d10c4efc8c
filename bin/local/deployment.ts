// Puts both stacks on an AWS with the CDK's own command line, as a team would, and tells where they are.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { type Aws, awsEnvironment } from './environment.ts';
import { poll } from './poll.ts';
import { LocalRunError, type Processes, root } from './processes.ts';

const emulatedAccount = '000000000000';
const answerSeconds = 60;

const stateOutputs = z.object({
  ApiId: z.string(),
  TableName: z.string(),
  SecretName: z.string(),
  BucketName: z.string(),
  QueueUrl: z.string(),
  CallbacksQueueUrl: z.string(),
});
const serviceOutputs = z.object({ SweepFunctionName: z.string() });

export interface DeploymentSettings {
  /** Prefix of the stacks' names. */
  readonly name: string;
  readonly leiaUrl: string;
  /** More context for lib/config.ts, as `-c key=value`. */
  readonly context?: Readonly<Record<string, string>>;
  /** Takes the synthesized stacks and their outputs. */
  readonly directory: string;
  readonly logDirectory: string;
}

/** A key of ours, and the LEIA key that its holder's jobs are sent with. */
export interface Access {
  readonly apiKey: string;
  readonly leiaApiKey: string;
  /** What callbacks to its holder are signed with; a new one if not given. */
  readonly webhookSecret?: string;
}

export interface StateStack {
  readonly name: string;
  readonly tableName: string;
  readonly secretName: string;
  readonly bucketName: string;
  readonly queueUrl: string;
  readonly callbacksQueueUrl: string;
  /** The HTTP API's address in path form, which needs no resolver that knows `*.localhost`. */
  readonly apiUrl: string;
}

export interface ServiceStack {
  readonly name: string;
  /** What a LEIA client takes as its base URL. */
  readonly baseUrl: string;
  readonly sweepFunction: string;
}

/** The steps of a deployment, in order: `bootstrap`, `deployState`, `openTo`, `deployService`. */
export const createDeployment = (processes: Processes, aws: Aws & { own: boolean }, settings: DeploymentSettings) => {
  const cdk = cdkRunner(processes, aws, settings);

  /** What every CDK deployment in an account rests on. */
  const bootstrap = (): Promise<void> =>
    aws.own
      ? // The account is known, and away from cdk.json the CDK does not synthesize the app to find it.
        cdk(['bootstrap', `aws://${emulatedAccount}/${aws.region}`], settings.directory)
      : cdk(['bootstrap', ...contextOf(settings)]);

  const deployState = async (): Promise<StateStack> => {
    const name = `${settings.name}-state`;
    const outputs = stateOutputs.parse(await deployStack(cdk, settings, name));
    const apiUrl = `${aws.endpoint}/_aws/execute-api/${outputs.ApiId}/$default`;
    return {
      name,
      tableName: outputs.TableName,
      secretName: outputs.SecretName,
      bucketName: outputs.BucketName,
      queueUrl: outputs.QueueUrl,
      callbacksQueueUrl: outputs.CallbacksQueueUrl,
      apiUrl,
    };
  };

  /** Lets the holders of these keys in. */
  const openTo = async (applications: readonly Access[], { secretName }: StateStack): Promise<void> => {
    const secret = {
      applications: applications.map(({ apiKey, leiaApiKey, webhookSecret = newWebhookSecret() }) => ({
        api_key: apiKey,
        leia_api_key: leiaApiKey,
        webhook_secret: webhookSecret,
      })),
      callback_secrets: { current: randomBytes(32).toString('hex'), previous: randomBytes(32).toString('hex') },
    };
    const client = new SecretsManagerClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: aws.credentials,
    });
    await client.send(new PutSecretValueCommand({ SecretId: secretName, SecretString: JSON.stringify(secret) }));
    client.destroy();
  };

  const deployService = async ({ apiUrl }: StateStack): Promise<ServiceStack> => {
    const name = `${settings.name}-service`;
    const outputs = serviceOutputs.parse(await deployStack(cdk, settings, name, { callbackBaseUrl: apiUrl }));
    return { name, baseUrl: `${apiUrl}/leia/1.0.0`, sweepFunction: outputs.SweepFunctionName };
  };

  return { bootstrap, deployState, openTo, deployService };
};

/** As Standard Webhooks writes one. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Waits until a login through the deployed functions succeeds: the first request will be answered. */
export const awaitAnswer = (baseUrl: string, apiKey: string): Promise<true> =>
  poll(
    async () => {
      const reply = await fetch(`${baseUrl}/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ api_key: apiKey }),
        signal: AbortSignal.timeout(10_000),
      });
      if (!reply.ok) throw new LocalRunError(`POST /login answers ${reply.status} ${await reply.text()}`);
      return true as const;
    },
    { seconds: answerSeconds, everyMs: 200, what: 'the deployed functions to answer' },
  );

type Cdk = (args: readonly string[], workingDirectory?: string) => Promise<void>;

const cdkRunner =
  (processes: Processes, aws: Aws, { directory, logDirectory }: DeploymentSettings): Cdk =>
  (args, workingDirectory = root) =>
    processes.run({
      name: `cdk ${args[0]}`,
      command: join(root, 'node_modules', '.bin', 'cdk'),
      args: [...args, '--output', join(directory, 'cdk.out'), '--no-color', '--no-notices', '--no-version-reporting'],
      env: { ...awsEnvironment(aws), CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_VERSION_CHECK: '1' },
      logFile: join(logDirectory, 'cdk.log'),
      directory: workingDirectory,
    });

/** The settings as arguments of the CDK. */
const contextOf = (settings: DeploymentSettings, more: Readonly<Record<string, string>> = {}): string[] => {
  const context = { name: settings.name, leiaUrl: settings.leiaUrl, ...settings.context, ...more };
  return Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
};

const deployStack = async (
  cdk: Cdk,
  settings: DeploymentSettings,
  stack: string,
  more: Readonly<Record<string, string>> = {},
): Promise<unknown> => {
  const outputsFile = join(settings.directory, `${stack}.json`);
  const options = ['--exclusively', '--require-approval', 'never', '--outputs-file', outputsFile];
  await cdk(['deploy', stack, ...options, ...contextOf(settings, more)]);
  const outputs = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(outputsFile, 'utf8')));
  return outputs[stack];
};
