// LEIA's own Python SDK against the whole bundle in this process; test/flow has it on the emulated AWS.
import { expect, it, onTestFinished } from 'vitest';
import { startLeia } from '../leia/server.ts';
import { startBundle } from '../support/bundle.ts';
import { asLeiaWouldAnswer, hasPythonSdk, pythonJourney } from './journey.ts';

it.skipIf(!hasPythonSdk())('a program with the Python SDK works with the base URL changed', async () => {
  const leia = await startLeia();
  onTestFinished(leia.close);
  const bundle = await startBundle({ leiaUrl: leia.url, leiaApiKey: leia.apiKey, leiaAdminApiKey: leia.adminApiKey });
  onTestFinished(bundle.close);
  expect(await pythonJourney(bundle)).toEqual(asLeiaWouldAnswer);
  const applies = (await leia.hooks.requests()).filter(({ path }) => path.includes('/apply/'));
  expect(applies.map(({ query }) => query)).toEqual(['', '', '?priority=3']);
});
