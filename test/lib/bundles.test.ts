// The bundles as Lambda gets them, loaded by a Node that has nothing else.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { functionNames, writeBundle } from '../../lib/bundles.ts';
import { bundling, partsOnDemand } from '../../lib/bundling.ts';
import { settingsOf } from '../../lib/config.ts';
import { environmentOf } from '../../lib/environment.ts';
import { gatewayEvent, lambdaContext } from '../support/gateway.ts';

const directory = mkdtempSync(join(tmpdir(), 'leia-jobs-bundle-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const settings = environmentOf(settingsOf({ leiaUrl: 'https://leia.example.test/leia/1.0.0' }));
const environment = {
  ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  TABLE_NAME: 'table',
  BUCKET_NAME: 'bucket',
  SECRET_NAME: 'secret',
  AWS_REGION: 'eu-west-1',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
};

/** What a script prints that runs in a Node without these sources, without credentials, and without a home. */
const printed = (script: string, env: Record<string, string> = {}): string =>
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: directory,
    env: { ...environment, HOME: directory, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const written = (name: (typeof functionNames)[number]): string => {
  const folder = join(directory, name);
  writeBundle(name, folder);
  return folder;
};

const urlOf = (...path: string[]): string => JSON.stringify(pathToFileURL(join(...path)).href);

test.each(functionNames)('%s is imported on its own, with each part that it may load', (name) => {
  const folder = written(name);
  const modules = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  const imports = modules.map((file) => `await import(${urlOf(folder, file)})`);
  expect(
    printed(`const all = [${imports.join(', ')}]; console.log(all.map((each) => Object.keys(each).length > 0));`),
  ).toBe(`[ ${modules.map(() => 'true').join(', ')} ]\n`);
  const code = readFileSync(join(folder, 'index.mjs'), 'utf8');
  const asked = Object.keys(partsOnDemand).filter((part) => code.includes(`import("${part}")`));
  expect(Object.keys(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).imports)).toEqual(asked);
  expect(modules).toHaveLength(1 + asked.length);
});

test('session tells the description of the API, which is a part of its own', () => {
  const event = JSON.stringify(gatewayEvent({ path: '/leia/1.0.0/openapi.json' }));
  const { getRemainingTimeInMillis: _function, ...context } = lambdaContext();
  const answer = printed(`
    const { handler } = await import(${urlOf(written('session'), 'index.mjs')});
    const reply = await handler(${event}, ${JSON.stringify(context)});
    console.log(reply.statusCode, reply.body);`);
  const [status = '', ...body] = answer.trim().split(' ');
  expect(status).toBe('200');
  expect(JSON.parse(body.join(' '))).toEqual(
    JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')),
  );
});

describe('what is left out', () => {
  const bundled = async (source: string): Promise<string> => {
    const outfile = join(directory, 'left-out.mjs');
    const stdin = { contents: source, resolveDir: bundling.absWorkingDir, loader: 'ts' } as const;
    await build({ ...bundling, stdin, outfile });
    return `await import(${urlOf(outfile)})`;
  };

  test('a schema checks, and does not write itself as JSON Schema', async () => {
    const load = await bundled(`import * as z from 'zod'; export const schema = z.object({ id: z.string().min(2) });`);
    const script = `const { schema } = ${load};
      console.log(schema.safeParse({ id: 'a' }).error.issues[0].code, schema.parse({ id: 'ab' }).id);
      try { schema.toJSONSchema(); } catch ({ message }) { console.log(message); }`;
    expect(printed(script)).toBe('too_small ab\nto-json-schema.js is left out of the bundles: see lib/left-out.ts\n');
  });

  const client = `import { DynamoDBClient } from '@aws-sdk/client-dynamodb'; export const client = new DynamoDBClient({});`;

  test('credentials come from the environment, session token included', async () => {
    const script = `const { client } = ${await bundled(client)};
      const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
      console.log(accessKeyId, secretAccessKey, sessionToken);`;
    const env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_SESSION_TOKEN: 'token' };
    expect(printed(script, env)).toBe('id key token\n');
  });

  test('without them there, there are none', async () => {
    const script = `const { client } = ${await bundled(client)};
      await client.config.credentials().catch(({ message }) => console.log(message));`;
    expect(printed(script)).toBe('Unable to find environment variable credentials.\n');
  });

  test('the SDK hashes with what Node has, not with its own', async () => {
    const script = `const { client } = ${await bundled(client)};
      console.log(Buffer.from(await new client.config.sha256().digest()).toString('hex'));`;
    expect(printed(script)).toBe(`${createHash('sha256').digest('hex')}\n`);
  });

  test('the client asks for no endpoint', async () => {
    const script = `const { client } = ${await bundled(client)};
      console.log(client.config.endpointCache, await client.config.endpointDiscoveryEnabledProvider());`;
    expect(printed(script)).toBe('undefined undefined\n');
  });
});
