// The kinds of checks that npm test runs: a tool that is one check, and a vitest project in which each test is one.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { type Execution, execute } from './execute.ts';

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** How a check is run, whatever it is. */
export type Lane = Pick<Execution, 'output' | 'yields' | 'signal'>;
export type Check = (lane: Lane) => Promise<Count>;

export const add = (one: Count, other: Count): Count => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
});

/** A tool that is one check. */
export const tool =
  (name: string, ...args: string[]): Check =>
  async (lane) => {
    const passed = await execute(name, { args, env: process.env, ...lane });
    lane.output.say(`${passed ? '✔' : lane.signal.aborted ? '–' : '✖'} ${name}`);
    return { passed: passed ? 1 : 0, failed: passed ? 0 : 1 };
  };

/** The same, but that it leaves the processor to others. */
export const yielding =
  (check: Check): Check =>
  (lane) =>
    check({ ...lane, yields: true });

const testReport = z.object({ numPassedTests: z.int(), numFailedTests: z.int() });

/** A vitest project; each test is a check. */
export const tests =
  (project: string): Check =>
  async (lane) => {
    const directory = await mkdtemp(join(tmpdir(), 'leia-jobs-test-'));
    const file = join(directory, 'report.json');
    const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    // What tests and the CDK leave in the temporary folder goes with it.
    const env = { ...process.env, TMPDIR: directory };
    const succeeded = await execute('vitest', { args, env, ...lane });
    const report = await readFile(file, 'utf8').then(
      (text) => testReport.parse(JSON.parse(text)),
      () => undefined,
    );
    // The emulated AWS may still be on its way out when it was stopped.
    await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    const { numPassedTests: passed, numFailedTests: failed } = report ?? { numPassedTests: 0, numFailedTests: 0 };
    // A file that does not load, or a set-up that fails, fails without a test.
    return { passed, failed: succeeded ? failed : Math.max(failed, 1) };
  };
