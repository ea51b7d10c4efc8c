// `leia-jobs cancel` and `resubmit`: whom they mean, what they say first, and what they do then.
import { describe, expect, it } from 'vitest';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { APPLICATION, aBoundJob, aJob, aRequest, id, seconds, T0 } from '../support/jobs.ts';
import { anApplication, leiaJobs, memorySite } from '../support/repair-site.ts';

const OTHER = id(0x07e5);

const scene = async () => {
  const all = await memorySite();
  const { mirror, access } = all;
  await access.saveApplication(anApplication(OTHER), 'hash of another key');
  const create = async (nth: number, job: JobRecord): Promise<void> =>
    void (await mirror.create({ ...job, id: id(nth), creation_time: instant(T0 + seconds(nth)) }, aRequest()));
  await create(1, aJob({ attempt: 2, next_attempt_at: instant(T0 + seconds(9000)) }));
  await create(2, aJob({ stage: 'held', held_for: id(4), status: 'WAITING' }));
  await create(3, aBoundJob({ status: 'PROCESSING', job_type: 'predict', leia_id: id(0xa3) }));
  await create(4, aBoundJob({ status: 'PROCESSED', leia_id: id(0xa4) }));
  await create(5, aJob({ submitter_id: OTHER }));
  await create(6, aBoundJob({ status: 'PROCESSING', fingerprint: 'f', leia_id: id(0xa6) }));
  await mirror.change(id(6), (job) => ({ ...job, status: 'FAILED', reason: 'ill', http_code: 500 }));
  const matched = async (...args: string[]): Promise<string[]> => {
    const json = (await leiaJobs(all.site, [...args, '--dry-run', '--json'])).json() as {
      matched: { job_id: string }[];
    };
    return json.matched.map(({ job_id }) => job_id);
  };
  return { ...all, matched };
};
const ids = (...numbers: number[]): string[] => numbers.map(id);

describe('the jobs that a cancel means', () => {
  it.each([
    ['all that have not ended', ['--all'], [1, 2, 3, 5]],
    ['those in a status', ['--status', 'WAITING'], [2]],
    ['those at a stage', ['--stage', 'bound'], [3]],
    ['those of an application', ['--application', OTHER], [5]],
    ['those of a type', ['--type', 'predict'], [3]],
    [
      'those created in a time',
      ['--created-after', '2026-01-01T00:00:01Z', '--created-before', '2026-01-01T00:00:03.5Z'],
      [2, 3],
    ],
    ['those that all options fit', ['--application', APPLICATION, '--stage', 'unsent'], [1]],
    ['none that has ended', ['--status', 'PROCESSED'], []],
    ['those named, by LEIA’s id as well', [id(2), id(0xa3)], [2, 3]],
  ] as [string, string[], number[]][])('are %s', async (_what, args, expected) => {
    const { matched } = await scene();
    expect(await matched('cancel', ...args)).toEqual(ids(...expected));
  });

  it('must be said', async () => {
    const { site } = await scene();
    await expect(leiaJobs(site, ['cancel', '--yes'])).rejects.toThrow('say which jobs: ids, --status');
  });

  it('must be known', async () => {
    const { site } = await scene();
    await expect(leiaJobs(site, ['cancel', id(1), id(99), '--yes'])).rejects.toThrow(`no such job is known: ${id(99)}`);
  });

  it('are no more than --most', async () => {
    const { site } = await scene();
    const json = (await leiaJobs(site, ['cancel', '--all', '--most', '2', '--dry-run', '--json'])).json();
    expect(json).toMatchObject({ more: true, matched: [{}, {}] });
  });
});

