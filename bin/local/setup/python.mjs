// The virtual environment that holds MiniStack, the emulated AWS, and what `npm test` needs beside it: Schemathesis, a
// fuzzer, and LEIA's own Python SDK.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { run, SetupError } from './run.mjs';

const oldest = { major: 3, minor: 10 };
const instead = 'or set AWS_ENDPOINT_URL to an AWS endpoint of your own';

/** @param {string} root */
const venv = (root) => join(root, '.local', 'venv');
/** @param {string} root */
const venvPython = (root) => join(venv(root), 'bin', 'python');
/** @param {string} root */
const stampFile = (root) => join(venv(root), '.set-up');
/** @param {string} root */
const requirements = (root) => readFileSync(join(root, 'bin', 'local', 'requirements.txt'), 'utf8');

/** The fuzzer takes a second to import. */
const probe = `
import hypercorn, ministack, yaml, botocore
from importlib.util import find_spec
assert find_spec('schemathesis')
`;

/** @param {string} root */
const missing = (root) => {
  try {
    if (readFileSync(stampFile(root), 'utf8') !== requirements(root)) return true;
  } catch {
    return true;
  }
  // The stamp may outlive what it speaks of: a Python that was upgraded away, a folder half removed.
  return spawnSync(venvPython(root), ['-c', probe]).status !== 0;
};

/** @param {string} command @returns {number[] | undefined} */
const versionOf = (command) => {
  const { status, stdout } = spawnSync(command, ['-c', 'import sys; print(*sys.version_info[:2])'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim().split(' ').map(Number) : undefined;
};

/** @param {number[]} version */
const recent = ([major = 0, minor = 0]) => major > oldest.major || (major === oldest.major && minor >= oldest.minor);

const findPython = () => {
  const names = process.env.PYTHON
    ? [process.env.PYTHON]
    : ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  const found = names.map((name) => ({ name, version: versionOf(name) }));
  const usable = found.find(({ version }) => version && recent(version));
  if (usable) return usable.name;
  const tooOld = found.find(({ version }) => version);
  const seen = tooOld ? `${tooOld.name} is ${tooOld.version?.join('.')}` : 'none was found';
  throw new SetupError(
    `Python ${oldest.major}.${oldest.minor} or newer is needed for the emulated AWS and ${seen}: install it, ${instead}.`,
  );
};

const check = () => {
  const python = findPython();
  // Without pip in it, venv makes only half an environment, and says so in many lines.
  if (spawnSync(python, ['-c', 'import venv, ensurepip']).status !== 0) {
    throw new SetupError(
      `${python} has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv), ${instead}.`,
    );
  }
};

/** @param {string} root */
const install = async (root) => {
  const python = findPython();
  rmSync(venv(root), { recursive: true, force: true });
  await run({
    title: 'Making a Python environment',
    command: python,
    args: ['-m', 'venv', venv(root)],
    root,
    log: 'venv.log',
  });
  await run({
    title: 'Installing MiniStack, the emulated AWS, and what tests need',
    command: venvPython(root),
    args: [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      '--no-input',
      // Python compiles what is used when it is used, which is the smaller part.
      '--no-compile',
      '-r',
      join('bin', 'local', 'requirements.txt'),
    ],
    root,
    log: 'pip.log',
    env: { ...process.env, PIP_USER: '0' },
  });
  writeFileSync(stampFile(root), requirements(root));
};

export const python = { missing, check, install };
