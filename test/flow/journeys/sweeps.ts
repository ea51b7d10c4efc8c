// Journeys of sweeps: many jobs, forgotten jobs, two sweeps at once (D7).
import pMap from 'p-map';
import { describe, expect, it } from 'vitest';
import { atLeia, type Client, eventually, type Ground, logIn, sweepUntil } from '../support/ground.ts';

const submitMany = async (client: Client, count: number): Promise<string[]> => {
  const document = await client.upload();
  const submit = async () => String((await client.post(`/document/${document}/transform/text`)).json.id);
  return pMap(Array.from({ length: count }), submit, { concurrency: 8 });
};

/** Jobs that LEIA holds, and whose callbacks will all be lost. */
const inFlight = async (ground: Ground, count: number) => {
  await ground.leia.callbackRule({ action: 'drop', times: count });
  await ground.leia.holdJobs(true);
  const client = await logIn(ground.baseUrl, ground.apiKey);
  return { client, ids: await submitMany(client, count) };
};

const endedAtLeia = async (ground: Ground, ids: string[]): Promise<void> => {
  await ground.leia.holdJobs(false);
  await eventually(
    'all to end at LEIA',
    async () => {
      const jobs = (await ground.leia.jobs()).filter((job) => ids.some((id) => job.callback_url?.includes(id)));
      return jobs.length === ids.length && jobs.every((job) => job.status === 'PROCESSED') ? true : undefined;
    },
    60,
  );
};

const finished = async (ground: Ground, ids: string[]): Promise<boolean> =>
  (await Promise.all(ids.map((id) => ground.mirror.job(id)))).every((job) => job?.status === 'PROCESSED');

/** Leaves a stream behind that takes the emulated AWS minutes to work off: others would find it in their way. */
export const manyJobsJourney = (ground: () => Ground, { many }: { many: number }): void => {
  describe('a sweep', () => {
    it(`finds ${many} jobs in flight with a status request for every 200 of them`, async () => {
      const { ids } = await inFlight(ground(), many);
      await endedAtLeia(ground(), ids);
      await ground().pass(2);
      await ground().leia.resetCounts();
      await ground().sweep();
      expect(await finished(ground(), ids)).toBe(true);
      const { statuses = 0 } = await ground().leia.counts();
      expect(statuses).toBeGreaterThan(0);
      expect(statuses).toBeLessThanOrEqual(Math.ceil(many / 200) + 2);
    });
  });
};

export const sweepJourneys = (ground: () => Ground): void => {
  describe('a sweep', () => {
    it('is not spoiled by one forgotten job that makes LEIA answer a whole batch with 404', async () => {
      const { client, ids } = await inFlight(ground(), 6);
      const [lost = '', ...others] = ids;
      await endedAtLeia(ground(), ids);
      await ground().leia.forgetJob((await atLeia(ground(), lost))[0]?.id ?? '');
      await ground().leia.fault({ path: '^/job/.*/status', onlyBatch: true, times: 1, answer: 404 });
      await ground().pass(2);
      await sweepUntil(ground(), 'the others', () => finished(ground(), others));
      await sweepUntil(
        ground(),
        'the forgotten one',
        async () => (await client.get(`/job/${lost}`)).json.status === 'FAILED',
      );
      const job = (await client.get(`/job/${lost}`)).json;
      expect(job).toMatchObject({ http_code: 500, reason: expect.stringContaining('does not know') });
    });

    it('beside another does the same work once', async () => {
      const { ids } = await inFlight(ground(), 10);
      await endedAtLeia(ground(), ids);
      await ground().pass(2);
      await Promise.all([ground().sweep(), ground().sweep()]);
      await sweepUntil(ground(), 'all', () => finished(ground(), ids));
      for (const id of ids) expect(await atLeia(ground(), id)).toHaveLength(1);
    });
  });
};
