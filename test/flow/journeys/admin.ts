// Journeys of admins: jobs of any application, by its submitter; submissions for any application, by its owner
// (contract §2.1, §8 rows 16–18).
import { describe, expect, it } from 'vitest';
import { admin as adminAtLeia, secondDeveloper } from '../../leia/applications.ts';
import { newId } from '../../support/new-id.ts';
import { atLeia, awaitStatus, type Client, type Ground, logIn, type Reply, sweepUntil } from '../support/ground.ts';

const rules = (...jobs: object[]) => ({ rules: { any: { conditions: {}, jobs } } });
const toText = { job_type: 'transform', output_type: 'text' };

export const adminJourneys = (ground: () => Ground): void => {
  const ready = async () => {
    const [client, admin] = await Promise.all([
      logIn(ground().baseUrl, ground().apiKey),
      logIn(ground().baseUrl, ground().adminApiKey),
    ]);
    const idOf = async (one: Client) => String((await one.get('/whoami')).json.id);
    const [developer, self, document] = await Promise.all([idOf(client), idOf(admin), client.upload()]);
    return { client, admin, developer, self, document };
  };
  const submit = async (client: Client, path: string, body: object = {}): Promise<string> => {
    const reply = await client.post(path, body);
    expect([reply.status, reply.json.detail]).toEqual([200, undefined]);
    return String(reply.json.id);
  };
  const idsIn = ({ status, text }: Reply): string[] =>
    status === 200 ? (JSON.parse(text) as { id: string }[]).map(({ id }) => id) : [];
  /** Paths of the submissions that LEIA got for an application on its admin path. */
  const sentFor = async (owner: string): Promise<string[]> =>
    (await ground().leia.requests())
      .filter(({ method, path }) => method === 'POST' && path.startsWith(`/admin/${owner}/`))
      .map(({ path }) => path);

  describe('an admin', () => {
    it('reads the jobs of any application by their submitter, and of none by another', async () => {
      const { client, admin, developer, self, document } = await ready();
      const id = await submit(client, `/document/${document}/transform/text`);
      const { status, json } = await admin.get(`/admin/${developer}/job/${id}`);
      expect([status, json.id, json.submitter_id]).toEqual([200, id, developer]);
      const statuses = await admin.get(`/admin/${developer}/job/${id},${newId()}/status`);
      expect(Object.keys(statuses.json)).toEqual([id]);
      expect((await admin.get(`/admin/${self}/job/${id}`)).status).toBe(404);
      expect((await admin.get(`/admin/${self}/job/${id}/status`)).status).toBe(404);
      expect((await admin.get(`/admin/${developer}/job/${newId()}`)).status).toBe(404);
      expect((await admin.get(`/job/${id}`)).status).toBe(403);
      expect((await admin.get(`/admin/${developer}/job/${id}/explain`)).json).toMatchObject({ job_id: id });
    });

    it('starts and cancels on behalf of the submitter', async () => {
      const { client, admin, developer, self, document } = await ready();
      await ground().leia.script({ match: { document_id: document }, durationMs: null });
      const id = await submit(client, `/document/${document}/transform/text`, { block_processing: true });
      expect((await admin.post(`/admin/${self}/job/${id}/start`)).status).toBe(404);
      expect((await admin.post(`/admin/${developer}/job/${id}/start`)).json.status).toMatch(/READY|STARTING|PROCESS/);
      expect((await admin.delete(`/admin/${self}/job/${id}`)).status).toBe(404);
      expect((await admin.delete(`/admin/${developer}/job/${id}`)).status).toBe(204);
      expect((await atLeia(ground(), id)).map((job) => job.status)).toEqual(['CANCELED']);
      expect((await awaitStatus(client, id)).status).toBe('CANCELED');
    });

    it('reads, starts and cancels what an application without a key here started at LEIA', async () => {
      const { admin, self } = await ready();
      const stranger = await logIn(ground().leiaUrl, secondDeveloper.api_key);
      const document = await stranger.upload();
      const path = `/document/${document}/transform/text`;
      const id = await submit(stranger, path, { block_processing: true });
      expect((await admin.get(`/admin/${self}/job/${id}`)).status).toBe(404);
      const at = `/admin/${secondDeveloper.id}/job/${id}`;
      expect((await admin.get(at)).json).toMatchObject({ id, submitter_id: secondDeveloper.id, status: 'BLOCKED' });
      expect((await admin.post(`${at}/start`)).status).toBe(200);
      await awaitStatus(stranger, id);
      const { json } = await admin.get(at, { 'cache-control': 'no-cache' });
      expect(json).toMatchObject({ status: 'PROCESSED', result_type: 'document' });
      const other = await submit(stranger, path, { block_processing: true });
      expect((await admin.delete(`/admin/${secondDeveloper.id}/job/${other}`)).status).toBe(204);
      expect((await stranger.get(`/job/${other}`)).json.status).toBe('CANCELED');
    });

    it('lists the jobs of all applications of the bundle, or of one submitter', async () => {
      const { client, admin, developer, self, document } = await ready();
      const theirs = await submit(client, `/document/${document}/transform/text`);
      const own = await submit(admin, `/admin/${developer}/document/${document}/transform/image`);
      const list = (query: string) => admin.get(`/admin/job?document_id=${document}${query}`);
      const all = await list('&sort=-creation_time');
      expect(idsIn(all)).toEqual([own, theirs]);
      expect(all.headers.get('content-range')).toBe('0-2/2');
      expect(idsIn(await list(`&submitter_id=${developer}`))).toEqual([theirs]);
      expect(idsIn(await list(`&submitter_id=${self}&application_id=${developer}`))).toEqual([own]);
      expect((await list(`&submitter_id=${newId()}`)).status).toBe(404);
      expect(idsIn(await client.get(`/job?document_id=${document}&submitter_id=${self}`))).toEqual([theirs]);
    });

    it('submits for an application: the owner is that one, the submitter is the admin', async () => {
      const { client, admin, developer, self, document } = await ready();
      const id = await submit(admin, `/admin/${developer}/document/${document}/transform/text`);
      const owned = { application_id: developer, submitter_id: self };
      expect(await awaitStatus(admin, id)).toMatchObject({ ...owned, status: 'PROCESSED' });
      expect(await atLeia(ground(), id)).toMatchObject([owned]);
      expect((await client.get(`/job/${id}`)).status).toBe(403);
      const missing = await admin.post(`/admin/${developer}/document/${newId()}/transform/text`);
      expect(missing.status).toBe(404);
    });

    it('submits while LEIA is down: what is sent later goes the admin’s way with the admin’s key', async () => {
      const { admin, developer, self, document } = await ready();
      await ground().leia.resetCounts();
      await ground().leia.setAvailable(false);
      const first = await submit(admin, `/admin/${developer}/document/${document}/transform/image`);
      const second = await submit(admin, `/admin/${developer}/document/${document}/transform/text`, {
        execute_after_id: first,
      });
      await ground().leia.setAvailable(true);
      await sweepUntil(
        ground(),
        'the second',
        async () => (await admin.get(`/job/${second}`)).json.status === 'PROCESSED',
      );
      expect(await atLeia(ground(), second)).toMatchObject([{ application_id: developer, submitter_id: self }]);
      expect((await sentFor(developer)).map((path) => path.split('/').at(-1))).toEqual(
        expect.arrayContaining(['image', 'text']),
      );
    });

    it('submits behind anybody’s job, also conditional ones, whose children go the admin’s way', async () => {
      const { client, admin, developer, self, document } = await ready();
      await ground().leia.resetCounts();
      const trigger = await submit(client, `/document/${document}/transform/image`);
      const id = await submit(admin, `/admin/${developer}/job/conditional/${trigger}`, rules(toText));
      expect(await awaitStatus(admin, id)).toMatchObject({
        status: 'PROCESSED',
        application_id: developer,
        submitter_id: self,
        execute_after_id: trigger,
      });
      const [child] = await ground().mirror.children(id);
      expect(await atLeia(ground(), child?.id ?? '')).toMatchObject([
        { application_id: developer, submitter_id: self },
      ]);
      const after = await submit(admin, `/admin/${developer}/document/${document}/transform/text`, {
        execute_after_id: trigger,
        page_range: '0',
      });
      expect(await awaitStatus(admin, after)).toMatchObject({ status: 'PROCESSED', execute_after_id: trigger });
      expect(await sentFor(developer)).toHaveLength(2);
      expect((await admin.post(`/admin/${developer}/job/conditional/${newId()}`, rules(toText))).json.detail).toMatch(
        /^execute_after_id/,
      );
      const unknown = rules({ ...toText, document_ids: [newId()] });
      expect((await admin.post(`/admin/${developer}/job/conditional/${trigger}`, unknown)).status).toBe(404);
    });
  });

  describe('what an application that the bundle does not serve started at LEIA', () => {
    const strangers = async () => {
      const [direct, stranger] = await Promise.all([
        logIn(ground().leiaUrl, adminAtLeia.api_key),
        logIn(ground().leiaUrl, secondDeveloper.api_key),
      ]);
      const [{ admin, client, document: served }, document] = await Promise.all([ready(), stranger.upload()]);
      const text = (body: object = {}) => submit(stranger, `/document/${document}/transform/text`, body);
      return { admin, client, served, direct, stranger, document, text };
    };
    /** Discovery may have taken place this very second. */
    const discover = async () => {
      await ground().pass(1);
      await ground().sweep();
    };

    it('is in the admin’s lists after a sweep, as LEIA lists it, beside the jobs of the bundle', async () => {
      const { admin, client, served, direct, stranger, document, text } = await strangers();
      const first = await text();
      const behind = await text({ execute_after_id: first });
      await submit(stranger, `/document/${document}/transform/image`);
      for (const id of [first, behind]) await awaitStatus(stranger, id);
      const own = await submit(client, `/document/${served}/transform/text`);
      expect((await admin.get(`/admin/job?document_id=${document}`)).status).toBe(404);
      await discover();
      const mine = `submitter_id=${secondDeveloper.id}&`;
      for (const query of ['', mine, `${mine}sort=-creation_time&limit=2&`, `${mine}execute_after_id=${first}&`]) {
        const path = `/admin/job?${query}document_id=${document}`;
        const [ours, leias] = [await admin.get(path), await direct.get(path)];
        const range = 'content-range';
        expect([query, ours.status, ours.headers.get(range)]).toEqual([query, 200, leias.headers.get(range)]);
        expect([query, JSON.parse(ours.text)]).toEqual([query, JSON.parse(leias.text)]);
      }
      expect(idsIn(await admin.get('/admin/job?sort=-creation_time'))).toEqual(expect.arrayContaining([own, behind]));
      expect((await client.get(`/job?document_id=${document}`)).status).toBe(404);
    });

    it('is there at once for an admin who wants the list newer; its age is that of the look at LEIA', async () => {
      const { admin, document, text } = await strangers();
      await discover();
      const id = await text();
      for (const path of ['/admin/job?', `/admin/job?submitter_id=${secondDeveloper.id}&`]) {
        await ground().pass(2);
        const stale = await admin.get(`${path}sort=-creation_time`);
        expect(Number(stale.headers.get('age'))).toBeGreaterThanOrEqual(2);
        const fresh = await admin.get(`${path}document_id=${document}`, { 'cache-control': 'no-cache' });
        expect([fresh.headers.get('content-range'), idsIn(fresh)]).toEqual(['0-1/1', [id]]);
        expect(Number(fresh.headers.get('age'))).toBeLessThan(2);
      }
    });

    it('is followed to its end with the admin’s key, and cancelled with it', async () => {
      const { admin, stranger, document, text } = await strangers();
      await ground().leia.script({ match: { document_id: document }, durationMs: null, times: 2 });
      const [ends, stays] = [await text(), await text()];
      await discover();
      const at = `/admin/${secondDeveloper.id}/job`;
      await ground().leia.forceJob(ends, { status: 'PROCESSED', result_type: 'object', resultText: '{"score":1.0}' });
      await sweepUntil(ground(), 'its end', async () =>
        (await admin.get(`/admin/job?document_id=${document}&status=PROCESSED`)).text.includes(
          '"result":{"score":1.0}',
        ),
      );
      expect((await admin.get(`${at}/${ends},${stays}/status`)).json).toMatchObject({ [ends]: 'PROCESSED' });
      expect((await admin.delete(`${at}/${stays}`)).status).toBe(204);
      expect((await stranger.get(`/job/${stays}`)).json.status).toBe('CANCELED');
    });
  });

  describe('anybody else', () => {
    it.each([
      ['GET', '/admin/job'],
      ['GET', '/admin/{application}/job/{job}'],
      ['GET', '/admin/{application}/job/{job}/status'],
      ['GET', '/admin/{application}/job/{job}/explain'],
      ['POST', '/admin/{application}/job/{job}/start'],
      ['DELETE', '/admin/{application}/job/{job}'],
      ['POST', '/admin/{application}/job/conditional/{job}'],
      ['POST', '/admin/{application}/model/m/apply/{job}'],
      ['POST', '/admin/{application}/model/m/train/tag'],
      ['POST', '/admin/{application}/document/{job}/transform/text'],
    ])('gets 401 for %s %s, own or not', async (method, path) => {
      const client = await logIn(ground().baseUrl, ground().apiKey);
      const own = String((await client.get('/whoami')).json.id);
      const at = path.replace('{application}', own).replace('{job}', newId());
      const ask = { GET: client.get, POST: client.post, DELETE: client.delete }[method];
      const reply = await ask?.(at);
      expect([reply?.status, reply?.json.detail]).toEqual([401, expect.stringContaining('admin')]);
    });
  });
};
