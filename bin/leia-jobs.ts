// npx leia-jobs – a person looks at a deployment and repairs it (docs/runbook.md). bin/leia-jobs.mjs starts it.
import { join } from 'node:path';
import process from 'node:process';
import { root } from './local/processes.ts';
import { sentenceOf } from './repair/failure.ts';
import { placeOf } from './repair/place.ts';
import { program } from './repair/program.ts';
import { siteOf } from './repair/site.ts';
import { realTerminal } from './repair/terminal.ts';

const terminal = realTerminal();

const connect: Parameters<typeof program>[0]['connect'] = async (options) => {
  const place = await placeOf(options, process.env, join(root, '.local', 'endpoint.json'));
  return siteOf(place, place.client.endpoint ?? process.env.AWS_ENDPOINT_URL);
};

try {
  await program({ terminal, connect }).parseAsync();
} catch (error) {
  terminal.note(`error: ${sentenceOf(error)}`);
  process.exitCode = 1;
}
