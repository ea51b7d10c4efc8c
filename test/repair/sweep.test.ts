// `leia-jobs sweep`: its progress, its summary, and what it says when a sweep fails.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../bin/repair/failure.ts';
import { sweepNow } from '../../bin/repair/sweep.ts';
import { APPLICATION } from '../support/jobs.ts';
import { leiaJobs, memorySite, NOW } from '../support/repair-site.ts';

describe('a sweep by hand', () => {
  it('says what each lane came to', async () => {
    const { site } = await memorySite();
    const [text] = (await leiaJobs(site, ['sweep'])).answers;
    expect(text).toMatch(new RegExp(`${APPLICATION} +unsent +to its end +2`));
    expect((await leiaJobs(site, ['sweep', '--json'])).json()).toEqual([
      { submitter: APPLICATION, lanes: { unsent: { complete: true, asked: 2 } } },
    ]);
  });

  it('shows meanwhile which lanes are done', async () => {
    const { site, access } = await memorySite();
    const call = async () => {
      await sleep(30);
      await access.moveWatermark(APPLICATION, 'sent', NOW);
      await sleep(60);
      return [];
    };
    const progress: string[] = [];
    const terminal = {
      answer: () => {},
      note: () => {},
      confirm: () => undefined,
      progress: (text: string) => void progress.push(text),
    };
    await sweepNow({ ...site, functions: { call } }, terminal, 5);
    expect(progress[0]).toBe('Sweeping, 0 s; lanes done: none yet');
    expect(progress).toContain('Sweeping, 0 s; lanes done: sent');
    expect(progress.at(-1)).toBe('');
  });

  it('that fails says why', async () => {
    const { site } = await memorySite();
    const call = async () => {
      throw new Failure('leia-jobs-sweep-jobs failed: the sweep of 1 application(s) failed');
    };
    await expect(leiaJobs({ ...site, functions: { call } }, ['sweep'])).rejects.toThrow('the sweep of 1 application');
  });
});
