// node_modules as package-lock.json wants them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { run, SetupError } from './run.mjs';

const neededMegabytes = 1000;

/** @param {string} root */
const stampFile = (root) => join(root, 'node_modules', '.set-up');
/** @param {string} root */
const projectNode = (root) => join(root, 'node_modules', '.bin', 'node');

/** What was installed, and for which machine. @param {string} root */
const stampOf = (root) =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');

/** npm must not run on the Node that it is about to replace. @param {string} root */
const environment = (root) => {
  const own = join(root, 'node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => entry !== own);
  return { ...process.env, PATH: path.join(delimiter) };
};

/** npm goes on for a minute on a full disk, and may even say that all went well. @param {string} root */
const checkDisk = (root) => {
  // npm empties the folder first: what is in it counts as free.
  if (existsSync(join(root, 'node_modules'))) return;
  const { bavail, bsize } = statfsSync(root);
  const free = Math.round((bavail * bsize) / 1e6);
  if (free < neededMegabytes) {
    throw new SetupError(
      `The node modules need about ${neededMegabytes} MB of disk and ${free} MB are free: make room.`,
    );
  }
};

/** @param {string} root */
const check = (root) => {
  checkDisk(root);
  const npm = spawnSync('npm', ['--version'], { env: environment(root) });
  if (npm.status !== 0) throw new SetupError('npm was not found: install Node with npm and put it on the PATH.');
};

/** @param {string} root */
const install = async (root) => {
  await run({
    title: 'Installing node modules',
    command: 'npm',
    // Scripts on and development packages in, whatever the person's own npm settings say.
    args: [
      'ci',
      '--include=dev',
      '--ignore-scripts=false',
      '--engine-strict=false',
      '--loglevel=notice',
      '--no-audit',
      '--no-fund',
    ],
    root,
    log: 'npm.log',
    env: environment(root),
  });
  const node = spawnSync(projectNode(root), ['--version'], { encoding: 'utf8' });
  if (node.status !== 0) {
    throw new SetupError(`The project's own Node does not run on this machine (${process.platform} ${process.arch}).`);
  }
  writeFileSync(stampFile(root), stampOf(root));
};

export const nodeModules = {
  /** @param {string} root */
  missing: (root) =>
    !existsSync(projectNode(root)) ||
    !existsSync(stampFile(root)) ||
    readFileSync(stampFile(root), 'utf8') !== stampOf(root),
  check,
  install,
};
