// LEIA's own Python SDK, in a program that knows only our base URL: one whole life of it, as it understands our answers.
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { startLeia } from '../leia/server.ts';
import { startBundle } from '../support/bundle.ts';

/** bin/setup.mjs installs the SDK there. */
const python = fileURLToPath(new URL('../../.local/venv/bin/python', import.meta.url));
const journey = fileURLToPath(new URL('journey.py', import.meta.url));

/** The SDK pins a pydantic that is older than this Python. */
const isTooNew = execFileSync(python, ['-c', 'import sys; print(sys.version_info >= (3, 14))']).toString() === 'True\n';

it.skipIf(isTooNew)('a program with the Python SDK works with the base URL changed', async () => {
  const leia = await startLeia();
  onTestFinished(leia.close);
  const bundle = await startBundle({ leiaUrl: leia.url, leiaApiKey: leia.apiKey, leiaAdminApiKey: leia.adminApiKey });
  onTestFinished(bundle.close);
  const args = [journey, bundle.baseUrl, bundle.apiKey, bundle.adminApiKey];
  const { stdout } = await promisify(execFile)(python, args, { timeout: 60_000 });
  expect(JSON.parse(stdout)).toEqual({
    application: ['developer', 'Application'],
    who_am_i: true,
    health: 200,
    'bad key': [403, true],
    document: ['an invoice', 'pdf', ['t1', 't2']],
    contents: '%PDF-1.4 not much of one',
    documents: [true],
    model: true,
    blocked: ['BLOCKED', 'pdf-images', null],
    waiting: ['WAITING', true],
    chain: 'conditional',
    started: true,
    pages: ['PROCESSED', 'list[document]'],
    category: ['PROCESSED', 'classification'],
    results: 'ValidationError',
    'chain end': ['PROCESSED', 'conditional', ['all']],
    'by body': ['BLOCKED', true],
    'by query': 'BLOCKED',
    listed: true,
    page: '1-2/2',
    children: ['PROCESSED'],
    'nothing listed': [404, true],
    statuses: true,
    cancelled: 204,
    'cancelled twice': [404, true],
    'bad range': [400, true],
    unknown: [404, true],
    admin: [true, true, true],
    'no admin': [401, true],
    'logged in again': 'CANCELED',
    'another token': true,
  });
  const applies = (await leia.hooks.requests()).filter(({ path }) => path.includes('/apply/'));
  expect(applies.map(({ query }) => query)).toEqual(['', '', '?priority=3']);
});
