// What a newcomer's machine may lack or have too old, told by the set-up in one line before anything is installed. Runs
// the real set-up in a folder that has nothing but it, with a Node, npm and Python that are as the test says.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const sources = fileURLToPath(new URL('../../bin', import.meta.url));

const executable = (path: string, script: string): void => {
  writeFileSync(path, script);
  chmodSync(path, 0o755);
};

/** A clone without modules, and a folder of commands that is all of the PATH. */
const aClone = (commands: Record<string, string> = {}) => {
  const root = mkdtempSync(join(tmpdir(), 'leia-jobs-clone-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const bin = join(root, 'path');
  mkdirSync(bin);
  cpSync(sources, join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'package-lock.json'), '{}');
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const [name, script] of Object.entries({ npm: 'exit 0', ...commands }))
    executable(join(bin, name), `#!/bin/sh\n${script}\n`);
  return { root, bin };
};

type Clone = ReturnType<typeof aClone>;

/** All that is there already, as a set-up leaves it. */
const installed = ({ root }: Clone): void => {
  const [modules, venv] = [join(root, 'node_modules'), join(root, '.local', 'venv')];
  for (const folder of [join(modules, '.bin'), join(venv, 'bin')]) mkdirSync(folder, { recursive: true });
  symlinkSync(process.execPath, join(modules, '.bin', 'node'));
  const stamp = createHash('sha256').update('{}').update(`${process.platform} ${process.arch}`).digest('hex');
  writeFileSync(join(modules, '.set-up'), stamp);
  executable(join(venv, 'bin', 'python'), '#!/bin/sh\nexit 0\n');
  cpSync(join(root, 'bin', 'local', 'requirements.txt'), join(venv, '.set-up'));
  writeFileSync(join(root, 'bin', 'program.mjs'), 'console.log(process.argv.slice(2).join(" "));');
};

const environmentOf = ({ bin }: Clone, env: Record<string, string>): NodeJS.ProcessEnv => ({ PATH: bin, ...env });

/** Runs the set-up, and then `program`; `preload` is run before it. */
const setUp = (clone: Clone, { env = {}, preload = '' }: { env?: Record<string, string>; preload?: string } = {}) => {
  const before = preload === '' ? [] : ['--import', `data:text/javascript,${encodeURIComponent(preload)}`];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...before, join(clone.root, 'bin', 'setup.mjs'), 'bin/program.mjs', 'said'],
    { env: environmentOf(clone, env), encoding: 'utf8', timeout: 15_000 },
  );
  return { status, stdout, stderr };
};

const failsWith = (sentence: string) => ({ status: 1, stdout: '', stderr: `✖ ${sentence}\n` });

test('an old Node', () => {
  const preload = `Object.defineProperty(process.versions, 'node', { value: '18.20.4' });`;
  expect(setUp(aClone(), { preload })).toEqual(
    failsWith('Node 20 or newer is needed and this is 18.20.4: install a newer Node.'),
  );
});

test('no npm', () => {
  const clone = aClone();
  rmSync(join(clone.bin, 'npm'));
  expect(setUp(clone)).toEqual(failsWith('npm was not found: install Node with npm and put it on the PATH.'));
});

test('no Python', () => {
  expect(setUp(aClone())).toEqual(
    failsWith(
      'Python 3.10 or newer is needed for the emulated AWS and none was found: install it, or set AWS_ENDPOINT_URL to an AWS endpoint of your own.',
    ),
  );
});

test('an old Python', () => {
  expect(setUp(aClone({ python3: 'echo 3 9' }))).toEqual(
    failsWith(
      'Python 3.10 or newer is needed for the emulated AWS and python3 is 3.9: install it, or set AWS_ENDPOINT_URL to an AWS endpoint of your own.',
    ),
  );
});

test('an old Python beside a newer one, which is taken, and a Python without venv', () => {
  const newer = `case "$2" in *ensurepip*) exit 1;; esac; echo 3 12`;
  expect(setUp(aClone({ python3: 'echo 3 9', 'python3.12': newer }))).toEqual(
    failsWith(
      'python3.12 has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv), or set AWS_ENDPOINT_URL to an AWS endpoint of your own.',
    ),
  );
});

test('no disk', () => {
  const preload = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
    fs.statfsSync = () => ({ bavail: 100, bsize: 1e6 }); syncBuiltinESMExports();`;
  expect(setUp(aClone(), { preload })).toEqual(
    failsWith('The node modules need about 1000 MB of disk and 100 MB are free: make room.'),
  );
});

/** A Python whose pip takes its time. */
const slowPython = `case "$2" in *version_info*) echo 3 12;; esac
if [ "$2" = venv ]; then
  /bin/mkdir -p "$3/bin"
  echo 'exec /bin/sleep 60' > "$3/bin/python"
  /bin/chmod +x "$3/bin/python"
fi`;

test.each([
  ['ENOTFOUND', 'the package registry was not reached: check the network or the proxy settings'],
  ['ENOSPC', 'the disk is full: free about 2 GB'],
])('npm ends with %s: what goes on beside it is stopped', (code, advice) => {
  const clone = aClone({ python3: slowPython, npm: `[ "$1" = ci ] || exit 0; echo npm error code ${code}; exit 1` });
  const { status, stderr } = setUp(clone);
  expect([status, stderr.split('\n').at(-2)]).toEqual([
    1,
    `✖ Installing node modules failed: ${advice}. The whole output is in .local/logs/npm.log.`,
  ]);
});

test('a Python environment that turns out to have no Python', () => {
  const { status, stderr } = setUp(
    aClone({
      python3: 'case "$2" in *version_info*) echo 3 12;; esac',
      npm: '[ "$1" = ci ] || exit 0; exec /bin/sleep 60',
    }),
  );
  expect([status, stderr.split('\n').at(-2)]).toEqual([1, expect.stringMatching(/^✖ The set-up failed: .*ENOENT/)]);
});

test('with an AWS of one’s own no Python is asked for', () => {
  const clone = aClone();
  installed(clone);
  rmSync(join(clone.root, '.local'), { recursive: true });
  expect(setUp(clone, { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' } })).toEqual({
    status: 0,
    stdout: 'said\n',
    stderr: '',
  });
});

test('when all is there it says nothing, takes less than a second, and becomes the program', () => {
  const clone = aClone();
  installed(clone);
  expect(setUp(clone)).toEqual({ status: 0, stdout: 'said\n', stderr: '' });
});

test('a lock file that has changed has the modules installed again', () => {
  const clone = aClone({ npm: '[ "$1" = ci ] && echo npm error was called && exit 1 || exit 0' });
  installed(clone);
  writeFileSync(join(clone.root, 'package-lock.json'), '{"changed":true}');
  expect(setUp(clone).stderr).toContain('Installing node modules failed: npm error was called');
});

test('a set-up that is stopped stops what it started, and the next one goes on', async () => {
  const clone = aClone({
    python3: slowPython,
    npm: `[ "$1" = ci ] || exit 0; echo $$ > ${'"$PWD/npm.pid"'}; exec /bin/sleep 60`,
  });
  const child = spawn(process.execPath, [join(clone.root, 'bin', 'setup.mjs')], { env: environmentOf(clone, {}) });
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  while (!existsSync(join(clone.root, 'npm.pid'))) await sleep(20);
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(Buffer.concat(said).toString()).toContain('Stopped by SIGTERM during the set-up: run it again to finish it.');
  const pid = Number(readFileSync(join(clone.root, 'npm.pid'), 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(existsSync(join(clone.root, '.local', 'setup.lock'))).toBe(false);
});
