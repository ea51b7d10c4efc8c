// What every mirror promises of recording and changing a job.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobRecord } from '../../../functions/jobs/job.ts';
import { proven } from '../../../functions/jobs/sending.ts';
import { aRequest } from '../../support/jobs.ts';
import { newId } from '../../support/new-id.ts';
import { at, type Scene } from './scene.ts';

export const changesContract = ({ mirror, newJob, newBoundJob, recorded }: Scene): void => {
  describe('a new job', () => {
    it('can be read back as it was written, empty texts and nulls included', async () => {
      const job = newJob({ reason: '', page_range: null, document_ids: ['a', 'a', ''], last_error: '' });
      expect(await mirror.create(job, aRequest())).toBeUndefined();
      expect(await mirror.job(job.id)).toEqual(job);
      expect(await mirror.jobs([job.id])).toEqual([job]);
    });

    it('is created once: who comes second is told of the first', async () => {
      const first = await recorded(newJob({ fingerprint: 'first' }));
      expect(await mirror.create({ ...first, fingerprint: 'second' }, aRequest())).toEqual(first);
      expect(await mirror.job(first.id)).toEqual(first);
    });

    it('is created once by many at the same time', async () => {
      const job = newJob();
      const answers = await Promise.all(Array.from({ length: 6 }, () => mirror.create(job, aRequest())));
      expect(answers.filter((existing) => existing === undefined)).toHaveLength(1);
    });

    it('keeps its request, small or large', async () => {
      for (const size of [10, 20_000, 400_000]) {
        const request = aRequest({ callback_headers: { 'x-empty': '', 'x-long': 'ü'.repeat(size / 2) } });
        const job = newJob();
        await mirror.create(job, request);
        expect(await mirror.request(job)).toEqual(request);
      }
    });

    it('may have no request, when somebody else sent it', async () => {
      const job = newBoundJob();
      await mirror.create(job);
      expect(await mirror.request(job)).toBeUndefined();
    });
  });

  describe('a job whose token is still looked up', () => {
    it('is withdrawn with its request, small or large, and leaves its id free', async () => {
      for (const size of [10, 20_000, 400_000]) {
        const request = aRequest({ callback_headers: { 'x-long': 'ü'.repeat(size / 2) } });
        const job = newJob({ stage: 'claimed', unproven: 'hash of a token' });
        await mirror.create(job, request);
        await mirror.withdraw(job.id);
        expect([await mirror.job(job.id), await mirror.request(job)]).toEqual([undefined, undefined]);
        await mirror.withdraw(job.id);
        expect(await mirror.create({ ...job, unproven: undefined })).toBeUndefined();
      }
    });

    it('stays once that is found alive', async () => {
      const job = await recorded(newJob({ stage: 'claimed', unproven: 'hash of a token' }));
      const { after } = (await mirror.change(job.id, proven)) ?? {};
      await mirror.withdraw(job.id);
      expect(after && (await mirror.job(job.id))).toEqual(after);
    });
  });

  describe('a job nobody knows', () => {
    it('is found nowhere', async () => {
      const job = newBoundJob();
      expect(await mirror.job(job.id)).toBeUndefined();
      expect(await mirror.jobs([job.id])).toEqual([]);
      expect(await mirror.jobs([])).toEqual([]);
      expect(await mirror.jobByLeiaId(newId())).toBeUndefined();
      expect(await mirror.request(job)).toBeUndefined();
      expect(await mirror.result(job)).toBeNull();
      expect(await mirror.dependents(job.id)).toEqual([]);
    });

    it('cannot be changed, not even by one who thinks to know it', async () => {
      const job = newJob();
      expect(await mirror.change(job.id, (present) => ({ ...present, attempt: 9 }))).toBeUndefined();
      expect(await mirror.change(job.id, (present) => ({ ...present, attempt: 9 }), job)).toBeUndefined();
      expect(await mirror.job(job.id)).toBeUndefined();
    });
  });

  describe('a change', () => {
    it('is written with the next version and answered with before and after', async () => {
      const before = await recorded(newJob({ next_attempt_at: at(1), last_error: 'LEIA did not answer' }));
      const { next_attempt_at: _next, last_error: _error, ...rest } = before;
      const change = await mirror.change(before.id, () => ({ ...rest, stage: 'claimed', claimed_until: at(30) }));
      const after = { ...rest, stage: 'claimed', claimed_until: at(30), version: 2 };
      expect(change).toEqual({ before, after });
      expect(await mirror.job(before.id)).toEqual(after);
    });

    it('that decides on nothing, or on the same, writes nothing', async () => {
      const job = await recorded(newJob());
      expect(await mirror.change(job.id, () => undefined)).toEqual({ before: job });
      expect(await mirror.change(job.id, (present) => present)).toEqual({ before: job });
      expect(await mirror.job(job.id)).toEqual(job);
    });

    it('decided on an old state is decided again on the present one', async () => {
      const old = await recorded(newJob());
      await mirror.change(old.id, (job) => ({ ...job, attempt: job.attempt + 1 }));
      const decidedOn: number[] = [];
      const again = await mirror.change(
        old.id,
        (job) => {
          decidedOn.push(job.version);
          return { ...job, attempt: job.attempt + 10 };
        },
        old,
      );
      expect(decidedOn).toEqual([1, 2]);
      expect(again?.after).toMatchObject({ attempt: 11, version: 3 });
    });

    it('is never lost among others at the same time', async () => {
      const additions = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 });
      const noneIsLost = fc.asyncProperty(additions, async (amounts) => {
        const { id } = await recorded(newJob());
        const add = (amount: number) => mirror.change(id, (job) => ({ ...job, attempt: job.attempt + amount }));
        await Promise.all(amounts.map(add));
        const sum = amounts.reduce((total, amount) => total + amount, 0);
        expect(await mirror.job(id)).toMatchObject({ attempt: sum, version: 1 + amounts.length });
      });
      await fc.assert(noneIsLost, { numRuns: 5 });
    });

    it('that must happen once happens once among many at the same time', async () => {
      const { id } = await recorded(newJob());
      const claim = (job: JobRecord): JobRecord | undefined =>
        job.stage === 'unsent'
          ? { ...job, stage: 'claimed', attempt: job.attempt + 1, claimed_until: at(30) }
          : undefined;
      const changes = await Promise.all(Array.from({ length: 6 }, () => mirror.change(id, claim)));
      expect(changes.filter((change) => change?.after)).toHaveLength(1);
    });

    it('does not touch the request of an unfinished job', async () => {
      const job = newJob();
      const request = aRequest({ output_tag: 'kept' });
      await mirror.create(job, request);
      const change = await mirror.change(job.id, (present) => ({ ...present, attempt: 1 }), job);
      expect(await mirror.request(change?.after ?? job)).toEqual(request);
    });

    it('cannot write what could not be read again', async () => {
      const job = await recorded(newJob());
      const broken = mirror.change(job.id, (present) => ({ ...present, starting_time: 'yesterday' }));
      await expect(broken).rejects.toThrow();
      expect(await mirror.job(job.id)).toEqual(job);
    });
  });
};
