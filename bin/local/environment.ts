// What a child process of a local run may know of the surrounding environment.
import { join } from 'node:path';
import process from 'node:process';
import { root } from './processes.ts';

/** The AWS that a run works on, and how to speak to it. */
export interface Aws {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** Credentials that no real AWS would take: a wrong endpoint must not be an accident. */
export const emulatedCredentials = { accessKeyId: 'test', secretAccessKey: 'test' };

const ownBin = join(root, 'node_modules', '.bin');

/** The little that every process needs. Our Node comes first: the emulated AWS runs Lambdas with the `node` it finds. */
export const plainEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: `${ownBin}:${process.env.PATH ?? ''}`,
  HOME: process.env.HOME,
  LANG: process.env.LANG ?? 'C.UTF-8',
  TMPDIR: process.env.TMPDIR ?? '/tmp',
});

/** For programs that speak to AWS. The person's own profiles and endpoints must not lead them elsewhere. */
export const awsEnvironment = ({ endpoint, region, credentials }: Aws): NodeJS.ProcessEnv => ({
  ...plainEnvironment(),
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  ...(credentials.sessionToken && { AWS_SESSION_TOKEN: credentials.sessionToken }),
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
});
