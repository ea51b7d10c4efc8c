// Processes of a local run: every one is stopped with all that it started, whatever way the run ends.
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitOf, spawnOnLeash, stopGroup } from './process-group.ts';

export const root = join(fileURLToPath(import.meta.url), '..', '..', '..');

const graceMs = 15_000;

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
  /** Stops it, with all that it started, before the others. @returns its exit code */
  stop(): Promise<number>;
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
    const child = launchWithLog(spec);
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
      stop: async () => {
        // It may have processes of its own to stop first.
        await stopGroup(child, 2 * graceMs);
        running.delete(child);
        return exited;
      },
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
    await Promise.all([...running].map((child) => stopGroup(child, graceMs)));
    running.clear();
    for (const act of afterwards.splice(0)) await act();
  };
  const afterStop = (act: () => Promise<void>): void => {
    afterwards.push(act);
  };
  return { start, run, afterStop, stop, [Symbol.asyncDispose]: stop };
};

const launchWithLog = ({ logFile, readOutput, directory = root, ...spec }: ProcessSpec): ChildProcess => {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawnOnLeash({ ...spec, directory, stdout: readOutput ? 'pipe' : log, stderr: log });
  closeSync(log);
  return child;
};

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
