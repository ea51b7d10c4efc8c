// A program with LEIA's own Python SDK, from its login to its logout, and what the SDK makes of each answer.
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Ground } from '../flow/support/ground.ts';

/** bin/setup.mjs installs the SDK there. */
const python = fileURLToPath(new URL('../../.local/venv/bin/python', import.meta.url));
const journey = fileURLToPath(new URL('journey.py', import.meta.url));

/** Whether it is to be had: it pins a pydantic that is older than Python 3.14; and an endpoint of one's own needs no Python. */
export const hasPythonSdk = (): boolean => {
  try {
    return execFileSync(python, ['-c', 'import sys; print(sys.version_info < (3, 14))']).toString() === 'True\n';
  } catch {
    return false;
  }
};

export const pythonJourney = async ({ baseUrl, apiKey, adminApiKey }: Ground): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(python, [journey, baseUrl, apiKey, adminApiKey], { timeout: 100_000 });
  return JSON.parse(stdout);
};

export const asLeiaWouldAnswer = {
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
};
