// Journeys of callbacks to callers (contract §4.7, D11): delivered, tried again, given up, refused.
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { startCaller, withStatus } from '../../support/caller.ts';
import { atLeia, awaitStatus, type Client, call, eventually, type Ground, logIn } from '../support/ground.ts';

export const callerJourneys = (ground: () => Ground): void => {
  const submitted = async (body: Record<string, unknown>): Promise<{ client: Client; id: string }> => {
    const client = await logIn(ground().baseUrl, ground().apiKey);
    const document = await client.upload();
    const { json, status, text } = await client.post(`/document/${document}/transform/text`, body);
    if (status !== 200) throw new Error(`submission: ${status} ${text}`);
    return { client, id: String(json.id) };
  };

  /** While `act` runs, the application has this default at LEIA. */
  const withDefault = async (url: string, act: () => Promise<void>): Promise<void> => {
    const admin = await logIn(ground().baseUrl, ground().adminApiKey);
    const mine = await logIn(ground().baseUrl, ground().apiKey);
    const { id } = (await mine.get('/whoami')).json;
    const set = async (value: string) => {
      const path = `/admin/application/${id}?default_job_callback_url=${encodeURIComponent(value)}`;
      const reply = await call(`${ground().baseUrl}${path}`, { method: 'PATCH', headers: { token: admin.token } });
      if (reply.status !== 200) throw new Error(`default callback: ${reply.status} ${reply.text}`);
    };
    await set(url);
    try {
      await act();
    } finally {
      await set('');
    }
  };

  /** What `explain` says of the callback once it is in this state; time passes meanwhile. */
  const callbackOf = (client: Client, id: string, state: string): Promise<Record<string, unknown>> =>
    eventually(`the callback of ${id} to be ${state}`, async () => {
      const { callback } = (await client.get(`/job/${id}/explain`)).json as { callback?: Record<string, unknown> };
      if (callback?.state === state) return callback;
      await ground().pass(0.5);
      return undefined;
    });

  describe('the caller of a job that names a callback URL', () => {
    it('is told of the end: the Job as it reads here, signed, with its own headers', async () => {
      await using caller = await startCaller();
      const callback_headers = { Authorization: 'Bearer of the caller', 'X-Order': 7 };
      const { client, id } = await submitted({ callback_url: `${caller.url}/told?order=7`, callback_headers });
      const state = await callbackOf(client, id, 'delivered');
      expect(state).toEqual({ state: 'delivered', tries: 1, at: expect.any(String), answer: 'HTTP 200' });
      expect(caller.told).toHaveLength(1);
      const [told] = caller.told;
      expect(told).toMatchObject({ method: 'POST', path: '/told?order=7' });
      expect(told?.body).toBe((await client.get(`/job/${id}`)).text);
      expect(told?.headers).toMatchObject({
        authorization: 'Bearer of the caller',
        'x-order': '7',
        'content-type': 'application/json',
        'webhook-id': `${id}/PROCESSED`,
      });
      const headers = told?.headers as Record<string, string>;
      expect(new Webhook(ground().webhookSecret).verify(told?.body ?? '', headers)).toMatchObject({
        id,
        status: 'PROCESSED',
        callback_url: `${caller.url}/told?order=7`,
      });
      expect(() => new Webhook(ground().webhookSecret).verify(`${told?.body} `, headers)).toThrow();
    });

    it('is told again, with the same id, when it does not acknowledge', async () => {
      await using caller = await startCaller(withStatus(500, 204));
      const { client, id } = await submitted({ callback_url: caller.url, callback_headers: { 'x-order': '8' } });
      expect(await callbackOf(client, id, 'delivered')).toMatchObject({ tries: 2, answer: 'HTTP 204' });
      expect(caller.told.map(({ headers }) => [headers['webhook-id'], headers['x-order']])).toEqual([
        [`${id}/PROCESSED`, '8'],
        [`${id}/PROCESSED`, '8'],
      ]);
    });

    it('that never acknowledges is given up, and its message is set aside', async () => {
      await using caller = await startCaller(withStatus(503));
      const { client, id } = await submitted({ callback_url: caller.url });
      expect(await callbackOf(client, id, 'given_up')).toMatchObject({ tries: 3, answer: 'HTTP 503' });
      await eventually('the message to be set aside', async () => {
        await ground().pass(0.5);
        return (await ground().deadCallbacks()).includes(id) ? true : undefined;
      });
      expect(caller.told).toHaveLength(3);
      expect((await awaitStatus(client, id)).status).toBe('PROCESSED');
    });

    it('is not followed where it redirects to', async () => {
      await using elsewhere = await startCaller();
      const redirect = { location: `${elsewhere.url}/elsewhere` };
      await using caller = await startCaller((response) => response.writeHead(307, redirect).end());
      const { client, id } = await submitted({ callback_url: caller.url });
      expect(await callbackOf(client, id, 'given_up')).toMatchObject({ answer: 'HTTP 307' });
      expect(elsewhere.connections()).toBe(0);
    });

    it('is known to us alone: LEIA gets neither its address nor its headers, and it never sees the one that LEIA gets', async () => {
      await using caller = await startCaller();
      const callback_headers = { 'X-Secret': 'between-the-caller-and-us' };
      const { client, id } = await submitted({ callback_url: caller.url, callback_headers });
      await callbackOf(client, id, 'delivered');
      const [made] = await atLeia(ground(), id);
      expect(made?.callback_url).toContain(`/callbacks/${id}/`);
      const atLeiaNow = JSON.stringify([made, await ground().leia.requests()]);
      expect(atLeiaNow).not.toContain('between-the-caller-and-us');
      expect(atLeiaNow).not.toContain(`127.0.0.1:${caller.port}`);
      const shown = [
        caller.told[0]?.body,
        (await client.get(`/job/${id}`)).text,
        (await client.get(`/job/${id}/explain`)).text,
      ];
      for (const text of shown) {
        expect(text).not.toContain('/callbacks/');
        expect(text).not.toContain('between-the-caller-and-us');
      }
    });

    it('is told of a job that was cancelled before LEIA had it', async () => {
      await using caller = await startCaller();
      const { client, id } = await submitted({ callback_url: caller.url, block_processing: true });
      await client.delete(`/job/${id}`);
      await callbackOf(client, id, 'delivered');
      expect(JSON.parse(caller.told[0]?.body ?? '')).toMatchObject({ id, status: 'CANCELED', result: null });
    });
    it.each([
      'http://169.254.169.254/latest/meta-data/',
      'http://[::ffff:127.0.0.1]/',
      'http://localhost/',
      'file:///etc/passwd',
    ])('cannot be %s: the submission is refused', async (callback_url) => {
      await expect(submitted({ callback_url })).rejects.toThrow('submission: 400');
    });
  });

  describe('a conditional job', () => {
    it('and those of its steps that name a callback URL are told of, each by its own', async () => {
      await using ofChain = await startCaller();
      await using ofStep = await startCaller();
      await using byDefault = await startCaller();
      await withDefault(byDefault.url, async () => {
        const { client, id: trigger } = await submitted({ callback_url: ofChain.url });
        const step = { job_type: 'transform', output_type: 'text' };
        const named = { ...step, callback_url: ofStep.url, callback_headers: { 'x-step': '1' } };
        const rules = { all: { conditions: {}, jobs: [named, step] } };
        const { json } = await client.post(`/job/conditional/${trigger}`, { rules, callback_url: ofChain.url });
        const id = String(json.id);
        await callbackOf(client, id, 'delivered');
        const [first, second] = await ground().mirror.children(id);
        await callbackOf(client, first?.id ?? '', 'delivered');
        expect(ofStep.told.map(({ headers }) => [headers['webhook-id'], headers['x-step']])).toEqual([
          [`${first?.id}/PROCESSED`, '1'],
        ]);
        expect(ofChain.told.map(({ headers }) => headers['webhook-id']).toSorted()).toEqual(
          [`${trigger}/PROCESSED`, `${id}/PROCESSED`].toSorted(),
        );
        expect(JSON.parse(ofChain.told.at(-1)?.body ?? '')).toMatchObject({ id, result_type: 'conditional' });
        expect((await ground().mirror.job(second?.id ?? ''))?.callback).toBeUndefined();
        expect(byDefault.connections()).toBe(0);
      });
    });
  });

  describe('the default_job_callback_url of an application', () => {
    it('is told of jobs that name none, as LEIA says at that moment, and with the headers that they name', async () => {
      await using caller = await startCaller();
      await using own = await startCaller();
      await withDefault(caller.url, async () => {
        const { client, id } = await submitted({ callback_headers: { 'x-order': '9' } });
        expect(await callbackOf(client, id, 'delivered')).toMatchObject({ tries: 1 });
        const other = await submitted({ callback_url: own.url });
        await callbackOf(client, other.id, 'delivered');
        expect(caller.told.map(({ headers }) => [headers['webhook-id'], headers['x-order']])).toEqual([
          [`${id}/PROCESSED`, '9'],
        ]);
        expect(JSON.parse(caller.told[0]?.body ?? '')).toMatchObject({ id, callback_url: null });
      });
      const { client, id } = await submitted({ callback_headers: { 'x-order': '10' } });
      expect(await callbackOf(client, id, 'none')).toMatchObject({ tries: 0 });
      expect(caller.told).toHaveLength(1);
    });

    it('is called only where it may be', async () => {
      await withDefault('http://127.0.0.2:9/', async () => {
        const { client, id } = await submitted({});
        expect(await callbackOf(client, id, 'refused')).toMatchObject({ tries: 1 });
      });
    });
  });
};
