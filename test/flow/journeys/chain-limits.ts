// Journeys of conditional jobs at their limits (contract §4.2, §4.3): what is refused, how deep, how many at once.
import pMap from 'p-map';
import { describe, expect, it } from 'vitest';
import { newId } from '../../support/new-id.ts';
import { always, chainsOn, classify, rule, transform } from '../support/chains.ts';
import { eventually, type Ground, logIn } from '../support/ground.ts';

/** `many` chains run at once; `depth` of them may stand behind each other, as both grounds are set up. */
export const chainLimitJourneys = (ground: () => Ground, { many, depth }: { many: number; depth: number }): void => {
  const { ready, classified, conditional, resultOf } = chainsOn(ground);

  describe('a conditional job', () => {
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
