// Makes a clone ready to run, then runs the program it was given with the project's own Node:
//   node bin/setup.mjs bin/local.ts --once
// Plain JavaScript without dependencies: it is what installs them. Does nothing when all is there.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { claim } from './local/lock.mjs';
import { nodeModules } from './local/setup/node-modules.mjs';
import { python } from './local/setup/python.mjs';
import { SetupError, sentenceOf, stopCommands } from './local/setup/run.mjs';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const oldestNode = 20;
/** The tests have a fuzzer in Python, whoever emulates AWS. */
const isTest = process.argv[2] === 'bin/test.ts';

/**
 * What a clone needs, in order: `missing` says quickly whether `install` has to run, `check` whether it can.
 */
const steps = () => (process.env.AWS_ENDPOINT_URL && !isTest ? [nodeModules] : [nodeModules, python]);

const checkNode = () => {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode) {
    throw new SetupError(
      `Node ${oldestNode} or newer is needed and this is ${process.versions.node}: install a newer Node.`,
    );
  }
};

/** Several set-ups at once take turns: npm and pip write into the same folders. */
const takeTurn = async () => {
  const path = join(root, '.local', 'setup.lock');
  for (let told = false; ; told = true) {
    const turn = await claim(path);
    if (turn.held) return turn;
    if (!told) console.error(`Waiting for the set-up that process ${turn.by.pid} is doing in this folder …`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

const setUp = async () => {
  checkNode();
  if (steps().every((step) => !step.missing(root))) return;
  const turn = await takeTurn();
  try {
    const missing = steps().filter((step) => step.missing(root));
    // What is bound to fail fails before the minute that the rest takes.
    for (const step of missing) step.check(root);
    await installAll(missing.map((step) => step.install(root)));
  } finally {
    turn.release();
  }
};

/** They wait for the network in turns of their own; when one fails, so has the set-up. @param {Promise<void>[]} installs */
const installAll = async (installs) => {
  try {
    await Promise.all(installs);
  } catch (error) {
    stopCommands();
    await Promise.allSettled(installs);
    throw error;
  }
};

/** Runs the program with the Node that the set-up installed, and ends as it ends. @param {string[]} command */
const become = (command) => {
  const bin = join(root, 'node_modules', '.bin');
  const child = spawn(join(bin, 'node'), command, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  });
  onSignals((signal) => child.kill(signal));
  child.on('error', fail);
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
};

/** @param {(signal: NodeJS.Signals) => void} act */
const onSignals = (act) => {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.removeAllListeners(signal);
    process.on(signal, () => act(signal));
  }
};

/** @param {unknown} error */
const fail = (error) => {
  console.error(`✖ ${sentenceOf(error)}`);
  // Whoever counts checks hears of this one too.
  if (isTest) console.log('0 passed, 1 failed');
  process.exitCode = 1;
};

let stopped = false;
onSignals((signal) => {
  if (!stopped) console.error(`Stopped by ${signal} during the set-up: run it again to finish it.`);
  stopped = true;
  process.exitCode = 1;
  stopCommands();
});
setUp().then(
  () => {
    if (!stopped && process.argv.length > 2) become(process.argv.slice(2));
  },
  (error) => {
    if (!stopped) fail(error);
  },
);
