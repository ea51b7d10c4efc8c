// Journeys of conditional jobs at their limits (contract §4.2, §4.3): what is refused, how deep, how many at once.
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { describe, expect, it } from 'vitest';
import { childId } from '../../../functions/jobs/chain.ts';
import { sha256 } from '../../../functions/runtime/hash.ts';
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
      // A few at a time are submitted, for the machine's sake; LEIA holds what they wait for until all can run.
      const few = { concurrency: 4 };
      await ground().leia.holdJobs(true);
      const triggers = await pMap([document, other, document, other], (one) => classified(client, one), few);
      const begin = (index: number): Promise<string> =>
        conditional(client, triggers[index % triggers.length] ?? '', {
          no: rule({ category: `x${index}` }, transform('image')),
          yes: rule(
            { category: 'invoice' },
            transform('text', { document_ids: [document] }),
            classify({ document_ids: [other] }),
          ),
        });
      const ids = await pMap(
        Array.from({ length: many }, (_, index) => index),
        begin,
        few,
      );
      await ground().leia.holdJobs(false);
      const resultSoon = (id: string) =>
        eventually(
          `chain ${id}`,
          async () => {
            const { json } = await client.get(`/job/${id}`);
            // Whoever asks all the time takes from those who work.
            if (json.status !== 'PROCESSED') return void (await sleep(500));
            return json.result as Record<string, { job_id: string; result_type: string }[]>;
          },
          200,
        );
      for (const id of ids) {
        const [text, category] = [0, 1].map((entry) => childId(id, { rule: 1, entry }, sha256));
        expect(await resultSoon(id)).toEqual({
          yes: [
            expect.objectContaining({ job_id: text, result_type: 'document' }),
            expect.objectContaining({ job_id: category, result_type: 'classification' }),
          ],
        });
      }
    });
  });
};
