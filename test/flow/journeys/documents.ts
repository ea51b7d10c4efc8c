// Journeys of what carries no job (D13): documents, models and applications pass through, so that a whole program works.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newId } from '../../support/new-id.ts';
import { call, type Ground, logIn, type Reply } from '../support/ground.ts';

/** Every byte there is, and none of it text. */
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) % 256));

/** As Node's SDK sends a file: chunked, its length unknown (contract §7). */
const chunked = () => new Blob([bytes]).stream();

export const documentJourneys = (ground: () => Ground): void => {
  const ready = async () => {
    const { baseUrl, apiKey, leiaUrl, leiaApiKey } = ground();
    return { client: await logIn(baseUrl, apiKey), direct: await logIn(leiaUrl, leiaApiKey) };
  };
  const send = (token: string, method: string, path: string, init: RequestInit = {}) =>
    call(ground().baseUrl + path, { ...init, method, headers: { token, ...init.headers } });
  const upload = (token: string, query: string, body: NonNullable<RequestInit['body']> = bytes) =>
    send(token, 'POST', `/document?${query}`, {
      headers: { 'content-type': 'application/octet-stream' },
      body,
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    });
  const download = async (token: string, id: unknown) => {
    const reply = await fetch(`${ground().baseUrl}/document/${id}/file_contents`, { headers: { token } });
    return { type: reply.headers.get('content-type'), content: Buffer.from(await reply.arrayBuffer()) };
  };
  const shown = ({ status, headers, text }: Reply) => ({
    status,
    type: headers.get('content-type'),
    range: headers.get('content-range'),
    accepts: headers.get('accept-range'),
    text,
  });

  describe('a document', () => {
    it.each([
      ['with its length', () => bytes],
      ['in chunks', chunked],
    ])('is uploaded %s, and downloaded as it was, byte by byte', async (_how, body) => {
      const { client } = await ready();
      const { json } = await upload(client.token, 'filename=my%20scan.bin', body());
      const md5sum = createHash('md5').update(bytes).digest('hex');
      expect(json).toMatchObject({ filename: 'my scan', extension: 'bin', size: bytes.byteLength, md5sum });
      const { type, content } = await download(client.token, json.id);
      expect(type).toBe('application/octet-stream');
      expect(content.equals(bytes)).toBe(true);
    });

    it('has its whole life here: uploaded, read, changed, tagged, listed, removed', async () => {
      const { client } = await ready();
      const tag = newId();
      const { json } = await upload(client.token, `filename=a.txt&tags=${tag}&tags=two&ttl=600`, 'some text');
      const id = String(json.id);
      expect(json.tags).toEqual([tag, 'two']);
      expect((await client.get(`/document/${id}`)).json).toEqual(json);
      expect((await send(client.token, 'PATCH', `/document/${id}?filename=b.txt`)).json.filename).toBe('b');
      expect((await client.post(`/document/${id}/tag/a%20%C3%A9%26%3F`)).json.tags).toEqual([tag, 'two', 'a é&?']);
      expect((await client.delete(`/document/${id}/tag/two`)).json.tags).toEqual([tag, 'a é&?']);
      const list = await client.get(`/document?tags=${tag}&tags=a%20%C3%A9%26%3F&limit=5`);
      expect(JSON.parse(list.text)).toMatchObject([{ id }]);
      expect(list.headers.get('content-range')).toBe('0-1/1');
      expect((await client.delete(`/document/${id}`)).status).toBe(204);
      expect((await client.get(`/document/${id}`)).status).toBe(404);
    });

    it('is asked for by its head alone', async () => {
      const { client } = await ready();
      const id = await client.upload();
      for (const path of [`/document/${id}`, `/document/${id}/file_contents`, '/model', '/whoami', '/health', '/job']) {
        const [get, head] = [await client.get(path), await send(client.token, 'HEAD', path)];
        expect([path, head.status, head.text]).toEqual([path, get.status, '']);
        expect([path, head.headers.get('content-type')]).toEqual([path, get.headers.get('content-type')]);
        expect([path, head.headers.get('content-range')]).toEqual([path, get.headers.get('content-range')]);
      }
      expect((await send(client.token, 'HEAD', `/document/${newId()}`)).status).toBe(404);
      expect((await send(client.token, 'HEAD', '/logout')).status).toBe(405);
      expect((await client.get('/whoami')).status).toBe(200);
    });
  });

  describe('what LEIA answers', () => {
    it('is what the client gets: status, body, type and ranges, errors included', async () => {
      const { client, direct } = await ready();
      const tag = newId();
      for (const name of ['1', '2', '3']) await upload(client.token, `filename=${name}.txt&tags=${tag}`, name);
      for (const path of [
        `/document?tags=${tag}&sort=-creation_time&offset=1&limit=1`,
        `/document?tags=${tag}&offset=9`,
        '/document?limit=1',
        `/document?tags=${tag}&limit=-1`,
        `/document/${newId()}`,
        `/document/${newId()}/file_contents`,
        '/document/tag',
        '/model?limit=1',
        `/model/${newId()}`,
        '/model?sort=nothing',
      ]) {
        expect({ path, ...shown(await client.get(path)) }).toEqual({ path, ...shown(await direct.get(path)) });
      }
    });

    it('shows no API key of any application', async () => {
      const admin = await logIn(ground().baseUrl, ground().adminApiKey);
      const { json } = await admin.get('/whoami');
      const list = await admin.get('/admin/application');
      const one = await admin.get(`/admin/application/${json.id}`);
      expect([list.status, one.status, one.json.id]).toEqual([200, 200, json.id]);
      expect(list.headers.get('content-range')).toMatch(/^0-\d+\/\d+$/);
      for (const { text } of [list, one, await admin.get('/whoami')]) expect(text).not.toContain('api_key');
    });

    it('is not asked for where it would cut the bundle itself off', async () => {
      const admin = await logIn(ground().baseUrl, ground().adminApiKey);
      const { client } = await ready();
      const { id } = (await client.get('/whoami')).json;
      const reset = `/admin/application/${id}/reset_api_key`;
      for (const reply of [await admin.post(reset), await admin.delete(`/admin/application/${id}`)])
        expect(reply.json).toMatchObject({ status: 403, detail: expect.stringMatching(/\bkey\b.*\bsecret\b/) });
      expect((await client.post(reset)).status).toBe(401);
      expect((await logIn(ground().leiaUrl, ground().leiaApiKey)).token).toBeTruthy();
    });
  });
};
