// Runs a local LEIA as a process: node test/leia/main.ts --port 0 --worker real|scripted [--state file]
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { startLeia } from './server.ts';

const { values } = parseArgs({
  options: { port: { type: 'string' }, worker: { type: 'string' }, state: { type: 'string' } },
});
const { port, worker, state } = z
  .object({
    port: z.coerce.number().int().min(0).max(65_535).default(0),
    worker: z.enum(['real', 'scripted']).default('scripted'),
    state: z.string().optional(),
  })
  .parse(values);

const leia = await startLeia({ port, worker, ...(state !== undefined && { stateFile: state }) });
console.log(JSON.stringify({ url: leia.url, api_key: leia.apiKey, admin_api_key: leia.adminApiKey, pid: process.pid }));
await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
await leia.close();
