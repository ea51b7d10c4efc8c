import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { leiaHooks } from './hooks.ts';
import { logIn } from './support/client.ts';

const Ready = z.object({ url: z.url(), api_key: z.string(), admin_api_key: z.string() });

const started = async (...more: string[]) => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0', '--worker', 'scripted', ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url, api_key } = Ready.parse(JSON.parse(String(line)));
  const stop = async () => {
    child.kill('SIGTERM');
    return once(child, 'exit');
  };
  return { url, api_key, stop };
};

it('runs as a process of its own, says where it is, and ends at SIGTERM', async () => {
  const { url, api_key, stop } = await started();
  const client = await logIn(url, api_key);
  expect((await client.call('GET', '/whoami')).status).toBe(200);
  expect((await leiaHooks(url).counts()).whoami).toBe(1);
  expect(await stop()).toEqual([0, null]);
});

it('goes on from where it was stopped, if it is told where to keep that', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'leia-state-'));
  const state = join(directory, 'leia.state');
  const first = await started('--state', state);
  const client = await logIn(first.url, first.api_key);
  const path = `/document/${await client.upload('a.pdf')}/transform/text`;
  const done = await client.ended((await client.submit(path)).id);
  await leiaHooks(first.url).script({ durationMs: 60_000, times: 1 });
  const underWay = await client.submit(path);
  await leiaHooks(first.url).holdJobs(true);
  const held = await client.submit(path);
  await first.stop();

  const second = await started('--state', state);
  const again = await logIn(second.url, second.api_key);
  expect(await again.get(done.id)).toEqual(done);
  for (const { id } of [underWay, held]) expect((await again.ended(id)).status).toBe('PROCESSED');
  await second.stop();
  await rm(directory, { recursive: true });
});
