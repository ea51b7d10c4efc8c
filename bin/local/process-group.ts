// A process as the leader of a group on a leash: it is stopped with all that it started, and ends when we end.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const leash = join(fileURLToPath(import.meta.url), '..', 'leash.ts');

export interface LeashedProcess {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
  /** Where standard output and standard error go: a file descriptor, `pipe` or `inherit`. */
  readonly stdout: number | 'pipe' | 'inherit';
  readonly stderr: number | 'pipe' | 'inherit';
}

export const spawnOnLeash = ({ command, args, env, directory, stdout, stderr }: LeashedProcess): ChildProcess => {
  // Its standard input is the leash: the system closes our end when we end, however that happens.
  const stdio: StdioOptions = ['pipe', stdout, stderr];
  // A group of its own: the terminal's Ctrl-C is ours to pass on, and a signal reaches all that it started.
  return spawn(process.execPath, [leash, command, ...args], { cwd: directory, env, stdio, detached: true });
};

/** Its exit code, once it has ended: 127 when it could not be started. */
export const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 1));
  });

/** Asks the whole group to end, and ends it by force if some of it is left after `graceMs`. */
export const stopGroup = async ({ pid }: ChildProcess, graceMs: number): Promise<void> => {
  if (pid === undefined) return;
  const deadline = Date.now() + graceMs;
  if (!signalGroup(pid, 'SIGTERM')) return;
  while (Date.now() < deadline) {
    await sleep(50);
    if (!signalGroup(pid, 0)) return;
  }
  signalGroup(pid, 'SIGKILL');
};

/** False when nothing is left of the group. */
const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
};
