// Journeys of conditional jobs (contract §4; D6): what runs, in which order, on what, and how it is explained.
import { describe, expect, it } from 'vitest';
import { always, chainsOn, classify, rule, transform } from '../support/chains.ts';
import { atLeia, awaitStatus, type Ground, logIn, sweepUntil } from '../support/ground.ts';

export const chainJourneys = (ground: () => Ground): void => {
  const { ready, submit, classified, conditional, childrenOf, resultOf } = chainsOn(ground);

  describe('a conditional job', () => {
    it('runs the rules that match the result of its prerequisite, and no others', async () => {
      const { client, document } = await ready();
      await ground().leia.holdJobs(true);
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, {
        invoice: rule(
          { category: 'invoice', accuracy: [{ $gte: 0.5 }, { $lt: 0.99 }] },
          transform('text', { document_ids: [document] }),
          classify(),
        ),
        letter: rule({ category: { $in: ['letter'] } }, transform('image', { document_ids: [document] })),
        whatever: rule(always, transform('text')),
      });
      expect((await client.get(`/job/${id}`)).json).toMatchObject({
        status: 'WAITING',
        job_type: 'conditional',
        document_ids: [document],
        execute_after_id: trigger,
      });
      await ground().leia.holdJobs(false);
      const result = await resultOf(client, id);
      expect(Object.keys(result)).toEqual(['invoice', 'whatever']);
      expect(result.invoice?.map((one) => [one.result_type, one.job_type])).toEqual([
        ['document', 'image-text'],
        ['classification', 'predict'],
      ]);
      const children = await childrenOf(id);
      expect(children.map((child) => [child.parent_job_id, child.status])).toEqual(Array(3).fill([id, 'PROCESSED']));
      expect(children.map((child) => child.execute_after_id)).toEqual([trigger, children[0]?.id, trigger]);
      expect(result.invoice?.map((one) => one.job_id)).toEqual(children.slice(0, 2).map((child) => child.id));
      expect((await client.get(`/job/${children[0]?.id}`)).json).toMatchObject({
        parent_job_id: id,
        status: 'PROCESSED',
      });
    });

    it('whose rules do not match is PROCESSED with an empty result, as is one without rules', async () => {
      const { client, document } = await ready();
      const trigger = await classified(client, document);
      const none = await conditional(client, trigger, { letter: rule({ category: 'letter' }, transform('text')) });
      const empty = await conditional(client, trigger, {});
      expect(await resultOf(client, none)).toEqual({});
      expect(await resultOf(client, empty)).toEqual({});
    });

    it('runs five entries in a row, each on what the one before made', async () => {
      const { client, document } = await ready();
      const trigger = await submit(client, `/document/${document}/transform/image`);
      const id = await conditional(client, trigger, {
        row: rule(
          always,
          transform('autorotate'),
          transform('trim'),
          transform('transcode'),
          transform('text'),
          transform('merge'),
        ),
      });
      const result = await resultOf(client, id);
      expect(result.row).toHaveLength(5);
      const children = await childrenOf(id);
      expect(children.map((child) => child.execute_after_id)).toEqual([
        trigger,
        ...children.slice(0, 4).map((child) => child.id),
      ]);
      const jobs = await Promise.all(
        [trigger, ...children.map((child) => child.id)].map((one) => ground().mirror.job(one)),
      );
      const atLeiaBehind = await Promise.all(children.map(async (child) => (await atLeia(ground(), child.id))[0]));
      expect(atLeiaBehind.map((job) => job?.execute_after_id)).toEqual(jobs.slice(0, 5).map((job) => job?.leia_id));
    });

    it('that is blocked runs once it is started, whenever its prerequisite ends', async () => {
      const { client, document } = await ready();
      const trigger = await classified(client, document);
      await awaitStatus(client, trigger);
      const id = await conditional(
        client,
        trigger,
        { any: rule(always, transform('text')) },
        { block_processing: true },
      );
      expect((await client.get(`/job/${id}`)).json.status).toBe('BLOCKED');
      await ground().sweep();
      expect((await client.get(`/job/${id}`)).json.status).toBe('BLOCKED');
      expect((await client.post(`/job/${id}/start`)).json.status).toBe('WAITING');
      expect(Object.keys(await resultOf(client, id))).toEqual(['any']);
    });

    it('runs behind a job that was started at LEIA directly, whether that has ended or not', async () => {
      const { client, document } = await ready();
      const direct = await logIn(ground().leiaUrl, ground().leiaApiKey);
      const ended = await classified(direct, document);
      await awaitStatus(direct, ended);
      await ground().leia.holdJobs(true);
      const running = await classified(direct, document);
      const rules = { invoice: rule({ category: 'invoice' }, transform('text', { document_ids: [document] })) };
      const [first, second] = [await conditional(client, ended, rules), await conditional(client, running, rules)];
      expect((await client.get(`/job/${second}`)).json).toMatchObject({ status: 'WAITING', execute_after_id: running });
      await ground().leia.holdJobs(false);
      expect(Object.keys(await resultOf(client, first))).toEqual(['invoice']);
      // Of its end, LEIA tells nobody.
      await sweepUntil(ground(), 'the trigger', async () => (await childrenOf(second)).length > 0);
      expect(Object.keys(await resultOf(client, second))).toEqual(['invoice']);
    });

    it('can be a prerequisite itself: chain after chain after chain, then a job on its documents', async () => {
      const { client, document } = await ready();
      const trigger = await classified(client, document);
      const first = await conditional(client, trigger, { a: rule(always, transform('image')) });
      const second = await conditional(client, first, { b: rule(always, transform('text')) });
      const third = await conditional(client, second, { c: rule({ b: { $ne: null } }, transform('merge')) });
      const last = await submit(client, `/document/${document}/transform/text`, {
        execute_after_id: first,
        page_range: '1',
      });
      expect(Object.keys(await resultOf(client, third))).toEqual(['c']);
      expect(Object.keys(await resultOf(client, second))).toEqual(['b']);
      const job = await awaitStatus(client, last);
      expect(job).toMatchObject({
        status: 'PROCESSED',
        execute_after_id: first,
        document_ids: [document],
        page_range: '1',
      });
      const pages = (await resultOf(client, first)).a?.[0]?.result as { id: string }[];
      expect((await atLeia(ground(), last))[0]?.document_ids).toEqual([pages[1]?.id]);
    });

    it('is explained: which rule matched and why, which job each entry became', async () => {
      const { client, document } = await ready();
      await ground().leia.holdJobs(true);
      const trigger = await classified(client, document);
      const rules = {
        invoice: rule(
          { category: 'invoice', accuracy: { $gte: 0.5 } },
          transform('text', { document_ids: [document] }),
        ),
        letter: rule({ category: 'letter', accuracy: { $gt: 5, $lt: 3 } }, classify()),
      };
      const dry = await client.post(`/job/conditional/${trigger}/explain`, { rules });
      expect(dry.json).toMatchObject({
        decided: false,
        execute_after_status: 'READY',
        rules: [
          { rule: 'invoice', matched: null, reads: ['category', 'accuracy'] },
          { never_matches: expect.any(String) },
        ],
      });
      const id = await conditional(client, trigger, rules);
      expect((await client.get(`/job/${id}/explain`)).json).toMatchObject({
        waits_for: { job_id: trigger, over: false },
      });
      await ground().leia.holdJobs(false);
      await resultOf(client, id);
      const [child] = await childrenOf(id);
      const explained = (await client.get(`/job/${id}/explain`)).json;
      expect(explained).toMatchObject({
        status: 'PROCESSED',
        rules: [
          {
            rule: 'invoice',
            matched: true,
            conditions: [
              { field: 'category', operator: '$eq', expected: 'invoice', actual: 'invoice', held: true },
              { held: true },
            ],
            jobs: [{ runs: 'yes', job_id: child?.id, status: 'PROCESSED' }],
          },
          { rule: 'letter', matched: false, jobs: [{ runs: 'no', job_id: null }] },
        ],
      });
      expect(JSON.stringify(explained)).not.toContain('callbacks');
      const decided = await client.post(`/job/conditional/${trigger}/explain`, { rules });
      expect(decided.json).toMatchObject({ decided: true, rules: [{ matched: true }, { matched: false }] });
    });
  });
};
