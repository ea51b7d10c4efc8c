// Journeys of conditional jobs that are cancelled (contract §4.6; D6).
import { describe, expect, it } from 'vitest';
import { always, chainsOn, classify, rule, transform } from '../support/chains.ts';
import { atLeia, awaitStatus, eventually, type Ground, sweepUntil } from '../support/ground.ts';

export const chainCancelJourneys = (ground: () => Ground): void => {
  const { ready, submit, classified, conditional, childrenOf, boundChildOf } = chainsOn(ground);

  describe('a conditional job', () => {
    it('can be cancelled while it is blocked and while it waits, and no more when it has ended', async () => {
      const { client, document } = await ready();
      await ground().leia.holdJobs(true);
      const trigger = await classified(client, document);
      const rules = { any: rule(always, transform('text')) };
      const blocked = await conditional(client, trigger, rules, { block_processing: true });
      const waiting = await conditional(client, trigger, rules);
      const other = await conditional(client, trigger, {});
      for (const [id, status] of [
        [blocked, 'BLOCKED'],
        [waiting, 'WAITING'],
      ]) {
        expect((await client.get(`/job/${id}`)).json.status).toBe(status);
        expect((await client.delete(`/job/${id}`)).status).toBe(204);
        expect((await client.post(`/job/${id}/start`)).status).toBe(404);
      }
      await ground().leia.holdJobs(false);
      expect(await awaitStatus(client, other)).toMatchObject({ status: 'PROCESSED', result: {} });
      expect((await client.delete(`/job/${other}`)).status).toBe(404);
      for (const id of [blocked, waiting]) {
        expect((await client.get(`/job/${id}`)).json).toMatchObject({ status: 'CANCELED', starting_time: null });
        expect([await ground().chains.state(id), await childrenOf(id)]).toEqual(['absent', []]);
      }
    });

    it('that is cancelled in the middle ends its children at LEIA and fails what waits for it', async () => {
      const { client, document } = await ready();
      await ground().leia.script({ match: { document_id: document, job_type: 'image-text' }, durationMs: null });
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, {
        any: rule(always, transform('text', { document_ids: [document] }), classify()),
      });
      const after = await submit(client, `/document/${document}/transform/merge`, { execute_after_id: id });
      const child = await boundChildOf(id);
      expect((await client.get(`/job/${id}`)).json.status).toBe('PROCESSING');
      expect((await client.delete(`/job/${id}`)).status).toBe(204);
      expect(await awaitStatus(client, child.id)).toMatchObject({ status: 'CANCELED' });
      expect((await atLeia(ground(), child.id)).map((one) => one.status)).toEqual(['CANCELED']);
      expect((await client.get(`/job/${id}`)).json).toMatchObject({ status: 'CANCELED', result: null });
      expect(await awaitStatus(client, after)).toMatchObject({ status: 'FAILED', reason: `Job ${id} CANCELED` });
      await eventually('the execution to stop', async () =>
        (await ground().chains.state(id)) === 'ended' ? true : undefined,
      );
    });

    it('of which a child is cancelled FAILS, naming it, and the other rules finish', async () => {
      const { client, document } = await ready();
      await ground().leia.script({ match: { document_id: document, job_type: 'image-text' }, durationMs: null });
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, {
        other: rule(always, classify()),
        any: rule(always, transform('text', { document_ids: [document] }), classify()),
      });
      const child = await eventually('the child to be bound', async () =>
        (await ground().mirror.children(id)).find(({ stage, step }) => stage === 'bound' && step?.rule === 1),
      );
      expect((await client.delete(`/job/${child.id}`)).status).toBe(204);
      const reason = `Rule "any", entry 1 of 2: job ${child.id} CANCELED`;
      expect(await awaitStatus(client, id)).toMatchObject({ status: 'FAILED', http_code: 400, result: null, reason });
      expect((await childrenOf(id)).map(({ status }) => status)).toEqual(['PROCESSED', 'CANCELED']);
    });

    it('that is cancelled in the moment in which a child is born leaves none running', async () => {
      const { client, document } = await ready();
      await ground().leia.script({ match: { job_type: 'image-text', document_id: document }, durationMs: null });
      await ground().leia.fault({ method: 'POST', path: '/transform/text', times: null, delayMs: 300 });
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, {
        any: rule(always, transform('text', { document_ids: [document] })),
      });
      await eventually('the birth', async () => ((await ground().mirror.children(id)).length > 0 ? true : undefined));
      expect((await client.delete(`/job/${id}`)).status).toBe(204);
      const [child] = await childrenOf(id);
      await sweepUntil(
        ground(),
        'the child',
        async () => (await client.get(`/job/${child?.id}`)).json.status === 'CANCELED',
      );
      expect((await atLeia(ground(), child?.id ?? '')).every((one) => one.status === 'CANCELED')).toBe(true);
    });
  });
};
