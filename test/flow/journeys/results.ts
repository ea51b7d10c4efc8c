// Journeys of results: LEIA's own text, wherever it is shown (contract §0.10; D3).
import { describe, expect, it } from 'vitest';
import { MODEL } from '../../support/jobs.ts';
import { atLeia, awaitStatus, eventually, type Ground, logIn } from '../support/ground.ts';

/** Parsed and printed again, each of these numbers would be another text. */
const RESULT = '{"category":"a","accuracy":1.0,"score":1.0,"n":12345678901234567890,"small":1e-7,"name":"\\u00e9"}';

export const resultJourneys = (ground: () => Ground): void => {
  describe('a result', () => {
    it('is LEIA’s text to the letter: of a job, in a list, and in a conditional job’s result', async () => {
      const client = await logIn(ground().baseUrl, ground().apiKey);
      const document = await client.upload();
      await ground().leia.holdJobs(true);
      const end = async (id: string) =>
        ground().leia.forceJob((await atLeia(ground(), id))[0]?.id ?? '', {
          status: 'PROCESSED',
          result_type: 'classification',
          resultText: RESULT,
        });
      const classify = { format_type: 'classification' };
      const classified = String((await client.post(`/model/${MODEL}/apply/${document}`, classify)).json.id);
      await end(classified);
      const entry = { job_type: 'apply_model', model_id: MODEL, ...classify };
      const rules = { exact: { conditions: { accuracy: 1, n: { $gt: 1e19 } }, jobs: [entry] } };
      const chain = String((await client.post(`/job/conditional/${classified}`, { rules })).json.id);
      const child = await eventually('the child to be bound', async () =>
        (await ground().mirror.children(chain)).find((one) => one.stage === 'bound'),
      );
      await end(child.id);
      await awaitStatus(client, chain);
      for (const shown of [
        await client.get(`/job/${classified}`),
        await client.get(`/job?job_id=${classified}`),
        await client.get(`/job?parent_job_id=${chain}`),
        await client.get(`/job/${chain}`),
      ])
        expect(shown.text).toContain(`"result":${RESULT}`);
    });
  });
};
