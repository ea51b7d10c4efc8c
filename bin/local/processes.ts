// Processes of a local run: every one is stopped with all that it started, whatever way the run ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = join(fileURLToPath(import.meta.url), '..', '..', '..');

const leash = join(root, 'bin', 'local', 'leash.ts');
const graceMs = 7_000;

/** Something that the person at the keyboard can mend or look up; its message says how. */
export class LocalRunError extends Error {}

export interface ProcessSpec {
  /** What it is to a person, as in `the emulated AWS`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: NodeJS.ProcessEnv;
  /** Takes standard error, and standard output unless that is read. */
  readonly logFile: string;
  readonly readOutput?: boolean;
  /** Where it runs; the project's root unless said. */
  readonly directory?: string;
}

export interface StartedProcess {
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number>;
  /** The first line of its standard output (`readOutput`); fails if it ends without one. */
  firstLine(): Promise<string>;
  /** Fails as soon as the process ends, for racing against something that waits for it. */
  failIfItEnds(): Promise<never>;
}

export interface Processes extends AsyncDisposable {
  /** Starts a process that lives until it is stopped with the others. */
  start(spec: ProcessSpec): StartedProcess;
  /** Runs a process to its end; anything but exit code 0 is a LocalRunError. */
  run(spec: ProcessSpec): Promise<void>;
  /** Adds what is to be done once they have stopped. */
  afterStop(act: () => Promise<void>): void;
  /** Stops them all; nothing can be started afterwards. */
  stop(): Promise<void>;
}

/** The processes of one run. */
export const createProcesses = (): Processes => {
  const running = new Set<ChildProcess>();
  const afterwards: (() => Promise<void>)[] = [];
  let stopped = false;

  const launch = (spec: ProcessSpec): ChildProcess => {
    if (stopped) throw new LocalRunError('Stopping: nothing more is started.');
    const child = spawnOnLeash(spec);
    running.add(child);
    return child;
  };
  const start = (spec: ProcessSpec): StartedProcess => {
    const child = launch(spec);
    const exited = exitOf(child);
    return {
      exited,
      firstLine: () => Promise.race([firstLineOf(child), failOnExit(spec, exited)]),
      failIfItEnds: () => failOnExit(spec, exited),
    };
  };
  const run = async (spec: ProcessSpec): Promise<void> => {
    const child = launch(spec);
    const code = await exitOf(child);
    running.delete(child);
    if (code !== 0) throw endedBadly(spec, code);
  };
  const stop = async (): Promise<void> => {
    stopped = true;
    await Promise.all([...running].map(stopGroup));
    running.clear();
    for (const act of afterwards.splice(0)) await act();
  };
  const afterStop = (act: () => Promise<void>): void => {
    afterwards.push(act);
  };
  return { start, run, afterStop, stop, [Symbol.asyncDispose]: stop };
};

const spawnOnLeash = ({ command, args, env, logFile, readOutput, directory = root }: ProcessSpec): ChildProcess => {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [leash, command, ...args], {
    cwd: directory,
    env,
    // Its standard input is the leash: the system closes our end when we end, however that happens.
    stdio: ['pipe', readOutput ? 'pipe' : log, log],
    // A group of its own: the terminal's Ctrl-C is ours to pass on, and a signal reaches all that it started.
    detached: true,
  });
  closeSync(log);
  return child;
};

const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 1));
  });

const firstLineOf = async (child: ChildProcess): Promise<string> => {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const end = text.indexOf('\n');
    if (end >= 0) {
      // Keep reading, or the process stops when the pipe is full.
      child.stdout?.resume();
      return text.slice(0, end);
    }
  }
  return new Promise(() => undefined); // It has ended: failOnExit tells.
};

const failOnExit = async (spec: ProcessSpec, exited: Promise<number>): Promise<never> => {
  throw endedBadly(spec, await exited);
};

const endedBadly = ({ name, logFile }: ProcessSpec, code: number): LocalRunError =>
  new LocalRunError(
    `${name} ended with code ${code}: ${lastWord(logFile)} (the whole log: ${relative(root, logFile)})`,
  );

/** What follows a reason: the trace, Node's own last line, and the CDK's, which says only that the app failed. */
const epilogue = /^\s+(at |\.\.\.)|^Node\.js v|Subprocess exited/;

/** The last line of a log that looks like a reason, else its last line. */
const lastWord = (logFile: string): string => {
  const lines = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !epilogue.test(line));
  const looksLikeReason = (line: string): boolean => /(CREATE|UPDATE|DELETE)_FAILED|\b(Error|ERROR|error:)/.test(line);
  return (lines.findLast(looksLikeReason) ?? lines.at(-1) ?? 'it said nothing').trim();
};

/** Asks the whole group to end, and ends it by force if some of it is left after a while. */
const stopGroup = async ({ pid }: ChildProcess): Promise<void> => {
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
