// Faults of LEIA: its process is killed, and started again a minute later, while clients go on; and it loses, doubles and
// delays its callbacks.
import { describe, expect, it } from 'vitest';
import { call, type Ground } from '../support/ground.ts';
import { type Figures, heal } from './aftermath.ts';
import type { LeiaProcess } from './leia-process.ts';
import { newWorker, submitMany, submitSteadily, whileSweeping } from './load.ts';

const downSeconds = 60;
/** Before and after, so that jobs are on their way when it goes. */
const aroundSeconds = 4;

type Given = { ground: () => Ground; leiaProcess: LeiaProcess; note: (figures: Figures) => void };

export const leiaFaults = ({ ground, leiaProcess, note }: Given): void => {
  describe('LEIA', () => {
    const leiaAnswers = () =>
      call(`${ground().leiaUrl}/whoami`).then(
        () => true,
        () => false,
      );

    it(`is killed for ${downSeconds} seconds under load: every client got its id, and every job ran once`, async () => {
      const { leia } = ground();
      const worker = await newWorker(ground());
      await leia.script({ durationMs: 1500 });
      const seconds = downSeconds + 2 * aroundSeconds;
      const { ids, slowestMs } = await whileSweeping(ground(), 2000, async () => {
        const load = submitSteadily(worker, { seconds, everyMs: 500 });
        await ground().pass(aroundSeconds);
        await leiaProcess.kill();
        await ground().pass(downSeconds);
        expect(await leiaAnswers()).toBe(false);
        await leiaProcess.startAgain();
        expect(await leiaAnswers()).toBe(true);
        return load;
      });
      note(await heal(ground(), `LEIA killed for ${downSeconds} s under load`, ids));
      // Java's client gives up after 10 s.
      expect(slowestMs).toBeLessThan(10_000);
    });

    it('drops 30 % of 200 callbacks, sends 20 % twice and 10 % late: every job ends all the same', async () => {
      const { leia } = ground();
      const worker = await newWorker(ground());
      // One is asked after the other: of the callbacks that are left at each.
      await leia.callbackRule({ action: 'drop', probability: 0.3, seed: 1 });
      await leia.callbackRule({ action: 'duplicate', probability: 0.2 / 0.7, seed: 2 });
      await leia.callbackRule({ action: 'delay', probability: 0.1 / 0.5, delayMs: 6000, seed: 3 });
      const ids = await submitMany(worker, 200);
      note(await heal(ground(), '200 callbacks: 30 % lost, 20 % twice, 10 % late', ids));
      const log = (await leia.callbackLog()).filter(({ url }) => ids.some((id) => url.includes(id)));
      const times = Map.groupBy(log, ({ jobId }) => jobId);
      const dropped = log.filter(({ outcome }) => outcome === 'dropped').length;
      const doubled = [...times.values()].filter((entries) => entries.length > 1).length;
      expect(dropped).toBeGreaterThan(40);
      expect(doubled).toBeGreaterThan(20);
      expect(log.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'dropped' && outcome !== 204)).toEqual(
        [],
      );
    });
  });
};
