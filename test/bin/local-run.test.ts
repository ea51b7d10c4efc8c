// One run in a folder, on a port that is free, which leaves nothing running however it ends.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { claim } from '../../bin/local/lock.mjs';
import { choosePort } from '../../bin/local/port.ts';
import { createProcesses, root } from '../../bin/local/processes.ts';

const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'leia-jobs-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(20);
};

describe('the claim on a folder', () => {
  test('is one process’s at a time, which says where it is', async () => {
    const path = join(aFolder(), 'run.json');
    const first = await claim(path);
    if (!first.held) throw new Error('nobody else can hold it');
    first.annotate('http://127.0.0.1:1');
    const second = await claim(path);
    expect(second).toMatchObject({ held: false, by: { pid: process.pid, note: 'http://127.0.0.1:1' } });
    first.release();
    expect((await claim(path)).held).toBe(true);
  });

  test('is taken over from who was killed, also when its process id is another’s by now', async () => {
    const path = join(aFolder(), 'run.json');
    const { pid } = spawnSync('true');
    for (const holder of [
      { pid, born: '', note: '' },
      { pid: process.pid, born: '1', note: '' },
    ]) {
      writeFileSync(path, JSON.stringify(holder));
      const taken = await claim(path);
      expect(taken.held).toBe(true);
      if (taken.held) taken.release();
    }
  });
});

test('a second npm start in the same folder says so in one line', async () => {
  const path = join(root, '.local', 'run.json');
  const own = await claim(path);
  // Somebody's own run, whatever it is doing, is as good as this test's.
  if (own.held) onTestFinished(own.release);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'local.ts')], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /^✖ It already runs in this folder: process \d+.*\. Use that one, or stop it first \(Ctrl-C there, or kill \d+\)\.\n$/,
  );
});

test('options that are none say what there is', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'local.ts'), '--often'], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain("Unknown option '--often'");
  expect(stderr).toContain('Usage: npm start [-- --once | --no-demo]');
});

test('a port that is taken is refused in one line; without a wish a free one is found', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await expect(choosePort(port)).rejects.toThrow(
    `Port ${port} is in use: stop what listens there, or choose another with PORT=….`,
  );
  expect(await choosePort()).not.toBe(port);
});

/** Starts a process that starts another, and tells both ids. */
const nested = `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  writeFileSync('pids', process.pid + ' ' + child.pid); setInterval(() => {}, 1000);`;

const pidsIn = async (folder: string): Promise<number[]> => {
  const file = join(folder, 'pids');
  await until(() => existsSync(file) && readFileSync(file, 'utf8').includes(' '));
  return readFileSync(file, 'utf8').split(' ').map(Number);
};

const specIn = (directory: string) => ({
  name: 'a process with a child',
  command: process.execPath,
  args: ['--input-type=module', '--eval', nested],
  env: { PATH: process.env.PATH },
  logFile: join(directory, 'log'),
  directory,
});

describe('processes of a run', () => {
  test('are stopped with all that they started, and no other can be started', async () => {
    const folder = aFolder();
    const processes = createProcesses();
    processes.start(specIn(folder));
    const pids = await pidsIn(folder);
    expect(pids.map(lives)).toEqual([true, true]);
    await processes.stop();
    expect(pids.map(lives)).toEqual([false, false]);
    expect(() => processes.start(specIn(folder))).toThrow('Stopping: nothing more is started.');
  });

  test('do not outlive a run that was killed', async () => {
    const folder = aFolder();
    const script = `import { createProcesses } from ${JSON.stringify(pathToFileURL(join(root, 'bin/local/processes.ts')).href)};
      createProcesses().start(${JSON.stringify(specIn(folder))}); setInterval(() => {}, 1000);`;
    const run = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
    const pids = await pidsIn(folder);
    run.kill('SIGKILL');
    await until(() => !pids.some(lives));
  });

  test('that fail say why in one line', async () => {
    const folder = aFolder();
    await using processes = createProcesses();
    const spec = { ...specIn(folder), args: ['--eval', 'throw new Error("no room")'] };
    await expect(processes.run(spec)).rejects.toThrow(/^a process with a child ended with code 1: Error: no room \(/);
  });
});
