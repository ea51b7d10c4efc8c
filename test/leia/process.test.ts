import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { leiaHooks } from './hooks.ts';
import { logIn } from './support/client.ts';

const Ready = z.object({ url: z.url(), api_key: z.string(), admin_api_key: z.string() });

it('runs as a process of its own, says where it is, and ends at SIGTERM', async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0', '--worker', 'scripted'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url, api_key } = Ready.parse(JSON.parse(String(line)));
  const client = await logIn(url, api_key);
  expect((await client.call('GET', '/whoami')).status).toBe(200);
  expect((await leiaHooks(url).counts()).whoami).toBe(1);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
