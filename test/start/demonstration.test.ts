// What `npm start` brings up and shows – all of it but the claim on the folder, which a run of somebody's own may hold.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, test, vi } from 'vitest';
import { demonstrate } from '../../bin/local/demonstration.ts';
import { createProcesses } from '../../bin/local/processes.ts';
import { endpointOf, howToGoOn } from '../../bin/local/publication.ts';
import { startRun } from '../../bin/local/run.ts';
import { leiaHooks } from '../leia/hooks.ts';

const names = [
  'base_url',
  'api_key',
  'webhook_secret',
  'leia_url',
  'leia_api_key',
  'aws_endpoint_url',
  'region',
  'state_stack',
  'service_stack',
  'table_name',
  'callbacks_queue_url',
  'sweep_function',
];

test('the demonstration ends as expected, what is published leads there, and nothing is left running', async () => {
  await using processes = createProcesses();
  const folder = await mkdtemp(join(tmpdir(), 'leia-jobs-start-'));
  processes.afterStop(() => rm(folder, { recursive: true, force: true }));
  const run = await startRun(processes, { folder, keep: false });

  const printed = vi.spyOn(console, 'log');
  expect(await demonstrate(run)).toBe(true);
  const tree = printed.mock.calls
    .flat()
    .map(String)
    .find((text) => text.startsWith('Chain '));
  printed.mockRestore();
  expect(withoutIds(tree?.trim() ?? '')).toBe(withoutIds(await treeOfReadme()));

  const endpoint = endpointOf(run);
  expect(Object.keys(endpoint)).toEqual(names);
  expect(Object.values(endpoint).every((value) => typeof value === 'string' && value !== '')).toBe(true);
  const callbacks = (await leiaHooks(endpoint.leia_url).jobs()).flatMap(({ callback_url }) => callback_url ?? []);
  expect(callbacks.length).toBeGreaterThan(5);
  // No program's resolver needs to know any name.
  const hosts = [endpoint.base_url, endpoint.leia_url, endpoint.aws_endpoint_url, ...callbacks].map(
    (url) => new URL(url).hostname,
  );
  expect(new Set(hosts)).toEqual(new Set(['127.0.0.1']));
  expect(await swept(run.aws, endpoint.sweep_function)).toMatchObject([{ lanes: { sent: { complete: true } } }]);
  for (const part of [endpoint.base_url, endpoint.api_key, 'curl', 'new Leia(', 'ApiClient(', 'new LeiaAPI('])
    expect(howToGoOn(run)).toContain(part);

  await processes.stop();
  for (const url of [endpoint.base_url, endpoint.leia_url]) await expect(fetch(url)).rejects.toThrow('fetch failed');
});

const treeOfReadme = async (): Promise<string> => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const [, tree = ''] = /^ {4}(Chain .*\n(?: {4}.*\n)+)/m.exec(readme) ?? [];
  return tree.replaceAll(/^ {4}/gm, '').trim();
};

/** Ids are new each time. */
const withoutIds = (text: string): string => text.replaceAll(/\b[0-9a-f]{24}\b/g, '<id>');

/** As a person would with the AWS CLI. */
const swept = async (aws: ConstructorParameters<typeof LambdaClient>[0], FunctionName: string): Promise<unknown> => {
  const { Payload } = await new LambdaClient({ ...aws }).send(new InvokeCommand({ FunctionName, Payload: '{}' }));
  return JSON.parse(Payload?.transformToString() ?? '');
};
