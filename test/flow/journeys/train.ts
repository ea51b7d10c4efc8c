// Journeys of trainings: recorded, sent, mirrored and followed like any job.
import { describe, expect, it } from 'vitest';
import { newId } from '../../support/new-id.ts';
import { atLeia, awaitStatus, type Client, type Ground, logIn, sweepUntil } from '../support/ground.ts';

const MODULE = 'leia.models.text.classifier.fasttext.v1';

export const trainJourneys = (ground: () => Ground): void => {
  describe('a training', () => {
    const ready = async () => {
      const client = await logIn(ground().baseUrl, ground().apiKey);
      const [document, tag] = [await client.upload(), newId()];
      expect((await client.post(`/document/${document}/tag/${tag}`)).status).toBe(200);
      return { client, document, tag };
    };
    const train = async (client: Client, tag: string, { query = '', body = {} } = {}) => {
      const reply = await client.post(`/model/${MODULE}/train/${tag}${query}`, body);
      expect([reply.status, reply.json.detail]).toEqual([200, undefined]);
      return reply.json;
    };

    it('makes a model, by whatever query and body say together', async () => {
      const { client, tag } = await ready();
      const query = '?model_name=n&tags=a&tags=b&ttl=-1&allow_all_applications=True&epochs=3&block_processing=true';
      const body = { short_name: `short-${tag}`, description: 'two\nlines', model_params: { rate: 0.5 } };
      const job = await train(client, tag, { query, body });
      expect(job).toMatchObject({ job_type: 'train', document_ids: [], model_id: null, page_range: null });
      expect(job.status).not.toBe('BLOCKED');
      const id = String(job.id);
      expect(await awaitStatus(client, id)).toMatchObject({
        status: 'PROCESSED',
        result_type: 'model',
        result: { name: 'n', short_name: `short-${tag}`, model_module: MODULE },
      });
      expect((await atLeia(ground(), id)).map(({ work }) => work)).toEqual([
        {
          kind: 'train',
          model_module: MODULE,
          documents_tag: tag,
          model_name: 'n',
          short_name: `short-${tag}`,
          params: { epochs: '3', rate: 0.5 },
        },
      ]);
      const sent = (await ground().leia.requests()).find(({ path }) => path === `/model/${MODULE}/train/${tag}`);
      expect([...new URLSearchParams(sent?.query)]).toEqual([
        ['short_name', `short-${tag}`],
        ['description', 'two\nlines'],
        ['ttl', '-1'],
        ['allow_all_applications', 'true'],
        ['tags', 'a'],
        ['tags', 'b'],
      ]);
    });

    it('behind a job, while LEIA is down, is sent when that job is done', async () => {
      const { client, document, tag } = await ready();
      await ground().leia.setAvailable(false);
      const before = await client.post(`/document/${document}/transform/text`);
      const execute_after_id = String(before.json.id);
      const { id, status } = await train(client, tag, { body: { execute_after_id } });
      expect(status).toBe('WAITING');
      await ground().leia.setAvailable(true);
      await sweepUntil(
        ground(),
        'the training',
        async () => (await client.get(`/job/${id}`)).json.status === 'PROCESSED',
      );
      expect((await client.get(`/job/${id}`)).json).toMatchObject({ execute_after_id, result_type: 'model' });
      expect(await atLeia(ground(), String(id))).toHaveLength(1);
    });

    it('that LEIA refuses is refused with its words', async () => {
      const { client, tag } = await ready();
      const unknown = await client.post(`/model/${MODULE}/train/${newId()}`);
      expect([unknown.status, unknown.json.detail]).toEqual([404, expect.stringContaining('tag')]);
      await ground().leia.fault({ method: 'POST', path: '/train/', answer: 400, detail: 'Not a trainable model' });
      const untrainable = await client.post(`/model/${MODULE}/train/${tag}`);
      expect([untrainable.status, untrainable.json.detail]).toEqual([400, 'Not a trainable model']);
    });

    it('that LEIA keeps for admins is refused at once, and our key is not blamed for it', async () => {
      const { client, document, tag } = await ready();
      await ground().leia.fault({ method: 'POST', path: '/train/', answer: 401, times: null });
      for (let times = 0; times < 6; times += 1)
        expect((await client.post(`/model/${MODULE}/train/${tag}`)).status).toBe(401);
      const { json } = await client.post(`/document/${document}/transform/text`);
      expect((await ground().mirror.job(String(json.id)))?.stage).toBe('bound');
    });
  });
};
