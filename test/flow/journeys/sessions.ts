// Journeys of those who log in (contract §1; D9).
import { describe, expect, it } from 'vitest';
import { call, type Ground, logIn } from '../support/ground.ts';

export const sessionJourneys = (ground: () => Ground): void => {
  const ready = () => logIn(ground().baseUrl, ground().apiKey);

  describe('the description of the API', () => {
    it('is served without a token, and names the base path that it is served below', async () => {
      const { status, json } = await call(`${ground().baseUrl}/openapi.json`);
      const [server] = json.servers as { url: string }[];
      expect([status, json.openapi]).toEqual([200, '3.1.0']);
      expect(ground().baseUrl.endsWith(server?.url ?? 'none')).toBe(true);
    });
  });

  describe('a session', () => {
    it('is one of several that an application has at once, and ends alone', async () => {
      const [first, second] = [await ready(), await ready()];
      expect(first.token).not.toBe(second.token);
      const [one, other] = [await first.get('/whoami'), await second.get('/whoami')];
      expect(other.json).toEqual(one.json);
      expect((await first.get('/logout')).status).toBe(204);
      expect((await first.get('/whoami')).status).toBe(401);
      expect((await second.get('/whoami')).status).toBe(200);
    });

    it('that has ended leaves nothing of what it submits, even where its token was known a moment ago', async () => {
      const [client, other] = [await ready(), await ready()];
      const document = await other.upload();
      const submit = async () => (await client.post(`/document/${document}/transform/text`, {})).status;
      for (const _ of [1, 2, 3]) expect(await submit()).toBe(200);
      await client.get('/logout');
      for (const _ of [1, 2, 3]) expect(await submit()).toBe(401);
      const listed = await other.get(`/job?document_id=${document}`);
      expect(listed.headers.get('content-range')).toBe('0-3/3');
      const atLeia = await ground().leia.jobs();
      expect(atLeia.filter(({ document_ids }) => document_ids.includes(document))).toHaveLength(3);
    });

    it('is opened and used while LEIA is down, by an application that is known', async () => {
      const { json } = await (await ready()).get('/whoami');
      await ground().leia.setAvailable(false);
      const client = await ready();
      expect((await client.get('/whoami')).json).toEqual(json);
      expect((await client.get('/model')).status).toBe(503);
      await ground().leia.setAvailable(true);
      expect((await client.get('/model')).status).toBe(200);
    });

    it('outlives LEIA’s own, which is opened again behind it', async () => {
      const client = await ready();
      await client.get('/model');
      await ground().leia.expireTokens();
      expect((await client.get('/model')).status).toBe(200);
    });

    it('is opened by the deprecated path as well, and by no other key', async () => {
      const { baseUrl, apiKey } = ground();
      const { json } = await call(`${baseUrl}/login/${apiKey}`);
      expect((await call(`${baseUrl}/whoami`, { headers: { token: String(json.token) } })).status).toBe(200);
      expect((await call(`${baseUrl}/login/${apiKey}x`)).status).toBe(403);
    });
  });
};
