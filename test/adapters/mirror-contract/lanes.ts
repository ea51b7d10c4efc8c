// What every mirror promises of finding jobs: in lanes, as dependents, by LEIA’s id.
import { describe, expect, it } from 'vitest';
import type { Lane } from '../../../functions/jobs/lanes.ts';
import { aRequest } from '../../support/jobs.ts';
import { newId } from '../../support/new-id.ts';
import { at, ended, followedUp, type Scene } from './scene.ts';

/** Indexes may lag: what they show is asked for until it is as expected. */
const soon = { timeout: 5000, interval: 100 };

export const lanesContract = ({ mirror, submitter, newJob, newBoundJob, recorded }: Scene): void => {
  const idsIn = async (lane: Lane, range: { after?: string; until?: string } = {}): Promise<string[]> =>
    (await Array.fromAsync(mirror.lane(submitter(), lane, range))).map(({ id }) => id).toSorted();

  describe('LEIA’s id', () => {
    it('leads to the job once it is bound', async () => {
      const job = await recorded(newJob());
      const leiaId = newId();
      await mirror.change(job.id, (present) => ({ ...present, stage: 'bound', leia_id: leiaId, sent_at: at(1) }));
      await expect.poll(async () => (await mirror.jobByLeiaId(leiaId))?.id, soon).toBe(job.id);
    });
  });

  describe('lanes', () => {
    it('follow the state of a job, from its submission to its follow-ups', async () => {
      const { id } = await recorded(newJob());
      await expect.poll(() => idsIn('unsent'), soon).toEqual([id]);
      await mirror.change(id, (job) => ({ ...job, stage: 'bound', leia_id: newId(), sent_at: at(1) }));
      await expect.poll(() => idsIn('unsent'), soon).toEqual([]);
      expect(await idsIn('sent')).toEqual([id]);
      await mirror.change(id, ended);
      await expect.poll(() => idsIn('sent'), soon).toEqual([]);
      expect(await idsIn('due')).toEqual([id]);
      await mirror.change(id, followedUp);
      await expect.poll(() => idsIn('due'), soon).toEqual([]);
    });

    it('show what a sweep needs without reading the job', async () => {
      const job = await recorded(newBoundJob({ status: 'PROCESSING', sent_at: at(7) }));
      const held = await recorded(newJob({ stage: 'held', held_for: newId(), status: 'WAITING' }));
      const entry = { id: job.id, status: 'PROCESSING', stage: 'bound', lane: 'sent', at: at(7), leia_id: job.leia_id };
      await expect.poll(() => Array.fromAsync(mirror.lane(submitter(), 'sent', {})), soon).toEqual([entry]);
      const [waiting] = await Array.fromAsync(mirror.lane(submitter(), 'held', {}));
      expect(waiting).toMatchObject({ id: held.id, held_for: held.held_for, at: held.creation_time });
    });

    it('are cut into windows that meet each job once: after is out, until is in', async () => {
      const jobs = await Promise.all(
        [0, 1, 2, 3, 4, 5].map((second) => recorded(newBoundJob({ sent_at: at(second) }))),
      );
      const idsOf = (...seconds: number[]): string[] => seconds.map((second) => jobs[second]?.id ?? '').toSorted();
      await expect.poll(() => idsIn('sent'), soon).toEqual(idsOf(0, 1, 2, 3, 4, 5));
      expect(await idsIn('sent', { after: at(1), until: at(3) })).toEqual(idsOf(2, 3));
      expect(await idsIn('sent', { until: at(1) })).toEqual(idsOf(0, 1));
      expect(await idsIn('sent', { after: at(3) })).toEqual(idsOf(4, 5));
      expect(await idsIn('sent', { after: at(3), until: at(3) })).toEqual([]);
      expect(await idsIn('sent', { after: at(4), until: at(2) })).toEqual([]);
    });

    it('know their oldest job', async () => {
      expect(await mirror.oldestInLane(submitter(), 'sent')).toBeUndefined();
      for (const second of [9, 3, 6]) await recorded(newBoundJob({ sent_at: at(second) }));
      await expect.poll(() => mirror.oldestInLane(submitter(), 'sent'), soon).toBe(at(3));
      await expect.poll(() => mirror.oldestInLane(submitter(), 'sent', at(3)), soon).toBe(at(6));
      expect(await mirror.oldestInLane(submitter(), 'sent', at(9))).toBeUndefined();
    });

    it('belong to a submitter()', async () => {
      await recorded(newJob({ submitter_id: newId() }));
      expect(await idsIn('unsent')).toEqual([]);
    });
  });

  describe('dependents', () => {
    it('are found at once by the job they wait for, and forgotten one by one', async () => {
      const prerequisite = newId();
      const held = () => recorded(newJob({ stage: 'held', held_for: prerequisite, status: 'WAITING' }));
      const first = await held();
      expect(await mirror.dependents(prerequisite)).toEqual([first.id]);
      const second = await held();
      expect((await mirror.dependents(prerequisite)).toSorted()).toEqual([first.id, second.id].toSorted());
      await mirror.dropDependent(prerequisite, first.id);
      await mirror.dropDependent(prerequisite, first.id);
      expect(await mirror.dependents(prerequisite)).toEqual([second.id]);
    });

    it('are recorded only together with their job', async () => {
      const existing = await recorded(newJob());
      const prerequisite = newId();
      await mirror.create({ ...existing, stage: 'held', held_for: prerequisite }, aRequest());
      expect(await mirror.dependents(prerequisite)).toEqual([]);
    });
  });

  describe('many jobs', () => {
    it('are read at once in the order asked for, each as often as asked for', async () => {
      const jobs = await Promise.all(Array.from({ length: 120 }, () => recorded(newJob())));
      const ids = [...jobs.map(({ id }) => id).toReversed(), newId(), jobs[0]?.id ?? ''];
      const read = await mirror.jobs(ids);
      expect(read.map(({ id }) => id)).toEqual(ids.filter((id) => jobs.some((job) => job.id === id)));
    });
  });
};
