// The journeys of jobs too large for an answer, with the whole bundle in this process, behind a gateway that carries no
// more than Lambda does.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { largeAnswerJourneys } from '../flow/journeys/large-answers.ts';
import { atLeia, logIn, sweepUntil } from '../flow/support/ground.ts';
import { type LocalLeia, startLeia } from '../leia/server.ts';
import { type Bundle, startBundle } from '../support/bundle.ts';

let leia: LocalLeia;
let bundle: Bundle;

beforeAll(async () => {
  leia = await startLeia();
  bundle = await startBundle({ leiaUrl: leia.url, leiaApiKey: leia.apiKey });
});
afterEach(() => leia.hooks.reset());
afterAll(async () => {
  await bundle.close();
  await leia.close();
});

largeAnswerJourneys(() => bundle);

it('a callback of more than 6 MB is refused by API Gateway, 413, and the sweep makes up for it', async () => {
  await leia.hooks.holdJobs(true);
  const client = await logIn(bundle.baseUrl, bundle.apiKey);
  const id = String((await client.post(`/document/${await client.upload()}/transform/text`)).json.id);
  const leiaId = (await atLeia(bundle, id))[0]?.id ?? '';
  const resultText = JSON.stringify('x'.repeat(7_000_000));
  await leia.hooks.forceJob(leiaId, { status: 'PROCESSED', result_type: 'object', resultText });
  await sweepUntil(bundle, 'the end', async () => (await client.get(`/job/${id}/status`)).json[id] === 'PROCESSED');
  expect(JSON.stringify(await leia.hooks.callbackLog())).toContain('413');
  expect((await client.get(`/job/${id}`)).headers.get('x-observed-via')).toBe('sweep');
});
