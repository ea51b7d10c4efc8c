// What every mirror promises of lists: entries of all of a submitter's jobs, with the fields asked for.
import { describe, expect, it } from 'vitest';
import type { CreationRange } from '../../../functions/adapters/mirror.ts';
import type { JobRecord } from '../../../functions/jobs/job.ts';
import type { ListEntry, ListField } from '../../../functions/jobs/select-jobs.ts';
import { proven } from '../../../functions/jobs/sending.ts';
import { newId } from '../../support/new-id.ts';
import { at, remembered, type Scene } from './scene.ts';

/** Indexes may lag: what they show is asked for until it is as expected. */
const soon = { timeout: 5000, interval: 100 };

export const listsContract = ({ mirror, submitter, newJob, newBoundJob, recorded }: Scene): void => {
  const entries = async (range: CreationRange = {}, fields: ListField[] = []): Promise<ListEntry[]> => {
    const parts = mirror.listed(submitter(), range, fields);
    const found = (await Promise.all(parts.map((pages) => Array.fromAsync(pages)))).flat(2);
    return found.toSorted((a, b) => (a.creation_time + a.id < b.creation_time + b.id ? -1 : 1));
  };
  const named = ({ id, creation_time }: JobRecord): ListEntry => ({ id, creation_time });

  describe('the jobs of a submitter', () => {
    it('are listed one and all, whatever has become of them', async () => {
      const jobs = await Promise.all([0, 1, 2, 3].map((second) => recorded(newJob({ creation_time: at(second) }))));
      await mirror.change(jobs[1]?.id ?? '', (job) => ({ ...job, status: 'CANCELED', finished_time: at(9) }));
      await expect.poll(() => entries(), soon).toEqual(jobs.map(named));
    });

    it('are listed within bounds, both exclusive', async () => {
      const jobs = await Promise.all([0, 1, 2, 3].map((second) => recorded(newJob({ creation_time: at(second) }))));
      await expect.poll(() => entries(), soon).toHaveLength(4);
      const within = async (range: CreationRange) => (await entries(range)).map(({ id }) => id);
      const idsOf = (...seconds: number[]) => seconds.map((second) => jobs[second]?.id);
      expect(await within({ after: at(1) })).toEqual(idsOf(2, 3));
      expect(await within({ before: at(1) })).toEqual(idsOf(0));
      expect(await within({ after: at(0), before: at(3) })).toEqual(idsOf(1, 2));
      expect(await within({ after: at(1), before: at(1) })).toEqual([]);
      expect(await within({ after: at(3), before: at(0) })).toEqual([]);
    });

    it('are listed with the fields asked for, as they are, and no others', async () => {
      const parent = newId();
      const given = {
        status: 'PROCESSING',
        starting_time: at(3),
        parent_job_id: parent,
        document_ids: ['a', 'b'],
      } as const;
      const job = await recorded(newBoundJob({ ...given, document_ids: ['a', 'b'] }));
      const fields: ListField[] = ['status', 'starting_time', 'finished_time', 'parent_job_id', 'document_ids'];
      await expect.poll(() => entries({}, fields), soon).toEqual([{ ...named(job), ...given, finished_time: null }]);
      await expect.poll(() => entries(), soon).toEqual([named(job)]);
    });

    it('do not include a refused submission', async () => {
      const refused = await recorded(newJob({ stage: 'claimed' }));
      const shown = await recorded(newJob());
      await mirror.change(refused.id, remembered);
      await expect.poll(() => entries(), soon).toEqual([named(shown)]);
    });

    it('include one whose token was still looked up once that has been found alive', async () => {
      const early = await recorded(newJob({ stage: 'claimed', unproven: 'hash of a token' }));
      const shown = await recorded(newJob({ creation_time: at(1) }));
      await expect.poll(() => entries(), soon).toEqual([named(shown)]);
      await mirror.change(early.id, proven);
      await expect.poll(() => entries(), soon).toEqual([named(early), named(shown)]);
      expect((await mirror.job(early.id))?.unproven).toBeUndefined();
    });

    it('are nobody else’s', async () => {
      await recorded(newJob({ submitter_id: newId() }));
      expect(await entries()).toEqual([]);
    });
  });
};
