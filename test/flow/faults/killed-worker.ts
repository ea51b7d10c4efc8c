// A Lambda worker is killed in the middle of a submission: after LEIA took the job, or before it could.
import pMap from 'p-map';
import { describe, expect, it } from 'vitest';
import { newId } from '../../support/new-id.ts';
import { deployed, killWorkers, showsProcesses } from '../support/deployed.ts';
import { eventually, type Ground } from '../support/ground.ts';
import { type Figures, heal } from './aftermath.ts';
import { newWorker, type Worker } from './load.ts';

/** When the worker is killed, by what LEIA does with the submission. */
const moments = [
  { what: 'once LEIA has it, which calls back', fault: { delayMs: 1800 }, callback: true },
  { what: 'once LEIA has it, and the callback is lost', fault: { delayMs: 1800 }, callback: false },
  { what: 'before LEIA does anything', fault: { answer: 'nothing' }, callback: true },
] as const;

export const workerFaults = (ground: () => Ground, note: (figures: Figures) => void): void => {
  describe.skipIf(!showsProcesses)('a Lambda worker that is killed in the middle of a submission', () => {
    const killedIn = async (worker: Worker, { fault, callback }: (typeof moments)[number]) => {
      const { leia } = ground();
      const path = `/document/${await worker.upload()}/transform/text`;
      const key = { 'idempotency-key': newId() };
      if (!callback) await leia.callbackRule({ action: 'drop', times: 1 });
      await leia.fault({ method: 'POST', path: '/transform/', times: 1, ...fault });
      await leia.resetCounts();
      const submission = worker.post(path, {}, key);
      await eventually('LEIA to be asked', async () => ((await leia.counts()).submit ? true : undefined));
      expect(await killWorkers(deployed().name('submit-job'))).toBeGreaterThan(0);
      expect((await submission).status).toBeGreaterThanOrEqual(500);
      return { path, key };
    };

    /** As a client does: 409 says that the first one is still on its way. */
    const repeatedUntilTaken = (worker: Worker, { path, key }: { path: string; key: Record<string, string> }) =>
      eventually(
        'the job',
        async () => {
          await ground().sweep();
          const again = await worker.post(path, {}, key);
          expect([200, 409]).toContain(again.status);
          return again.status === 200 ? String(again.json.id) : undefined;
        },
        60,
      );

    it('leaves nothing undone: its client asks again with the same key and gets the one job', async () => {
      const worker = await newWorker(ground());
      const killed = await pMap(moments, (moment) => killedIn(worker, moment), { concurrency: 1 });
      const ids = await pMap(killed, (submission) => repeatedUntilTaken(worker, submission), { concurrency: 1 });
      note(await heal(ground(), 'worker killed in the middle of a submission', ids));
      const made = (await ground().leia.jobs()).filter(({ callback_url }) =>
        ids.some((id) => callback_url?.includes(id)),
      );
      expect(made).toHaveLength(killed.length);
    });
  });
};
