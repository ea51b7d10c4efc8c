// Journeys of callbacks to callers (contract §4.7, D11): delivered, tried again, given up, refused.
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { startCaller, withStatus } from '../../support/caller.ts';
import { awaitStatus, type Client, eventually, type Ground, logIn } from '../support/ground.ts';

export const callerJourneys = (ground: () => Ground): void => {
  const submitted = async (body: Record<string, unknown>): Promise<{ client: Client; id: string }> => {
    const client = await logIn(ground().baseUrl, ground().apiKey);
    const document = await client.upload();
    const { json, status, text } = await client.post(`/document/${document}/transform/text`, body);
    if (status !== 200) throw new Error(`submission: ${status} ${text}`);
    return { client, id: String(json.id) };
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

    it('is told of a job that was cancelled before LEIA had it', async () => {
      await using caller = await startCaller();
      const { client, id } = await submitted({ callback_url: caller.url, block_processing: true });
      await client.delete(`/job/${id}`);
      await callbackOf(client, id, 'delivered');
      expect(JSON.parse(caller.told[0]?.body ?? '')).toMatchObject({ id, status: 'CANCELED', result: null });
    });
  });
};
