// Journeys of lists (contract §2.2–2.4; D7, discovery; D8): what they show of jobs that were started directly at LEIA,
// how fresh they are, and how their pages are turned.
import { describe, expect, it } from 'vitest';
import { awaitStatus, type Client, type Ground, logIn, type Reply, sweepUntil } from '../support/ground.ts';

type Listed = { id: string; status: string; execute_after_id: string | null; parent_job_id: string | null };

const NO_CACHE = { 'cache-control': 'no-cache' };

export const listJourneys = (ground: () => Ground): void => {
  const ready = async () => {
    const client = await logIn(ground().baseUrl, ground().apiKey);
    const direct = await logIn(ground().leiaUrl, ground().leiaApiKey);
    return { client, direct, document: await direct.upload() };
  };
  const start = async (client: Client, path: string, body: object = {}): Promise<string> => {
    const reply = await client.post(path, body);
    expect([reply.status, reply.json.detail]).toEqual([200, undefined]);
    return String(reply.json.id);
  };
  const text = (client: Client, document: string, body: object = {}) =>
    start(client, `/document/${document}/transform/text`, body);
  const jobsOf = ({ status, text }: Reply): Listed[] => (status === 200 ? JSON.parse(text) : []);
  const list = async (client: Client, query: string, headers = {}): Promise<Listed[]> =>
    jobsOf(await client.get(`/job?${query}`, headers));
  const ids = async (client: Client, query: string, headers = {}): Promise<string[]> =>
    (await list(client, query, headers)).map(({ id }) => id);
  /** Discovery may have taken place this very second. */
  const discover = async () => {
    await ground().pass(1);
    await ground().sweep();
  };
  const lookups = async (): Promise<number> => (await ground().leia.counts())['list-jobs'] ?? 0;

  describe('a job that was started directly at LEIA', () => {
    it('is in the lists after a sweep, under LEIA’s id, and found by all that it names', async () => {
      const { client, direct, document } = await ready();
      const first = await text(direct, document);
      const second = await text(direct, document, { execute_after_id: first });
      const child = await text(direct, document);
      await ground().leia.forceJob(child, { parent_job_id: first });
      expect((await client.get(`/job?document_id=${document}`)).status).toBe(404);
      await discover();
      expect(await ids(client, `document_id=${document}`)).toEqual([first, second, child]);
      expect(await ids(client, `execute_after_id=${first}`)).toEqual([second]);
      expect(await ids(client, `parent_job_id=${first}`)).toEqual([child]);
      expect(await ids(client, `job_id=${second}&document_id=${document}`)).toEqual([second]);
    });

    it('behind one of ours names it by our id, and is found by ours and by LEIA’s', async () => {
      const { client, direct, document } = await ready();
      const ours = await text(client, document);
      const leiaId = (await ground().mirror.job(ours))?.leia_id ?? '';
      const behind = await text(direct, document, { execute_after_id: leiaId });
      await discover();
      expect(await list(client, `execute_after_id=${ours}`)).toMatchObject([{ id: behind, execute_after_id: ours }]);
      expect(await ids(client, `execute_after_id=${leiaId}`)).toEqual([behind]);
      expect(await ids(client, `job_id=${leiaId}`)).toEqual([ours]);
      expect((await ids(client, `document_id=${document}`)).toSorted()).toEqual([ours, behind].toSorted());
    });

    it('is followed to its end like any other', async () => {
      const { client, direct, document } = await ready();
      await ground().leia.script({ durationMs: null, times: 1 });
      const id = await text(direct, document);
      await discover();
      expect(await ids(client, `document_id=${document}&status=PROCESSED`)).toEqual([]);
      await ground().leia.forceJob(id, { status: 'PROCESSED', result_type: 'object', resultText: '{"score":1.0}' });
      await sweepUntil(ground(), 'its end', async () => {
        const { text } = await client.get(`/job?document_id=${document}&status=PROCESSED`);
        return text.includes('"result":{"score":1.0}');
      });
    });

    it('is listed as LEIA lists it, by whatever filter and sort', async () => {
      const { client, direct, document } = await ready();
      const other = await direct.upload('b.txt');
      const first = await text(direct, document);
      await start(direct, `/document/${document}/transform/image`);
      await text(direct, other, { execute_after_id: first });
      await start(direct, `/document/${other},${document}/transform/image`);
      for (const id of await ids(direct, `document_id=${document}`)) await awaitStatus(direct, id);
      await discover();
      const queries = [
        '',
        '&sort=-creation_time',
        '&sort=document_ids,-creation_time',
        '&sort=job_type,-document_ids',
        '&sort=-status,parent_job_id',
        '&job_type=JobTypes.PDF_IMAGES',
        '&job_type=image-text&status=Statuses.PROCESSED',
        '&offset=1&limit=1',
        '&created_after=2018-10-10T10:10:10+02:00&created_before=2100-10-10T10:10:10.000005',
        '&created_before=2018-10-10T10:10:10',
      ];
      for (const query of queries) {
        const path = `/job?document_id=${document}${query}`;
        const [ours, leias] = [await client.get(path), await direct.get(path)];
        expect([query, ours.status, ours.headers.get('content-range')]).toEqual([
          query,
          leias.status,
          leias.headers.get('content-range'),
        ]);
        if (leias.status === 200) expect([query, JSON.parse(ours.text)]).toEqual([query, JSON.parse(leias.text)]);
      }
    });
  });

  describe('a job of ours', () => {
    it('is there once, though LEIA does not show whose it is, and though its answer was lost', async () => {
      const { client, direct, document } = await ready();
      await ground().leia.echoCallbackUrl(false);
      await ground().leia.script({ durationMs: null, times: 3 });
      const known = await text(client, document);
      await ground().leia.fault({ method: 'POST', path: '/transform/', times: 1, answer: 'cut' });
      const doubtful = await text(client, document);
      const foreign = await start(direct, `/document/${document}/transform/image`);
      await ground().pass(1);
      const all = [known, doubtful, foreign].toSorted();
      expect((await ids(client, `document_id=${document}`, NO_CACHE)).toSorted()).toEqual(all);
      await sweepUntil(
        ground(),
        'the doubt to end',
        async () => (await ground().mirror.job(doubtful))?.stage === 'bound',
      );
      await discover();
      expect((await ids(client, `document_id=${document}`)).toSorted()).toEqual(all);
    });
  });

  describe('a list', () => {
    it('is as old as the last discovery; who wants it newer has LEIA asked first', async () => {
      const { client, direct, document } = await ready();
      await discover();
      const id = await text(direct, document);
      const path = `/job?document_id=${document}`;
      await ground().leia.resetCounts();
      expect((await client.get(path, { 'cache-control': 'max-age=3600' })).status).toBe(404);
      expect(await lookups()).toBe(0);
      const fresh = await client.get(path, NO_CACHE);
      expect(jobsOf(fresh)).toMatchObject([{ id }]);
      expect(Number(fresh.headers.get('age'))).toBeLessThan(2);
      expect(await lookups()).toBeGreaterThan(0);
      await ground().pass(2);
      const later = await client.get(path);
      expect(Number(later.headers.get('age'))).toBeGreaterThanOrEqual(2);
      expect(Number((await client.get(path, { 'cache-control': 'max-age=1' })).headers.get('age'))).toBeLessThan(2);
    });

    it('while LEIA is down is what the mirror has, and says how old that is', async () => {
      const { client, document } = await ready();
      const id = await text(client, document);
      await discover();
      await ground().leia.setAvailable(false);
      await ground().pass(2);
      const { headers, ...reply } = await client.get(`/job?document_id=${document}`, NO_CACHE);
      expect(jobsOf({ headers, ...reply })).toMatchObject([{ id }]);
      expect(Number(headers.get('age'))).toBeGreaterThanOrEqual(2);
    });

    it('shows every job once when its pages are turned to the end, also while jobs come and go on', async () => {
      const { client, document } = await ready();
      const started: string[] = [];
      for (let nth = 0; nth < 12; nth += 1) started.push(await text(client, document));
      const received: string[] = [];
      for (let total = 12; received.length < total; ) {
        const reply = await client.get(
          `/job?document_id=${document}&limit=5&offset=${received.length}&sort=-creation_time`,
        );
        const range = `${received.length}-${received.length + jobsOf(reply).length}/`;
        received.push(...jobsOf(reply).map(({ id }) => id));
        expect(reply.headers.get('content-range')).toMatch(range);
        expect(reply.headers.get('accept-range')).toBe('job 100');
        total = Number(reply.headers.get('content-range')?.split('/')[1]);
        if (received.length === 5) await text(client, document);
      }
      expect(new Set(received).size).toBe(received.length);
      expect(started.filter((id) => !received.includes(id))).toEqual([]);
    });

    it('with nothing in it is a 404 that says so (contract §2.3)', async () => {
      const { client, document } = await ready();
      await text(client, document);
      for (const query of ['offset=1', 'status=FAILED', 'created_before=2018-10-10T10:10:10', 'offset=1000000000000']) {
        const reply = await client.get(`/job?document_id=${document}&${query}`);
        expect([query, reply.status, reply.headers.get('content-range')]).toEqual([query, 404, '0-0/0']);
        expect(reply.json.detail).toEqual(expect.any(String));
      }
    });
  });
};
