// Journeys of conditional jobs (contract §4; D6): what runs, in which order, and that nothing stops it half-way.
import pMap from 'p-map';
import { describe, expect, it } from 'vitest';
import { childId } from '../../../functions/jobs/chain.ts';
import { sha256 } from '../../../functions/runtime/hash.ts';
import { MODEL } from '../../support/jobs.ts';
import { newId } from '../../support/new-id.ts';
import { atLeia, awaitStatus, type Client, eventually, type Ground, logIn, sweepUntil } from '../support/ground.ts';

type Entry = Record<string, unknown>;
type Child = { id: string; status: string; execute_after_id: string; parent_job_id: string };

const transform = (output_type: string, given: Entry = {}): Entry => ({ job_type: 'transform', output_type, ...given });
const classify = (given: Entry = {}): Entry => ({
  job_type: 'apply_model',
  model_id: MODEL,
  format_type: 'classification',
  ...given,
});
const rule = (conditions: object, ...jobs: Entry[]) => ({ conditions, jobs });
const always = {};

/** `many` chains run at once; `depth` of them may stand behind each other, as both grounds are set up. */
export const chainJourneys = (ground: () => Ground, { many, depth }: { many: number; depth: number }): void => {
  const ready = async () => {
    const client = await logIn(ground().baseUrl, ground().apiKey);
    return { client, document: await client.upload() };
  };
  const submit = async (client: Client, path: string, body: object = {}): Promise<string> => {
    const reply = await client.post(path, body);
    expect([reply.status, reply.json.detail]).toEqual([200, undefined]);
    return String(reply.json.id);
  };
  /** A classification of a document: `invoice`, 0.97, unless a script says otherwise. */
  const classified = (client: Client, document: string, body: object = {}) =>
    submit(client, `/model/${MODEL}/apply/${document}`, { format_type: 'classification', ...body });
  const conditional = (client: Client, trigger: string, rules: object, more: object = {}) =>
    submit(client, `/job/conditional/${trigger}`, { rules, ...more });
  const childrenOf = async (id: string): Promise<Child[]> => (await ground().mirror.children(id)) as unknown as Child[];
  const boundChildOf = (id: string) =>
    eventually('the child to be bound', async () =>
      (await ground().mirror.children(id)).find((one) => one.stage === 'bound'),
    );
  const resultOf = async (client: Client, id: string) => {
    const job = await awaitStatus(client, id);
    expect(job).toMatchObject({ status: 'PROCESSED', result_type: 'conditional', reason: null });
    return job.result as Record<string, { result_type: string; result: unknown; job_id: string; job_type: string }[]>;
  };

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
    });

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
      const job = await awaitStatus(client, id);
      const children = await childrenOf(id);
      expect(children.map((child) => child.status)).toEqual(['FAILED', 'PROCESSED', 'PROCESSED']);
      expect(job).toMatchObject({ status: 'FAILED', result: null, http_code: 400 });
      expect(job.reason).toMatch(new RegExp(`sick.*${children[0]?.id}.*unreadable`));
    });

    it('behind a prerequisite that fails, fails without children', async () => {
      const { client, document } = await ready();
      await ground().leia.script({ match: { document_id: document }, fail: { reason: 'unreadable' }, times: 1 });
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, { any: rule(always, transform('text')) });
      expect(await awaitStatus(client, id)).toMatchObject({ status: 'FAILED', reason: `Job ${trigger} FAILED` });
      expect(await childrenOf(id)).toEqual([]);
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

    it('of which a step times out has its child cancelled at once, and FAILS once the other rules have ended', async () => {
      const { client, document } = await ready();
      const other = await client.upload('other.txt');
      for (const id of [document, other]) {
        await ground().leia.script({ match: { document_id: id, job_type: 'image-text' }, durationMs: null });
      }
      const trigger = await classified(client, document);
      const id = await conditional(client, trigger, {
        slow: rule(always, transform('text', { document_ids: [document] }), classify()),
        last: rule(always, transform('text', { document_ids: [document] })),
        sound: rule(always, transform('text', { document_ids: [other] })),
      });
      const children = await eventually('the children to be bound', async () => {
        const found = await ground().mirror.children(id);
        return found.length === 3 && found.every((one) => one.stage === 'bound') ? found : undefined;
      });
      const [slow, last, sound] = children;
      for (const one of [slow, last]) await ground().timeOutStep(one?.task_token ?? '');
      for (const one of [slow, last]) {
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
        `Rule "slow", entry 1 of 2: job ${slow?.id} timed out; Rule "last", entry 1 of 1: job ${last?.id} timed out`,
      );
      expect((await childrenOf(id)).map(({ status }) => status)).toEqual(['CANCELED', 'CANCELED', 'PROCESSED']);
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

    it('is explained: which rule matched and why, which job each entry became, what made it fail', async () => {
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

    it('that cannot be is refused: what, where, and why', async () => {
      const { client, document } = await ready();
      const trigger = await classified(client, document);
      const refused = async (body: unknown, at = trigger) => {
        const { status, json } = await client.post(`/job/conditional/${at}`, body);
        return `${status} ${json.detail}`;
      };
      expect(await refused({ rules: { r: rule({ a: { $near: 1 } }, transform('text')) } })).toMatch(
        /^400 rules\["r"\].*\$near|^400 rules\["r"\].*conditions/,
      );
      expect(await refused({ rules: { r: rule(always, { job_type: 'transform' }) } })).toMatch(
        /^400 rules\["r"\]\.jobs\[0\]\.output_type/,
      );
      expect(await refused({ rules: [] })).toMatch(/^400 rules/);
      expect(await refused(undefined)).toMatch(/^400 rules/);
      expect(
        await refused({ rules: { r: rule(always, ...Array.from({ length: 1001 }, () => transform('text'))) } }),
      ).toMatch(/^400 rules.*1000/);
      expect(await refused({ rules: {} }, newId())).toMatch(/^404 execute_after_id/);
      const somebody = await logIn(ground().baseUrl, ground().adminApiKey);
      const theirs = await classified(somebody, await somebody.upload('theirs.txt'));
      expect(await refused({ rules: {} }, theirs)).toMatch(new RegExp(`^403 .*${theirs}`));
      expect(await refused({ rules: { r: rule(always, classify({ model_id: newId() })) } })).toMatch(/^404 model/);
      expect(await refused({ rules: { r: rule(always, transform('text', { document_ids: [newId()] })) } })).toMatch(
        /^404 document/,
      );
    });

    it(`stands behind up to ${depth - 1} others in a row, and no more`, async () => {
      const { client, document } = await ready();
      await ground().leia.holdJobs(true);
      let last = await classified(client, document);
      for (let link = 0; link < depth; link += 1) last = await conditional(client, last, {});
      const { status, json } = await client.post(`/job/conditional/${last}`, { rules: {} });
      expect([status, json.detail]).toEqual([400, expect.stringMatching(/^execute_after_id/)]);
      await ground().leia.holdJobs(false);
      expect(await resultOf(client, last)).toEqual({});
    });

    it(`is right, also when ${many} of them run at once`, async () => {
      const { client, document } = await ready();
      const other = await client.upload('other.txt');
      const begin = async (index: number): Promise<string> => {
        const trigger = await classified(client, index % 2 ? document : other);
        return conditional(client, trigger, {
          yes: rule(
            { category: 'invoice' },
            transform('text', { document_ids: [document] }),
            classify({ document_ids: [other] }),
          ),
          no: rule({ category: `x${index}` }, transform('image')),
        });
      };
      // A few at a time are submitted, for the machine's sake; LEIA holds them until all can run.
      await ground().leia.holdJobs(true);
      const ids = await pMap(
        Array.from({ length: many }, (_, index) => index),
        begin,
        { concurrency: 4 },
      );
      await ground().leia.holdJobs(false);
      const resultWithin = (id: string) =>
        eventually(
          `chain ${id}`,
          async () => {
            const { json } = await client.get(`/job/${id}`);
            return json.status === 'PROCESSED' ? (json.result as object) : undefined;
          },
          200,
        );
      const results = await pMap(
        ids,
        async (id) =>
          Object.entries(await resultWithin(id)).map(([name, jobs]) => `${name}:${(jobs as unknown[]).length}`),
        { concurrency: 4 },
      );
      expect(results).toEqual(Array(many).fill(['yes:2']));
    });
  });
};
