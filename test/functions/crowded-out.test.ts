// A flood of forged callbacks fills receive-callback's own concurrency and nothing else (D10): clients are served as
// ever, and what real callbacks were crowded out of, the sweep finds.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awaitStatus, call, eventually, logIn, sweepUntil } from '../flow/support/ground.ts';
import { type LocalLeia, startLeia } from '../leia/server.ts';
import { type Bundle, startBundle } from '../support/bundle.ts';

const CONCURRENCY = 2;
const JOBS = 20;

let leia: LocalLeia;
let bundle: Bundle;
let atOnce = 0;
let throttled = 0;

beforeAll(async () => {
  leia = await startLeia();
  bundle = await startBundle({
    leiaUrl: leia.url,
    leiaApiKey: leia.apiKey,
    // As API Gateway tells that Lambda keeps a reserved concurrency, or that the route has had its requests a second.
    around: async (name, act) => {
      if (name !== 'receive-callback') return act();
      if (atOnce >= CONCURRENCY) {
        throttled += 1;
        const statusCode = throttled % 2 === 0 ? 503 : 429;
        return { statusCode, body: '{"message":"…"}' } as Awaited<ReturnType<typeof act>>;
      }
      atOnce += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return act().finally(() => {
        atOnce -= 1;
      });
    },
  });
});
afterAll(async () => {
  await bundle.close();
  await leia.close();
});

it('a flood of forged callbacks keeps no job from its end, and no client waiting', async () => {
  const root = bundle.baseUrl.replace(/\/leia\/1\.0\.0$/, '');
  const forged = `${root}/callbacks/${'a'.repeat(24)}/${'f'.repeat(64)}`;
  let flooding = true;
  const answers = new Map<number, number>();
  const flood = async (): Promise<void> => {
    while (flooding) {
      const { status } = await call(forged, { method: 'POST', body: '{}' });
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  const floods = Array.from({ length: 8 }, flood);

  const client = await logIn(bundle.baseUrl, bundle.apiKey);
  const document = await client.upload();
  const ids: string[] = [];
  for (let job = 0; job < JOBS; job += 1) {
    const { status, json } = await client.post(`/document/${document}/transform/text`);
    expect(status).toBe(200);
    ids.push(String(json.id));
  }
  await eventually('all to end at LEIA', async () =>
    (await bundle.leia.jobs()).filter(({ status }) => status === 'PROCESSED').length >= JOBS ? true : undefined,
  );
  const statuses = () => Promise.all(ids.map(async (id) => (await bundle.mirror.job(id))?.status));
  await bundle.pass(2);
  await sweepUntil(bundle, 'every ending', async () => (await statuses()).every((status) => status === 'PROCESSED'));
  flooding = false;
  await Promise.all(floods);

  expect([...answers.keys()].toSorted()).toEqual([404, 429, 503]);
  expect(throttled).toBeGreaterThan(JOBS);
  const learnt = await Promise.all(ids.map(async (id) => (await bundle.mirror.job(id))?.observed_via));
  expect(learnt).toContain('sweep');
  expect((await awaitStatus(client, ids[0] ?? '')).status).toBe('PROCESSED');
});
