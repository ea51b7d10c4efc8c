// npm test: every check there is, in stages, up to the first that fails. Ends with a line of its own that counts them
// all: `N passed, M failed`.
//   npm test          everything
//   npm test -- unit  only what needs no emulated AWS
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { root } from './local/processes.ts';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

type Check = (signal: AbortSignal) => Promise<Count>;

const testReport = z.object({ numPassedTests: z.int(), numFailedTests: z.int() });

interface Execution {
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a tool of node_modules, its output on ours. @returns its success */
const execute = (tool: string, { args, signal, env = process.env }: Execution): Promise<boolean> =>
  new Promise((resolve) => {
    const command = join(root, 'node_modules', '.bin', tool);
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], signal });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });

/** A tool that is one check. */
const tool =
  (name: string, ...args: string[]): Check =>
  async (signal) => {
    const passed = await execute(name, { args, signal });
    console.log(`${passed ? '✔' : '✖'} ${name}`);
    return { passed: passed ? 1 : 0, failed: passed ? 0 : 1 };
  };

/** A vitest project; each test is a check. */
const tests =
  (project: string): Check =>
  async (signal) => {
    const directory = await mkdtemp(join(tmpdir(), 'leia-jobs-test-'));
    const file = join(directory, 'report.json');
    const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    // What tests and the CDK leave in the temporary folder goes with it.
    const env = { ...process.env, TMPDIR: directory };
    const succeeded = await execute('vitest', { args, signal, env });
    const report = await readFile(file, 'utf8').then(
      (text) => testReport.parse(JSON.parse(text)),
      () => undefined,
    );
    await rm(directory, { recursive: true, force: true });
    const { numPassedTests: passed, numFailedTests: failed } = report ?? { numPassedTests: 0, numFailedTests: 0 };
    // A file that does not load, or a set-up that fails, fails without a test.
    return { passed, failed: succeeded ? failed : Math.max(failed, 1) };
  };

/** In the order of how soon they tell. */
const stages: readonly Check[] = [
  tool('tsc'),
  tool('biome', 'ci', '--error-on-warnings', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.'),
  tool('knip'),
  tests('unit'),
  tests('fuzz'),
  tests('flow'),
];

const add = (one: Count, other: Count): Count => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
});

const main = async (): Promise<Count> => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  let total: Count = { passed: 0, failed: 0 };
  for (const check of process.argv[2] === 'unit' ? stages.slice(0, -1) : stages) {
    total = add(total, await check(stop.signal));
    if (total.failed > 0) break;
  }
  return total;
};

const { passed, failed } = await main();
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
