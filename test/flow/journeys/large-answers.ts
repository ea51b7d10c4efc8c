// Journeys of jobs whose results are too large for an answer, or for a callback (contract §2; Lambda carries 6 MB).
import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '../../support/new-id.ts';
import { atLeia, awaitStatus, type Client, type Ground, logIn, sweepUntil } from '../support/ground.ts';

/** A result of so many bytes and more. */
const resultOf = (size: number): string => `{"score":1.0,"text":"${'é'.repeat(size / 2)}"}`;

export const largeAnswerJourneys = (ground: () => Ground): void => {
  /** LEIA's ids of what is too large to be carried along by the journeys after these. */
  const made: string[] = [];
  afterEach(async () => {
    for (const id of made.splice(0)) await ground().leia.forgetJob(id);
  });

  const submitted = async (headers: Record<string, string> = {}) => {
    await ground().leia.holdJobs(true);
    const client = await logIn(ground().baseUrl, ground().apiKey);
    const path = `/document/${await client.upload()}/transform/text`;
    const submit = () => client.post(path, {}, headers);
    const id = String((await submit()).json.id);
    const leiaId = (await atLeia(ground(), id))[0]?.id ?? '';
    made.push(leiaId);
    const end = (resultText: string) =>
      ground().leia.forceJob(leiaId, { status: 'PROCESSED', result_type: 'object', resultText });
    return { client, id, submit, end };
  };
  const processed = async (client: Client, id: string) =>
    String((await client.get(`/job/${id}/status`)).json[id]) === 'PROCESSED';
  const elsewhere = async (location: string | null) => {
    const response = await fetch(location ?? '');
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  describe('a job that is too large for an answer', () => {
    it('is elsewhere for a while: whoever follows reads it as if it had been the answer', async () => {
      const { client, id, end } = await submitted();
      const before = await client.get(`/job/${id}`);
      const result = resultOf(5_100_000);
      await end(result);
      await sweepUntil(ground(), 'the end', () => processed(client, id));
      const answer = await client.get(`/job/${id}`);
      expect([before.status, answer.status, answer.text]).toEqual([200, 303, '']);
      const { status, type, text } = await elsewhere(answer.headers.get('location'));
      expect([status, type]).toEqual([200, 'application/json']);
      expect(text.endsWith(`,"result_type":"object","result":${result}}`)).toBe(true);
      const { result: _result, ...job } = JSON.parse(text);
      expect(job).toMatchObject({ id, status: 'PROCESSED', http_code: 200 });
      const followed = await fetch(`${ground().baseUrl}/job/${id}`, { headers: { token: client.token } });
      expect([followed.status, (await followed.text()) === text]).toEqual([200, true]);
    });

    it('is so for whoever submits it again, too; a list shows it without its result, a HEAD its head', async () => {
      const { client, id, submit, end } = await submitted({ 'idempotency-key': newId() });
      await end(resultOf(5_100_000));
      await sweepUntil(ground(), 'the end', () => processed(client, id));
      const again = await submit();
      expect(again.status).toBe(303);
      expect((await elsewhere(again.headers.get('location'))).text).toContain(`"id":"${id}"`);
      const list = JSON.parse((await client.get(`/job?job_id=${id}`)).text);
      expect(list).toMatchObject([{ id, status: 'PROCESSED', result: null, result_type: null }]);
      const head = await fetch(`${ground().baseUrl}/job/${id}`, { method: 'HEAD', headers: { token: client.token } });
      expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/json']);
    });
  });

  describe('a job that is too large for a callback', () => {
    it('ends all the same, by the sweep', async () => {
      const { client, id, end } = await submitted();
      const result = resultOf(7_000_000);
      await ground().leia.callbackRule({ action: 'drop' });
      await end(result);
      await sweepUntil(ground(), 'the end', () => processed(client, id));
      const answer = await client.get(`/job/${id}`);
      expect([answer.status, answer.headers.get('x-observed-via')]).toEqual([303, 'sweep']);
      const { text } = await elsewhere(answer.headers.get('location'));
      expect(text.endsWith(`"result":${result}}`)).toBe(true);
    });

    it('is no smaller as the prerequisite of others: they run', async () => {
      const { client, id, end } = await submitted();
      const document = await client.upload();
      const conditions = { score: { $gte: 1 } };
      const jobs = [{ job_type: 'transform', output_type: 'text', document_ids: [document] }];
      const chain = await client.post(`/job/conditional/${id}`, { rules: { scored: { conditions, jobs } } });
      await end(resultOf(7_000_000));
      await ground().leia.holdJobs(false);
      const chainId = String(chain.json.id);
      await sweepUntil(ground(), 'the chain', () => processed(client, chainId));
      expect(await awaitStatus(client, chainId)).toMatchObject({ result: { scored: [{ result_type: 'document' }] } });
    });
  });
};
