// Journeys of LEIA's callbacks: lost, doubled, early, forged (D10).
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { atLeia, awaitStatus, call, eventually, type Ground, logIn, sweepUntil } from '../support/ground.ts';

export const callbackJourneys = (ground: () => Ground): void => {
  describe('a callback', () => {
    const submitted = async () => {
      const client = await logIn(ground().baseUrl, ground().apiKey);
      const document = await client.upload();
      const { json } = await client.post(`/document/${document}/transform/text`);
      return { client, id: String(json.id) };
    };

    it('tells of the end, and LEIA is asked for nothing more', async () => {
      await ground().leia.resetCounts();
      const { client, id } = await submitted();
      const job = await awaitStatus(client, id);
      expect(job).toMatchObject({
        id,
        status: 'PROCESSED',
        result_type: 'document',
        http_code: 200,
        callback_url: null,
      });
      const counts = await ground().leia.counts();
      expect(counts).toMatchObject({ submit: 1 });
      expect((counts['get-job'] ?? 0) + (counts.statuses ?? 0) + (counts['list-jobs'] ?? 0)).toBe(0);
      const [made] = await atLeia(ground(), id);
      expect(JSON.stringify(job)).not.toContain(made?.id);
    });

    it('that is lost is made up for by a sweep', async () => {
      await ground().leia.callbackRule({ action: 'drop', times: 1 });
      const { client, id } = await submitted();
      await eventually('the job to end at LEIA', async () =>
        (await atLeia(ground(), id))[0]?.status === 'PROCESSED' ? true : undefined,
      );
      await sweepUntil(
        ground(),
        'the ending',
        async () => (await client.get(`/job/${id}`)).json.status === 'PROCESSED',
      );
      expect((await client.get(`/job/${id}`)).headers.get('x-observed-via')).toBe('sweep');
    });

    it('that comes twice changes nothing the second time', async () => {
      const { client, id } = await submitted();
      await awaitStatus(client, id);
      const before = await eventually('the follow-ups', async () => {
        const job = await ground().mirror.job(id);
        return job?.follow_up_due === undefined ? job : undefined;
      });
      await ground().leia.callBack((await atLeia(ground(), id))[0]?.id ?? '');
      const answers = await eventually('the second callback', async () => {
        const log = (await ground().leia.callbackLog()).filter((entry) => JSON.stringify(entry).includes(id));
        return log.length >= 2 ? log : undefined;
      });
      expect(JSON.stringify(answers)).toContain('204');
      expect(await ground().mirror.job(id)).toEqual(before);
    });

    it('that comes before the answer to the submission binds the job; the answer changes nothing', async () => {
      await ground().leia.fault({ method: 'POST', path: '/transform/', times: 1, delayMs: 700 });
      const { client, id } = await submitted();
      expect(await awaitStatus(client, id)).toMatchObject({ status: 'PROCESSED' });
      expect(await atLeia(ground(), id)).toHaveLength(1);
      expect((await ground().mirror.job(id))?.observed_via).toBe('callback');
    });

    it('is taken whether it was signed before a rotation of the secret or after it', async () => {
      await ground().leia.holdJobs(true);
      const { client, id: before } = await submitted();
      const secret = await ground().rotateCallbackSecret();
      // Functions remember the secret for so long.
      await ground().pass(2);
      const { id: after } = await submitted();
      const isSignedAnew = async (id: string) =>
        (await atLeia(ground(), id))[0]?.callback_url?.endsWith(createHmac('sha256', secret).update(id).digest('hex'));
      expect([await isSignedAnew(before), await isSignedAnew(after)]).toEqual([false, true]);
      await ground().leia.holdJobs(false);
      for (const id of [before, after]) {
        expect(await awaitStatus(client, id)).toMatchObject({ status: 'PROCESSED' });
        expect((await ground().mirror.job(id))?.observed_via).toBe('callback');
        const told = (await ground().leia.callbackLog()).filter(({ url }) => url.includes(id));
        expect(told.map(({ outcome }) => outcome)).toEqual([204]);
      }
    });

    it('that is forged is refused and changes nothing', async () => {
      await ground().leia.holdJobs(true);
      const { id } = await submitted();
      const other = await submitted();
      const url = new URL((await atLeia(ground(), id))[0]?.callback_url ?? '');
      const otherMac = ((await atLeia(ground(), other.id))[0]?.callback_url ?? '').split('/').at(-1);
      const before = await ground().mirror.job(id);
      const forged = { ...(await other.client.get(`/job/${id}`)).json, status: 'CANCELED' };
      const attempts: [string, string, unknown, number][] = [
        ['a wrong MAC', url.href.replace(/[0-9a-f]{64}$/, 'f'.repeat(64)), forged, 404],
        ['no MAC at all', url.href.replace(/[0-9a-f]{64}$/, 'x'), forged, 404],
        ["another job's MAC", url.href.replace(/[0-9a-f]{64}$/, String(otherMac)), forged, 404],
        ['an unknown job', url.href.replace(id, 'f'.repeat(24)), forged, 404],
        ['a body that is no Job', url.href, { hello: 1 }, 400],
        ['a body that is no JSON', url.href, undefined, 400],
      ];
      for (const [what, target, body, status] of attempts) {
        const reply = await call(target, { method: 'POST', body: body === undefined ? '{{{' : JSON.stringify(body) });
        expect(`${what}: ${reply.status}`).toBe(`${what}: ${status}`);
        expect(reply.headers.get('content-type')).toContain('problem+json');
      }
      expect(await ground().mirror.job(id)).toEqual(before);
      await ground().leia.holdJobs(false);
    });
  });
};
