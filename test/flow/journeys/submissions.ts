// Journeys of submissions that meet a LEIA that is down, slow, or does not say what it did (D2).
import { describe, expect, it } from 'vitest';
import { instant } from '../../../functions/jobs/job.ts';
import { aJob } from '../../support/jobs.ts';
import { newId } from '../../support/new-id.ts';
import { atLeia, awaitStatus, type Client, eventually, type Ground, logIn, sweepUntil } from '../support/ground.ts';

export const submissionJourneys = (ground: () => Ground): void => {
  describe('a submission', () => {
    const ready = async () => {
      const client = await logIn(ground().baseUrl, ground().apiKey);
      return { client, document: await client.upload() };
    };
    const submit = async (client: Client, document: string, body: object = {}) => {
      const reply = await client.post(`/document/${document}/transform/text`, body);
      expect(reply.status).toBe(200);
      return String(reply.json.id);
    };
    const ended = async (client: Client, id: string) => String((await client.get(`/job/${id}`)).json.status);
    const sweepToEnd = (client: Client, id: string) =>
      sweepUntil(ground(), `job ${id}`, async () =>
        ['PROCESSED', 'FAILED', 'CANCELED'].includes(await ended(client, id)),
      );

    it('while LEIA is down is answered at once and sent when LEIA is back', async () => {
      const { client, document } = await ready();
      await ground().leia.setAvailable(false);
      const id = await submit(client, document);
      expect(await ended(client, id)).toBe('READY');
      await ground().sweep();
      expect(await atLeia(ground(), id)).toHaveLength(0);
      await ground().leia.setAvailable(true);
      await sweepToEnd(client, id);
      expect(await ended(client, id)).toBe('PROCESSED');
      expect(await atLeia(ground(), id)).toHaveLength(1);
    });

    it('that LEIA took without being able to say so is found there: one LEIA job in the end', async () => {
      const { client, document } = await ready();
      await ground().leia.fault({ method: 'POST', path: '/transform/', times: 1, answer: 'cut' });
      await ground().leia.callbackRule({ action: 'drop', times: 1 });
      const id = await submit(client, document);
      expect((await ground().mirror.job(id))?.doubt_since).toBeDefined();
      await sweepToEnd(client, id);
      expect(await ended(client, id)).toBe('PROCESSED');
      expect(await atLeia(ground(), id)).toHaveLength(1);
    });

    it('whose first LEIA job turns up after a second one was bound: the first is cancelled and never counts', async () => {
      const { client, document } = await ready();
      await ground().leia.hideSubmissions({ times: 1, ms: null });
      await ground().leia.fault({ method: 'POST', path: '/transform/', times: 1, answer: 'cut' });
      await ground().leia.script({ durationMs: null, times: 2 });
      const id = await submit(client, document);
      await sweepUntil(ground(), 'the second attempt', async () => (await ground().mirror.job(id))?.stage === 'bound');
      const bound = (await ground().mirror.job(id))?.leia_id ?? '';
      await ground().leia.revealJobs();
      const late = async () => (await atLeia(ground(), id)).find((job) => job.id !== bound);
      await sweepUntil(ground(), 'the late one to be cancelled', async () => (await late())?.status === 'CANCELED');
      const lateId = (await late())?.id ?? '';
      await ground().leia.callBack(lateId);
      await eventually('its CANCELED callback to be taken', async () =>
        (await ground().leia.callbackLog()).some(({ jobId, outcome }) => jobId === lateId && outcome === 204),
      );
      expect((await ground().mirror.job(id))?.leia_id).toBe(bound);
      expect(await ended(client, id)).not.toBe('CANCELED');
      await ground().leia.forceJob(bound, { status: 'PROCESSED', result_type: 'object', result: { a: 1 } });
      expect(await awaitStatus(client, id)).toMatchObject({ status: 'PROCESSED', result: { a: 1 } });
    });

    it('whose function died between record and send is sent by a sweep once its claim is over', async () => {
      const { client, document } = await ready();
      const id = newId();
      const { application_id, submitter_id } = (await ground().mirror.job(await submit(client, document))) ?? aJob();
      const died = Date.now() - 60_000;
      await ground().mirror.create(
        aJob({
          id,
          application_id,
          submitter_id,
          document_ids: [document],
          creation_time: instant(died),
          sendable_since: instant(died),
          stage: 'claimed',
          attempt: 1,
          claimed_until: instant(died + 11_000),
        }),
        { kind: 'transform', output_type: 'text', document_ids: [document], block_processing: false },
      );
      await sweepToEnd(client, id);
      expect(await ended(client, id)).toBe('PROCESSED');
      expect(await atLeia(ground(), id)).toHaveLength(1);
    });

    it('that LEIA always answers with 500 holds nobody else up', async () => {
      const { client, document } = await ready();
      const poison = await client.upload('poison.txt');
      await ground().leia.fault({ method: 'POST', path: `/document/${poison}/transform/`, times: null, answer: 500 });
      const bad = await submit(client, poison);
      const good = await Promise.all([1, 2, 3].map(() => submit(client, document)));
      for (const id of good) expect((await awaitStatus(client, id)).status).toBe('PROCESSED');
      await ground().sweep();
      expect(await ended(client, bad)).toBe('READY');
      await ground().leia.clearFaults();
      await sweepToEnd(client, bad);
      expect(await ended(client, bad)).toBe('PROCESSED');
    });

    it.each([
      { order: 'after LEIA took it', meets: { delayMs: 900 }, left: ['CANCELED'] },
      { order: 'before LEIA takes it', meets: { delayMs: 900, answer: 503 }, left: [] },
    ])('that is cancelled while it is on its way, $order, is cancelled everywhere', async ({ meets, left }) => {
      const { client, document } = await ready();
      await ground().leia.script({ durationMs: null, times: 1 });
      await ground().leia.fault({ method: 'POST', path: '/transform/', times: 1, ...meets });
      const key = newId();
      const slow = client.post(`/document/${document}/transform/text`, {}, { 'idempotency-key': key });
      const id = await eventually('the record', async () => {
        const { status, text } = await client.get(`/job?document_id=${document}`);
        return status === 200 ? (JSON.parse(text) as { id: string }[])[0]?.id : undefined;
      });
      expect((await client.delete(`/job/${id}`)).status).toBe(204);
      expect((await slow).status).toBe(200);
      await sweepToEnd(client, id);
      await ground().sweep();
      expect(await ended(client, id)).toBe('CANCELED');
      expect((await atLeia(ground(), id)).map((job) => job.status)).toEqual(left);
      expect((await client.delete(`/job/${id}`)).status).toBe(404);
    });

    it('that is cancelled after an attempt without an answer is cancelled where it turns up', async () => {
      const { client, document } = await ready();
      await ground().leia.script({ durationMs: null, times: 1 });
      await ground().leia.fault({ method: 'POST', path: '/transform/', times: 1, answer: 'cut' });
      const id = await submit(client, document);
      expect((await client.delete(`/job/${id}`)).status).toBe(204);
      await sweepToEnd(client, id);
      expect(await ended(client, id)).toBe('CANCELED');
      expect((await atLeia(ground(), id)).map((job) => job.status)).toEqual(['CANCELED']);
    });

    it('that is blocked, ambiguous, then started, runs', async () => {
      const { client, document } = await ready();
      await ground().leia.fault({ method: 'POST', path: '/transform/', times: 1, answer: 'cut' });
      const id = await submit(client, document, { block_processing: true });
      expect(await ended(client, id)).toBe('BLOCKED');
      const started = await client.post(`/job/${id}/start`);
      expect([started.status, started.json.status]).toEqual([200, 'READY']);
      await sweepToEnd(client, id);
      expect(await ended(client, id)).toBe('PROCESSED');
      expect(await atLeia(ground(), id)).toHaveLength(1);
    });

    it('that LEIA refuses is refused with its words, and the same key gets the same refusal', async () => {
      const { client } = await ready();
      const key = { 'idempotency-key': newId() };
      const path = `/document/${newId()}/transform/text`;
      const first = await client.post(path, {}, key);
      const second = await client.post(path, {}, key);
      expect(first.status).toBe(404);
      expect(first.json.detail).toEqual(expect.any(String));
      expect([second.status, second.json]).toEqual([first.status, first.json]);
      expect((await client.post(path, { output_tag: 'x' }, key)).status).toBe(422);
    });

    it('that is repeated under its key is one job', async () => {
      const { client, document } = await ready();
      const key = { 'idempotency-key': newId() };
      const first = await client.post(`/document/${document}/transform/text`, {}, key);
      const second = await client.post(`/document/${document}/transform/text`, {}, key);
      expect(second.json.id).toBe(first.json.id);
      expect(await atLeia(ground(), String(first.json.id))).toHaveLength(1);
    });
  });
};
