// Journeys of jobs that wait for others, are started, cancelled, read afresh (contract §3.7–3.9; D5, D8).
import { describe, expect, it } from 'vitest';
import { newId } from '../../support/new-id.ts';
import { atLeia, awaitStatus, type Client, eventually, type Ground, logIn, sweepUntil } from '../support/ground.ts';

export const orderJourneys = (ground: () => Ground): void => {
  describe('a job', () => {
    const ready = async () => {
      const client = await logIn(ground().baseUrl, ground().apiKey);
      return { client, document: await client.upload() };
    };
    const submit = async (client: Client, path: string, body: object = {}) => {
      const reply = await client.post(path, body);
      expect([reply.status, reply.json.detail]).toEqual([200, undefined]);
      return String(reply.json.id);
    };

    it('behind another runs on the results of that one', async () => {
      const { client, document } = await ready();
      const images = await submit(client, `/document/${document}/transform/image`);
      const text = await submit(client, `/document/${document}/transform/text`, {
        execute_after_id: images,
        page_range: '1',
      });
      expect(await awaitStatus(client, text)).toMatchObject({
        status: 'PROCESSED',
        execute_after_id: images,
        page_range: '1',
        document_ids: [document],
      });
    });

    it('behind one that fails, fails, with the contract’s reason in our ids', async () => {
      const { client, document } = await ready();
      await ground().leia.script({
        match: { document_id: document, job_type: 'pdf-images' },
        fail: { reason: 'broken', http_code: 400 },
        times: 1,
      });
      const images = await submit(client, `/document/${document}/transform/image`);
      const text = await submit(client, `/document/${document}/transform/text`, { execute_after_id: images });
      expect(await awaitStatus(client, text)).toMatchObject({
        status: 'FAILED',
        reason: `Job ${images} FAILED`,
        http_code: 400,
      });
    });

    it('behind one that LEIA does not have yet is held here and released when that one is done', async () => {
      const { client, document } = await ready();
      await ground().leia.setAvailable(false);
      const first = await submit(client, `/document/${document}/transform/image`);
      const second = await submit(client, `/document/${document}/transform/text`, { execute_after_id: first });
      const third = await submit(client, `/document/${document}/transform/merge`, { execute_after_id: second });
      expect((await client.get(`/job/${third}`)).json.status).toBe('WAITING');
      expect((await ground().mirror.job(third))?.stage).toBe('held');
      await ground().leia.setAvailable(true);
      await sweepUntil(
        ground(),
        'the last',
        async () => (await client.get(`/job/${third}`)).json.status === 'PROCESSED',
      );
      expect(await atLeia(ground(), third)).toHaveLength(1);
      expect(await ground().mirror.dependents(first)).toEqual([]);
    });

    it('that is held fails with those behind it when its prerequisite is cancelled', async () => {
      const { client, document } = await ready();
      await ground().leia.setAvailable(false);
      const first = await submit(client, `/document/${document}/transform/image`);
      const second = await submit(client, `/document/${document}/transform/text`, {
        execute_after_id: first,
        block_processing: true,
      });
      const third = await submit(client, `/document/${document}/transform/merge`, { execute_after_id: second });
      // An attempt that LEIA surely did not get leaves nothing in doubt; one that was cut off is searched for first.
      expect((await client.delete(`/job/${first}`)).status).toBe(204);
      await ground().leia.setAvailable(true);
      await sweepUntil(ground(), 'the last', async () => (await client.get(`/job/${third}`)).json.status === 'FAILED');
      expect((await client.get(`/job/${second}`)).json).toMatchObject({
        status: 'FAILED',
        reason: `Job ${first} CANCELED`,
      });
      expect((await client.get(`/job/${third}`)).json).toMatchObject({
        status: 'FAILED',
        reason: `Job ${second} FAILED`,
      });
    });

    it('that is blocked waits for its start', async () => {
      const { client, document } = await ready();
      const id = await submit(client, `/document/${document}/transform/text?block_processing=True`);
      expect((await client.get(`/job/${id}`)).json.status).toBe('BLOCKED');
      expect((await client.post(`/job/${id}/start`)).json.status).toMatch(/READY|STARTING|PROCESS/);
      expect((await awaitStatus(client, id)).status).toBe('PROCESSED');
      expect((await client.post(`/job/${id}/start`)).status).toBe(404);
    });

    it('that is cancelled is CANCELED, once', async () => {
      const { client, document } = await ready();
      await ground().leia.script({ match: { document_id: document }, durationMs: null, times: 1 });
      const id = await submit(client, `/document/${document}/transform/text`);
      expect((await client.delete(`/job/${id}`)).status).toBe(204);
      expect((await awaitStatus(client, id)).status).toBe('CANCELED');
      expect((await client.delete(`/job/${id}`)).status).toBe(404);
    });

    it('that was started at LEIA directly is adopted when it is asked for', async () => {
      const { client, document } = await ready();
      const direct = await logIn(ground().leiaUrl, ground().leiaApiKey);
      const { json } = await direct.post(`/document/${document}/transform/text`);
      const id = String(json.id);
      expect((await client.get(`/job/${id}`)).json).toMatchObject({ id });
      await sweepUntil(ground(), 'its end', async () => (await client.get(`/job/${id}`)).json.status === 'PROCESSED');
      expect((await client.get(`/job/${newId()}`)).status).toBe(404);
    });

    it('is asked for at LEIA when the client wants no old news', async () => {
      const { client, document } = await ready();
      await ground().leia.callbackRule({ action: 'drop', times: 1 });
      const id = await submit(client, `/document/${document}/transform/text`);
      await eventually('the end at LEIA', async () =>
        (await atLeia(ground(), id))[0]?.status === 'PROCESSED' ? true : undefined,
      );
      const old = await client.get(`/job/${id}`);
      expect(Number(old.headers.get('age'))).toBeGreaterThanOrEqual(0);
      expect(old.json.status).not.toBe('PROCESSED');
      const fresh = await client.get(`/job/${id}`, { 'cache-control': 'no-cache' });
      expect([fresh.json.status, fresh.headers.get('x-observed-via')]).toEqual(['PROCESSED', 'read']);
    });

    it('is one of a list, with its statuses and paging', async () => {
      const { client, document } = await ready();
      const ids = [
        await submit(client, `/document/${document}/transform/text`),
        await submit(client, `/document/${document}/transform/text`),
      ];
      for (const id of ids) await awaitStatus(client, id);
      const statuses = await client.get(`/job/${ids[0]}%2C${ids[1]},${newId()}/status`);
      expect(statuses.json).toEqual({ [ids[0] ?? '']: 'PROCESSED', [ids[1] ?? '']: 'PROCESSED' });
      const all = await eventually('the list', async () => {
        // The newest: other journeys have left more than a page.
        const reply = await client.get('/job?limit=100&sort=-creation_time');
        return ids.every((id) => reply.text.includes(id)) ? reply : undefined;
      });
      expect(all.headers.get('content-range')).toMatch(/^0-\d+\/\d+$/);
      expect((await client.get('/job?offset=100000')).headers.get('content-range')).toBe('0-0/0');
    });
  });
};