describe('a cancel', () => {
  it('says first what it would do to how many, and does nothing where the answer is no', async () => {
    const { site, mirror } = await scene();
    const told = await leiaJobs(site, ['cancel', '--all'], false);
    expect(told.notes.join('\n')).toMatch(/4 jobs\n.*would.*type.*\n2 +cancel here +image-text +READY +unsent/);
    expect(told.asked).toEqual(['Cancel 4 jobs?']);
    expect(told.answers).toEqual(['Nothing was done.']);
    expect((await mirror.job(id(1)))?.status).toBe('READY');
  });

  it('asks nobody where nobody is', async () => {
    const { site } = await scene();
    await expect(leiaJobs(site, ['cancel', '--all'])).rejects.toThrow('say --yes');
  });

  it('cancels what LEIA does not have, and records the intent for what it has', async () => {
    const { site, mirror } = await scene();
    const told = await leiaJobs(site, ['cancel', '--all', '--yes']);
    expect(told.answers.join('\n').split('\n')).toEqual([
      `${id(1)} cancelled`,
      `${id(2)} cancelled`,
      `${id(3)} asked to be cancelled (LEIA has not confirmed it yet)`,
      `${id(5)} cancelled`,
    ]);
    expect((await mirror.job(id(3)))?.cancel_requested_at).toBeDefined();
  });

  it('calls repair-jobs for a few jobs at a time; what it does not answer for may be repeated', async () => {
    const { site, mirror, calls } = await memorySite();
    for (let nth = 1; nth <= 25; nth += 1) await mirror.create(aJob({ id: id(nth) }));
    const call: typeof site.functions.call = async (name, payload) => {
      const answer = await site.functions.call(name, payload);
      if (calls.length === 2) throw new Error('timed out');
      return answer;
    };
    const failing = { ...site, functions: { call } };
    await expect(leiaJobs(failing, ['cancel', '--all', '--yes'])).rejects.toThrow('not everything was done');
    expect(calls.map(([, task]) => (task as { job_ids: string[] }).job_ids.length)).toEqual([10, 10, 5]);
    expect((await leiaJobs(failing, ['cancel', '--all', '--yes'])).answers).toEqual(['No such job.']);
  });
});

describe('a resubmission', () => {
  it('means FAILED and unsent jobs', async () => {
    const { matched } = await scene();
    expect(await matched('resubmit', '--all')).toEqual(ids(1, 5, 6));
    expect(await matched('resubmit', '--status', 'FAILED')).toEqual(ids(6));
    expect(await matched('resubmit', '--reason', 'ill')).toEqual(ids(6));
    expect(await matched('resubmit', '--reason', 'well')).toEqual([]);
    expect(await matched('resubmit', '--stage', 'unsent')).toEqual(ids(1, 5));
    expect(await matched('resubmit', '--created-after', '2026-01-01T00:00:05Z')).toEqual(ids(6));
  });

  it('says beforehand of each what it would do, or why it cannot', async () => {
    const { site } = await scene();
    const json = (await leiaJobs(site, ['resubmit', id(1), id(3), id(4), id(6), '--dry-run', '--json'])).json();
    expect(json).toMatchObject({
      matched: [
        { job_id: id(1), would: 'send now' },
        { job_id: id(3), would: 'nothing: LEIA has it: PROCESSING' },
        { job_id: id(4), would: 'nothing: it is PROCESSED' },
        { job_id: id(6), would: 'submit as a new job' },
      ],
    });
  });

  it('says so of a row of jobs, and of one whose request is gone', async () => {
    const { site, mirror } = await memorySite();
    const fail = (job: JobRecord): JobRecord => ({ ...job, status: 'FAILED', reason: 'ill', http_code: 500 });
    await mirror.create(aBoundJob({ id: id(1), fingerprint: 'f', leia_id: id(0xa1) }), aRequest());
    await mirror.create(
      aBoundJob({ id: id(2), fingerprint: 'f', leia_id: id(0xa2), execute_after_id: id(1) }),
      aRequest(),
    );
    await mirror.create(aBoundJob({ id: id(3), fingerprint: 'f', leia_id: id(0xa3) }));
    for (const nth of [1, 2, 3]) await mirror.change(id(nth), fail);
    const would = async (...args: string[]): Promise<unknown> =>
      (await leiaJobs(site, ['resubmit', ...args, '--dry-run', '--json'])).json();
    expect(await would('--all')).toMatchObject({
      matched: [
        { job_id: id(1), would: 'submit as a new job' },
        { job_id: id(2), would: 'submit as a new job' },
        { job_id: id(3), would: 'nothing: its request is kept no longer' },
      ],
    });
    expect(await would(id(2))).toMatchObject({
      matched: [{ would: `nothing: its prerequisite, job ${id(1)}, is FAILED: resubmit that one first` }],
    });
  });

  it('sends the one and submits the other anew, and names the new job', async () => {
    const { site, queued } = await scene();
    const json = (await leiaJobs(site, ['resubmit', id(1), id(6), '--yes', '--json'])).json();
    expect(json).toMatchObject({ repairs: [{ outcome: 'queued' }, { outcome: 'submitted', new_job_id: queued[1] }] });
    expect(queued[0]).toBe(id(1));
  });
});
