// `npx leia-jobs` on the emulated AWS, as a person starts it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { inject } from 'vitest';
import { root } from '../../../bin/local/processes.ts';

export type Ran = { code: number; out: string; err: string };

/** As `npx leia-jobs` runs it, with the usual variables for AWS; nobody is there to be asked. */
export const leiaJobs = (...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const { aws, serviceStack } = inject('flow');
    const env = {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    };
    const name = serviceStack.replace(/-service$/, '');
    const all = [join(root, 'bin', 'leia-jobs.mjs'), '--name', name, ...args];
    execFile(process.execPath, all, { env, timeout: 120_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
