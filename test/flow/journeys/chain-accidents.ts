// Journeys of conditional jobs that do not go well (contract §4.6; D6): nothing stops them half-way, nothing runs twice.
import { describe, expect, it } from 'vitest';
import { childId } from '../../../functions/jobs/chain.ts';
import { sha256 } from '../../../functions/runtime/hash.ts';
import { always, chainsOn, classify, rule, transform } from '../support/chains.ts';
import { atLeia, awaitStatus, eventually, type Ground, sweepUntil } from '../support/ground.ts';

/** Long enough for LEIA to have a child before, also on a busy machine. */
const stepSeconds = 10;

export const chainAccidentJourneys = (ground: () => Ground): void => {
  const { ready, submit, classified, conditional, childrenOf, boundChildOf, resultOf } = chainsOn(ground);

  describe('a conditional job', () => {
    it('with a failing child lets the other rules finish, then FAILS naming rule, child and reason', async () => {
      const { client, document } = await ready();
      const bad = await client.upload('bad.txt');
      await ground().leia.script({
        match: { document_id: bad, job_type: 'image-text' },
        fail: { reason: 'unreadable', http_code: 400 },
      });
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, {
        sick: rule(always, transform('text', { document_ids: [bad] }), transform('merge')),
        healthy: rule(always, transform('text', { document_ids: [document] }), classify()),
      });
      const after = await submit(client, `/document/${document}/transform/merge`, { execute_after_id: id });
      const job = await awaitStatus(client, id);
      const children = await childrenOf(id);
      expect(children.map((child) => child.status)).toEqual(['FAILED', 'PROCESSED', 'PROCESSED']);
      expect(job).toMatchObject({ status: 'FAILED', result: null, http_code: 400 });
      expect(job.reason).toMatch(new RegExp(`sick.*${children[0]?.id}.*unreadable`));
      expect(await awaitStatus(client, after)).toMatchObject({ status: 'FAILED', reason: `Job ${id} FAILED` });
      for (const one of [id, after]) {
        const { root_cause } = (await client.get(`/job/${one}/explain`)).json;
        expect(root_cause).toMatchObject({ job_id: children[0]?.id, status: 'FAILED', reason: 'unreadable' });
      }
      expect((await client.get(`/job/${id}/explain`)).json.rules).toMatchObject([
        { rule: 'sick', jobs: [{ reason: 'unreadable' }, { runs: 'no', why: 'entry 1 of 2 FAILED', job_id: null }] },
        { rule: 'healthy', jobs: [{ status: 'PROCESSED' }, { status: 'PROCESSED' }] },
      ]);
    });

    it('behind a prerequisite that fails, fails without children', async () => {
      const { client, document } = await ready();
      await ground().leia.script({ match: { document_id: document }, fail: { reason: 'unreadable' }, times: 1 });
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, { any: rule(always, transform('text')) });
      expect(await awaitStatus(client, id)).toMatchObject({ status: 'FAILED', reason: `Job ${trigger} FAILED` });
      expect(await childrenOf(id)).toEqual([]);
    });

    it('is one execution however often it is started, and one child however often a step runs', async () => {
      const { client, document } = await ready();
      await ground().leia.holdJobs(true);
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, {
        any: rule(always, transform('text', { document_ids: [document] })),
      });
      await ground().leia.forceJob((await atLeia(ground(), trigger))[0]?.id ?? '', {
        status: 'PROCESSED',
        result_type: 'classification',
        result: { category: 'a', accuracy: 1, score: 1 },
      });
      const [child] = await eventually('the child', async () => {
        const found = await childrenOf(id);
        return found.length > 0 ? found : undefined;
      });
      await Promise.all([ground().chains.start(id), ground().chains.start(id)]);
      await ground().runStep({ job_id: id, rule: 0, entry: 0, task_token: 'a token that nobody waits with' });
      await ground().runStep({
        job_id: id,
        rule: 0,
        entry: 0,
        task_token: (await ground().mirror.job(child?.id ?? ''))?.task_token ?? '',
      });
      expect((await childrenOf(id)).map((one) => one.id)).toEqual([childId(id, { rule: 0, entry: 0 }, sha256)]);
      await ground().leia.holdJobs(false);
      await sweepUntil(ground(), 'the child', async () => (await childrenOf(id))[0]?.status === 'PROCESSED');
      expect(await atLeia(ground(), child?.id ?? '')).toHaveLength(1);
    });

    /** A chain whose one child LEIA has and never ends. */
    const standing = async () => {
      const { client, document } = await ready();
      await ground().leia.script({ match: { document_id: document, job_type: 'image-text' }, durationMs: null });
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, {
        any: rule(always, transform('text', { document_ids: [document] })),
      });
      return { client, id, child: await boundChildOf(id) };
    };

    it('whose execution is killed by hand FAILS by the event that tells of it, and its child is cancelled', async () => {
      const { client, id, child } = await standing();
      await ground().chains.stop(id);
      expect(await awaitStatus(client, id)).toMatchObject({
        status: 'FAILED',
        http_code: 500,
        reason: expect.stringContaining('execution'),
      });
      expect(await awaitStatus(client, child.id)).toMatchObject({ status: 'CANCELED' });
    });

    it('whose execution is killed by hand FAILS within a sweep when no event tells of it', async () => {
      const { client, id, child } = await standing();
      try {
        await ground().tellOfDeaths(false);
        await ground().chains.stop(id);
        await ground().pass(1);
        expect((await client.get(`/job/${id}`)).json.status).toBe('PROCESSING');
        await ground().sweep();
        expect((await client.get(`/job/${id}`)).json).toMatchObject({ status: 'FAILED', http_code: 500 });
      } finally {
        await ground().tellOfDeaths(true);
      }
      expect(await awaitStatus(client, child.id)).toMatchObject({ status: 'CANCELED' });
    });

    it('of which steps time out has their children cancelled at once, and FAILS once the other rules have ended', async () => {
      const { client, document } = await ready();
      const other = await client.upload('other.txt');
      for (const id of [document, other]) {
        await ground().leia.script({ match: { document_id: id, job_type: 'image-text' }, durationMs: null });
      }
      const restore = await ground().changeStepSeconds({ RunSingleStep: stepSeconds, RunStep: stepSeconds });
      try {
        const trigger = await classified(client, document);
        const id = await conditional(client, trigger, {
          slow: rule(always, transform('text', { document_ids: [document] }), classify()),
          single: rule(always, transform('text', { document_ids: [document] })),
          sound: rule(always, classify(), transform('text', { document_ids: [other] })),
        });
        const [slow, single, , sound] = await eventually('the children to be bound', async () => {
          const found = await ground().mirror.children(id);
          return found.length === 4 && found.every(({ stage }) => stage === 'bound') ? found : undefined;
        });
        await ground().pass(stepSeconds);
        for (const one of [slow, single]) {
          expect(await awaitStatus(client, one?.id ?? '')).toMatchObject({ status: 'CANCELED' });
          expect((await atLeia(ground(), one?.id ?? '')).map(({ status }) => status)).toEqual(['CANCELED']);
        }
        expect((await client.get(`/job/${id}`)).json.status).toBe('PROCESSING');
        await ground().leia.forceJob((await atLeia(ground(), sound?.id ?? ''))[0]?.id ?? '', {
          status: 'PROCESSED',
          result_type: 'object',
          result: {},
        });
        const job = await awaitStatus(client, id);
        expect(job).toMatchObject({ status: 'FAILED', http_code: 500, result: null });
        expect(job.reason).toBe(
          `Rule "slow", entry 1 of 2: job ${slow?.id} timed out; Rule "single", entry 1 of 1: job ${single?.id} timed out`,
        );
        const ended = ['CANCELED', 'CANCELED', 'PROCESSED', 'PROCESSED'];
        expect((await childrenOf(id)).map(({ status }) => status)).toEqual(ended);
      } finally {
        await restore();
      }
    });

    it('goes on after a lost callback in its middle, thanks to the sweep', async () => {
      const { client, document } = await ready();
      const trigger = await classified(client, document);
      await awaitStatus(client, trigger);
      await ground().leia.callbackRule({ action: 'drop', times: 1 });
      const id = await conditional(client, trigger, {
        any: rule(always, transform('text', { document_ids: [document] }), classify()),
      });
      await sweepUntil(ground(), 'the chain', async () => (await client.get(`/job/${id}`)).json.status === 'PROCESSED');
      expect((await resultOf(client, id)).any).toHaveLength(2);
    });
  });
};
