// Runs the commands of the set-up and says in one sentence what to do when one fails.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';

/** Something that the person at the keyboard can mend; its message says how. */
export class SetupError extends Error {}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Stops what is running, with all that it started, by force if asking does not help. */
export const stopCommands = () => {
  signalCommands('SIGTERM');
  setTimeout(() => signalCommands('SIGKILL'), 5000).unref();
};

/** @param {NodeJS.Signals} signal */
const signalCommands = (signal) => {
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
};

/** Why commands fail that are not the project's fault, by what they print. */
const causes = [
  { pattern: /ENOSPC|No space left on device/i, advice: 'the disk is full: free about 2 GB' },
  { pattern: /EACCES|EPERM|Permission denied/i, advice: 'this folder may not be written: check its owner' },
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|Temporary failure in name resolution|Failed to establish a new connection|NewConnectionError|Read timed out/i,
    advice: 'the package registry was not reached: check the network or the proxy settings',
  },
];

/** @param {string} text */
const adviceOn = (text) => causes.find(({ pattern }) => pattern.test(text))?.advice;

/** @param {unknown} error */
export const sentenceOf = (error) => {
  if (error instanceof SetupError) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  const advice = adviceOn(text);
  return advice ? `The set-up failed: ${advice}. (${text})` : `The set-up failed: ${text}`;
};

/**
 * Runs a command to its end, its output in a log file.
 * @param {{ title: string, command: string, args: string[], root: string, log: string, env?: NodeJS.ProcessEnv }} task
 * @returns {Promise<void>} fails with a SetupError that says what to do
 */
export const run = async ({ title, command, args, root, log, env = process.env }) => {
  const logFile = join(root, '.local', 'logs', log);
  mkdirSync(dirname(logFile), { recursive: true });
  const started = Date.now();
  const pulse = progress(title);
  const code = await execute(command, args, { cwd: root, env, logFile }).finally(() => clearInterval(pulse));
  const seconds = Math.round((Date.now() - started) / 1000);
  const output = readFileSync(logFile, 'utf8');
  // npm takes a full disk for a warning.
  if (code === 0 && !/ENOSPC/.test(output)) {
    console.error(`✔ ${title} (${seconds} s)`);
    return;
  }
  const why = adviceOn(output) ?? reason(output);
  throw new SetupError(`${title} failed: ${why}. The whole output is in ${relative(root, logFile)}.`);
};

/** A sign of life every ten seconds. @param {string} title */
const progress = (title) => {
  console.error(`❯ ${title} …`);
  const started = Date.now();
  return setInterval(() => console.error(`  ${title}: ${Math.round((Date.now() - started) / 1000)} s …`), 10_000);
};

/** @param {string} output */
const reason = (output) => {
  const lines = output.trim().split('\n');
  return lines.find((line) => /\berror\b/i.test(line)) ?? (lines.at(-1) || 'it ended without a word');
};

/**
 * @param {string} command @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, logFile: string }} options
 * @returns {Promise<number>}
 */
const execute = (command, args, { cwd, env, logFile }) => {
  const log = openSync(logFile, 'w');
  // A group of its own, so that it can be stopped with all that it started.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  running.add(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  }).finally(() => running.delete(child));
};
