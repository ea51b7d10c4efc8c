// An application that an admin of the bundle sees, and that comes to be served itself (decision 21).
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { awaitStatus, type Client, logIn, type Reply } from '../flow/support/ground.ts';
import { developer, secondDeveloper } from '../leia/applications.ts';
import { type LocalLeia, startLeia } from '../leia/server.ts';
import { type Bundle, startBundle } from '../support/bundle.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

let leia: LocalLeia;
/** With the keys of a developer and an admin; and the same deployment once another developer's key is in the secret. */
let before: Bundle;
let after: Bundle;
beforeAll(async () => {
  leia = await startLeia();
  const same = { leiaUrl: leia.url, leiaAdminApiKey: leia.adminApiKey, mirror: memoryMirror(), access: memoryAccess() };
  before = await startBundle({ ...same, leiaApiKey: developer.api_key });
  after = await startBundle({ ...same, leiaApiKey: secondDeveloper.api_key, apiKey: 'key-of-the-second-developer-0' });
});
afterEach(() => leia.hooks.reset());
afterAll(async () => {
  await Promise.all([before.close(), after.close()]);
  await leia.close();
});

const idsIn = ({ status, text }: Reply): string[] =>
  status === 200 ? (JSON.parse(text) as { id: string }[]).map(({ id }) => id) : [];
const NO_CACHE = { 'cache-control': 'no-cache' };
const start = async (client: Client, document: string): Promise<string> =>
  String((await client.post(`/document/${document}/transform/text`)).json.id);

describe('what an admin saw of an application', () => {
  it('is that application’s own once it is served: the same jobs, each once, and with its own key', async () => {
    const direct = await logIn(leia.url, secondDeveloper.api_key);
    const admin = await logIn(before.baseUrl, before.adminApiKey);
    const document = await direct.upload();
    await leia.hooks.script({ durationMs: null });
    const seen = [await start(direct, document), await start(direct, document)];
    expect(idsIn(await admin.get(`/admin/job?document_id=${document}`, NO_CACHE))).toEqual(seen);

    const client = await logIn(after.baseUrl, after.apiKey);
    const all = [...seen, await start(client, document)];
    await after.sweep();
    for (const list of [`/job?document_id=${document}`, `/admin/job?document_id=${document}`]) {
      const asker = list.startsWith('/admin') ? await logIn(after.baseUrl, after.adminApiKey) : client;
      const reply = await asker.get(list, NO_CACHE);
      expect([list, reply.headers.get('content-range'), idsIn(reply)]).toEqual([list, '0-3/3', all]);
    }
    await leia.hooks.resetCounts();
    expect((await client.delete(`/job/${seen[0]}`)).status).toBe(204);
    await awaitStatus(client, String(seen[0]));
    const asked = (await leia.hooks.requests()).filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    expect(asked).toEqual([`/job/${seen[0]}`]);
  });

  it('is followed again with the admin’s key when its own has left the secret', async () => {
    const client = await logIn(after.baseUrl, after.apiKey);
    const document = await client.upload();
    await leia.hooks.script({ durationMs: null });
    const known = await start(client, document);
    const leiaId = (await after.mirror.job(known))?.leia_id ?? '';
    const direct = await logIn(leia.url, secondDeveloper.api_key);
    const unknown = await start(direct, document);
    await before.pass(2);
    await before.sweep();
    await leia.hooks.forceJob(leiaId, { status: 'PROCESSED', result_type: 'object', result: {}, callback: false });
    for (let round = 0; round < 5; round += 1) {
      await before.pass(2);
      await before.sweep();
    }
    const admin = await logIn(before.baseUrl, before.adminApiKey);
    const reply = await admin.get(`/admin/job?document_id=${document}`);
    expect(idsIn(reply)).toEqual([known, unknown]);
    expect(JSON.parse(reply.text)).toMatchObject([{ status: 'PROCESSED' }, { status: 'PROCESSING' }]);
  });

  it('is looked for by one admin at a time, with one request each time', async () => {
    await before.pass(5);
    await leia.hooks.resetCounts();
    await before.sweep();
    await before.sweep();
    const looks = (await leia.hooks.requests()).filter(({ path }) => path === '/admin/job');
    expect(looks).toHaveLength(1);
  });
});
