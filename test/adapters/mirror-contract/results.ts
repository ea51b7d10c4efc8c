// What every mirror promises of results, and of requests that nothing needs any more.
import { describe, expect, it } from 'vitest';
import type { JobRecord } from '../../../functions/jobs/job.ts';
import { aRequest } from '../../support/jobs.ts';
import { at, ended, followedUp, remembered, type Scene } from './scene.ts';

const told =
  (state: 'given_up' | 'delivered') =>
  (job: JobRecord): JobRecord => ({ ...job, callback: { state, tries: 1, at: at(6), answer: 'HTTP 500' } });

/** JSON text of about so many bytes, with what a careless parser would change. */
const resultOf = (bytes: number): string =>
  `{"score": 1.0, "text":"${'ä€😀\\u0000 '.repeat(Math.max(0, Math.floor((bytes - 40) / 16)))}"}`;

export const resultsContract = ({ mirror, newJob, newBoundJob, recorded }: Scene): void => {
  describe('a result', () => {
    it.each([1, 5_000, 400_000])('of about %i bytes comes back byte for byte', async (bytes) => {
      const result = bytes === 1 ? '1.0' : resultOf(bytes);
      const job = await recorded(newBoundJob());
      const change = await mirror.change(
        job.id,
        (present) => ({ ...ended(present), result, result_type: 'object' }),
        job,
      );
      expect(change?.after && (await mirror.result(change.after))).toBe(result);
      const read = await mirror.job(job.id);
      expect(read && (await mirror.result(read))).toBe(result);
      await mirror.change(job.id, followedUp, change?.after);
      const settled = await mirror.job(job.id);
      expect(settled && (await mirror.result(settled))).toBe(result);
    });

    it.each([100, 5_000, 400_000])('of about %i bytes is left alone when it is larger than wanted', async (bytes) => {
      const result = resultOf(bytes);
      const job = await recorded(newBoundJob());
      await mirror.change(job.id, (present) => ({ ...ended(present), result, result_type: 'object' }), job);
      const read = await mirror.job(job.id);
      expect(read && (await mirror.result(read, Buffer.byteLength(result) - 1))).toBeNull();
      expect(read && (await mirror.result(read, Buffer.byteLength(result)))).toBe(result);
    });

    it('of an adopted job is there from the start', async () => {
      const result = resultOf(5_000);
      const job = newBoundJob({ status: 'PROCESSED', finished_time: at(5), result, result_type: 'object' });
      await mirror.create(job);
      const read = await mirror.job(job.id);
      expect(read?.result).toBeUndefined();
      expect(read && (await mirror.result(read))).toBe(result);
    });

    it('that JSON calls null is not the same as none', async () => {
      const job = await recorded(newBoundJob());
      const change = await mirror.change(job.id, (present) => ({ ...ended(present), result: 'null' }));
      expect(change?.after && (await mirror.result(change.after))).toBe('null');
      expect(await mirror.result(job)).toBeNull();
    });
  });

  describe('the request of a finished job', () => {
    it.each([10, 20_000, 400_000])('of %i bytes is kept until its follow-ups are done, then dropped', async (bytes) => {
      const job = newBoundJob();
      await mirror.create(job, aRequest({ callback_headers: { 'x-long': 'x'.repeat(bytes) } }));
      const end = await mirror.change(job.id, ended);
      expect(await mirror.request(job)).toBeDefined();
      await mirror.change(job.id, followedUp, end?.after);
      expect(await mirror.request(job)).toBeUndefined();
    });

    it.each([10, 20_000, 400_000])('of %i bytes stays with a job that FAILED: it may be resubmitted', async (bytes) => {
      const job = newBoundJob();
      const request = aRequest({ callback_headers: { 'x-long': 'x'.repeat(bytes) } });
      await mirror.create(job, request);
      const end = await mirror.change(job.id, (present) => ({ ...ended(present), status: 'FAILED' }));
      await mirror.change(job.id, followedUp, end?.after);
      expect(await mirror.request(job)).toEqual(request);
    });

    it.each([10, 20_000, 400_000])('of %i bytes is kept until its caller has been told', async (bytes) => {
      const job = newBoundJob({ callback: { state: 'asked', tries: 0 }, callback_url: 'https://cb.example/' });
      const request = aRequest({ callback_headers: { 'x-long': 'x'.repeat(bytes) } });
      await mirror.create(job, request);
      const end = await mirror.change(job.id, ended);
      const settled = await mirror.change(job.id, followedUp, end?.after);
      expect(await mirror.request(job)).toEqual(request);
      const failed = await mirror.change(job.id, told('given_up'), settled?.after);
      expect(await mirror.request(job)).toEqual(request);
      await mirror.change(job.id, told('delivered'), failed?.after);
      expect(await mirror.request(job)).toBeUndefined();
    });

    it('goes with the follow-ups when its caller was told before these were done', async () => {
      const job = newBoundJob({ callback: { state: 'asked', tries: 0 }, callback_url: 'https://cb.example/' });
      await mirror.create(job, aRequest());
      await mirror.change(job.id, ended);
      await mirror.change(job.id, told('delivered'));
      expect(await mirror.request(job)).toBeDefined();
      await mirror.change(job.id, followedUp);
      expect(await mirror.request(job)).toBeUndefined();
    });

    it('goes at once with a refusal, whoever wanted to be told', async () => {
      const job = await recorded(newJob({ stage: 'claimed', callback: { state: 'asked', tries: 0 } }));
      await mirror.change(job.id, remembered, job);
      expect(await mirror.request(job)).toBeUndefined();
      expect(await mirror.job(job.id)).toMatchObject({ refusal: { status: 404 } });
    });
  });
};
