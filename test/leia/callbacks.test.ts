import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin, developer } from './applications.ts';
import { type LocalLeia, startLeia } from './server.ts';
import { type Client, callbackReceiver, logIn, until } from './support/client.ts';

let leia: LocalLeia;
let client: Client;
let document: string;

beforeAll(async () => {
  leia = await startLeia();
  client = await logIn(leia.url, leia.apiKey);
  document = await client.upload('a.pdf');
});
beforeEach(() => leia.hooks.reset());
afterAll(() => leia.close());

const submit = (callback_url: string, more: Record<string, unknown> = {}) =>
  client.submit(`/document/${document}/transform/image`, { callback_url, ...more });

describe('a callback', () => {
  it('brings the finished Job, with the headers asked for', async () => {
    await using receiver = await callbackReceiver();
    const job = await submit(`${receiver.url}/cb?x=1`, { callback_headers: { 'X-Number': 7 } });
    await until(() => receiver.received.length === 1);
    const [told] = receiver.received;
    expect(told?.url).toBe('/cb?x=1');
    expect(told?.headers).toMatchObject({ 'content-type': 'application/json', 'x-number': '7' });
    expect(told?.job).toEqual(await client.get(job.id));
    expect(told?.job.status).toBe('PROCESSED');
  });

  it.each(['FAILED', 'CANCELED'] as const)('tells of %s as well', async (ending) => {
    await using receiver = await callbackReceiver();
    await leia.hooks.script({ durationMs: null, times: 1 });
    const { id } = await submit(receiver.url);
    if (ending === 'CANCELED') await client.call('DELETE', `/job/${id}`);
    else await leia.hooks.forceJob(id, { status: 'FAILED', reason: 'no' });
    await until(() => receiver.received.length === 1);
    expect(receiver.received[0]?.job).toMatchObject({ id, status: ending });
  });

  it('is tried three times, redirects not followed, and never changes the job', async () => {
    await using receiver = await callbackReceiver([302, 500, 500]);
    await leia.hooks.clock.hold();
    const { id } = await submit(receiver.url);
    for (const [tries, wait] of [20, 1000, 4000, 60_000].entries()) {
      await leia.hooks.clock.step(wait);
      await until(async () => (await leia.hooks.callbackLog()).length === Math.min(3, tries + 1));
    }
    expect(receiver.received.map(({ url }) => url)).toEqual(['/', '/', '/']);
    expect((await leia.hooks.callbackLog()).map(({ outcome }) => outcome)).toEqual([302, 500, 500]);
    expect((await client.get(id)).status).toBe('PROCESSED');
  });

  it('is on its way beside a few others at most; the rest follow', async () => {
    await using receiver = await callbackReceiver([], 20);
    await Promise.all(Array.from({ length: 30 }, () => submit(receiver.url)));
    await until(() => receiver.received.length === 30);
    expect(receiver.mostAtOnce()).toBeLessThanOrEqual(8);
    expect(receiver.mostAtOnce()).toBeGreaterThan(1);
  });

  it('goes to the default URL of the application when none is named', async () => {
    await using receiver = await callbackReceiver();
    const boss = await logIn(leia.url, admin.api_key);
    const setDefault = (url: string) =>
      boss.call('PATCH', `/admin/application/${developer.id}?default_job_callback_url=${encodeURIComponent(url)}`);
    await setDefault(`${receiver.url}/default`);
    await client.submit(`/document/${document}/transform/image`);
    await until(() => receiver.received.length === 1);
    expect(receiver.received[0]).toMatchObject({ url: '/default', job: { callback_url: null } });
    await setDefault('');
  });

  it('keeps its URL to itself when echoing is off', async () => {
    await using receiver = await callbackReceiver();
    await leia.hooks.echoCallbackUrl(false);
    const job = await submit(receiver.url);
    await until(() => receiver.received.length === 1);
    expect([job.callback_url, receiver.received[0]?.job.callback_url]).toEqual([null, null]);
    expect((await leia.hooks.jobs()).find(({ id }) => id === job.id)?.callback_url).toBe(receiver.url);
  });
});

describe('a rule for callbacks', () => {
  it('drops the next one', async () => {
    await using receiver = await callbackReceiver();
    await leia.hooks.callbackRule({ action: 'drop', times: 1 });
    const [lost, told] = [await submit(receiver.url), await submit(receiver.url)];
    await client.ended(lost.id);
    await until(() => receiver.received.length === 1);
    expect(receiver.received[0]?.job.id).toBe(told.id);
    expect((await leia.hooks.callbackLog())[0]).toMatchObject({ jobId: lost.id, outcome: 'dropped' });
  });

  it("delays by LEIA's clock", async () => {
    await using receiver = await callbackReceiver();
    await leia.hooks.clock.hold();
    await leia.hooks.callbackRule({ action: 'delay', delayMs: 60_000 });
    const { id } = await submit(receiver.url);
    await leia.hooks.clock.step(59_000);
    expect((await client.get(id)).status).toBe('PROCESSED');
    expect(receiver.received).toEqual([]);
    await leia.hooks.clock.step(1_020);
    await until(() => receiver.received.length === 1);
  });

  it('duplicates', async () => {
    await using receiver = await callbackReceiver();
    await leia.hooks.callbackRule({ action: 'duplicate', copies: 3 });
    await submit(receiver.url);
    await until(() => receiver.received.length === 3);
  });

  it('reorders: the last one goes first', async () => {
    await using receiver = await callbackReceiver();
    await leia.hooks.callbackRule({ action: 'reorder', among: 3, urlIncludes: receiver.url });
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { id } = await submit(receiver.url);
      await client.ended(id);
      ids.unshift(id);
    }
    await until(() => receiver.received.length === 3);
    expect(receiver.received.map(({ job }) => job.id)).toEqual(ids);
  });

  it('with a probability hits the same callbacks for the same seed', async () => {
    await using receiver = await callbackReceiver();
    const outcomes = async (): Promise<unknown[]> => {
      await leia.hooks.reset();
      await leia.hooks.callbackRule({ action: 'drop', probability: 0.5, seed: 42 });
      for (let n = 0; n < 12; n += 1) await client.ended((await submit(receiver.url)).id);
      await until(async () => (await leia.hooks.callbackLog()).length === 12);
      const log = await leia.hooks.callbackLog();
      return log.sort((a, b) => a.jobId.localeCompare(b.jobId)).map(({ outcome }) => outcome);
    };
    const first = await outcomes();
    expect(new Set(first)).toEqual(new Set(['dropped', 204]));
    expect(await outcomes()).toEqual(first);
  });
});
