// `leia-jobs redrive`: what was given up, what becomes of it, and that nothing is lost on the way.
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { StreamRecord } from '../../bin/repair/set-aside.ts';
import { jobKey } from '../../functions/adapters/job-items.ts';
import { instant, type JobRecord, type Status } from '../../functions/jobs/job.ts';
import { aBoundJob, id, T0 } from '../support/jobs.ts';
import { leiaJobs, memorySite } from '../support/repair-site.ts';

const change = (from: JobRecord, to: JobRecord): StreamRecord =>
  StreamRecord.parse({
    eventID: `${to.id}-${to.version}`,
    dynamodb: {
      Keys: marshall(jobKey(to.id)),
      OldImage: marshall({ ...jobKey(from.id), ...from }, { removeUndefinedValues: true }),
      NewImage: marshall({ ...jobKey(to.id), ...to }, { removeUndefinedValues: true }),
      SequenceNumber: `${to.id}-${to.version}`,
    },
  });

const moved = (nth: number, from: Status, to: Status): StreamRecord =>
  change(
    aBoundJob({ id: id(nth), status: from }),
    aBoundJob({ id: id(nth), status: to, version: 2, observed_at: instant(T0) }),
  );

describe('dead letters', () => {
  it('go back to their queue, all there were and no more', async () => {
    const { site, queues } = await memorySite();
    const ids = Array.from({ length: 8 }, (_, nth) => ({ job_id: id(nth) }));
    queues.put('dead submissions', ...ids);
    const told = await leiaJobs(site, ['redrive', '--yes']);
    expect(told.answers).toEqual(['submissions: 8 redriven']);
    expect(queues.bodies('submissions')).toEqual(ids);
    expect(queues.bodies('dead submissions')).toEqual([]);
  });

  it('that the queue does not take stay dead, which is a failure', async () => {
    const { site, queues } = await memorySite();
    queues.put('dead submissions', { job_id: 'not to be taken' }, { job_id: id(1) });
    await expect(leiaJobs(site, ['redrive', '--yes'])).rejects.toThrow('not everything was done');
    expect(queues.bodies('submissions')).toEqual([{ job_id: id(1) }]);
    expect(queues.bodies('dead submissions')).toEqual([{ job_id: 'not to be taken' }]);
  });

  it('are counted and shown first, and stay where nobody says yes', async () => {
    const { site, queues } = await memorySite();
    queues.put('dead submissions', { job_id: id(1) });
    const declined = await leiaJobs(site, ['redrive'], false);
    expect(declined.notes.join('\n')).toMatch(
      new RegExp(`submissions +1 +puts them back on the queue submissions +${id(1)}`),
    );
    expect(declined.answers).toEqual(['Nothing was done.']);
    await expect(leiaJobs(site, ['redrive'])).rejects.toThrow('nobody is here to confirm this: say --yes');
    const { answers } = await leiaJobs(site, ['redrive', '--dry-run', '--json']);
    expect(JSON.parse(answers.join(''))).toMatchObject({ found: [{ name: 'submissions', count: 1, sample: [id(1)] }] });
    expect(queues.bodies('dead submissions')).toHaveLength(1);
  });

  it('of one kind only, where that is named', async () => {
    const { site, queues } = await memorySite();
    queues.put('dead submissions', { job_id: id(1) });
    queues.put('missed-sweeps', {});
    await leiaJobs(site, ['redrive', 'missed-sweeps', '--yes']);
    expect(queues.bodies('dead submissions')).toHaveLength(1);
    await expect(leiaJobs(site, ['redrive', 'sumbissions'])).rejects.toThrow(
      'nothing to redrive is called sumbissions; there are submissions, missed-sweeps, unheard-deaths, changes',
    );
  });

  it('are none: that is said', async () => {
    const { site } = await memorySite();
    expect((await leiaJobs(site, ['redrive'])).answers).toEqual(['There is nothing to redrive.']);
  });
});

describe('sweeps that the schedule missed', () => {
  it('are made up for by one', async () => {
    const { site, queues, calls } = await memorySite();
    queues.put('missed-sweeps', {}, {}, {}, {});
    await leiaJobs(site, ['redrive', '--yes']);
    expect(calls).toEqual([['sweep', {}]]);
    expect(queues.bodies('missed-sweeps')).toEqual([]);
  });

  it('stay missed when that one fails', async () => {
    const { site, queues } = await memorySite();
    queues.put('missed-sweeps', {});
    const call = async () => {
      throw new Error('throttled');
    };
    await expect(leiaJobs({ ...site, functions: { call } }, ['redrive', '--yes'])).rejects.toThrow('throttled');
    expect(queues.bodies('missed-sweeps')).toHaveLength(1);
  });
});

describe('deaths that nobody heard of', () => {
  it('are told to run-chain, in whichever form they were given up', async () => {
    const { site, queues, calls } = await memorySite();
    queues.put(
      'unheard-deaths',
      { action: 'execution-ended', job_id: id(1) },
      { requestPayload: { action: 'execution-ended', job_id: id(2) }, responsePayload: {} },
      { detail: { name: id(3), status: 'FAILED' } },
    );
    await leiaJobs(site, ['redrive', '--yes']);
    expect(calls).toEqual([1, 2, 3].map((nth) => ['chain', { action: 'execution-ended', job_id: id(nth) }]));
    expect(queues.bodies('unheard-deaths')).toEqual([]);
  });
});

describe('a death whose message says nothing', () => {
  it('stays, and the others are told', async () => {
    const { site, queues, calls } = await memorySite();
    queues.put('unheard-deaths', 'what?', { action: 'execution-ended', job_id: id(1) });
    await expect(leiaJobs(site, ['redrive', '--yes'])).rejects.toThrow('not everything was done');
    expect(calls).toHaveLength(1);
    expect(queues.bodies('unheard-deaths')).toEqual(['what?']);
  });
});

describe('changes that were set aside', () => {
  it('are followed in order, the oldest batch first, and deleted', async () => {
    const { site, setAside, events } = await memorySite();
    setAside.batches.set('2026-01-02', [moved(3, 'READY', 'PROCESSING')]);
    setAside.batches.set('2026-01-01', [moved(1, 'READY', 'STARTING'), moved(2, 'READY', 'PROCESSING')]);
    const told = await leiaJobs(site, ['redrive', '--yes']);
    expect(told.answers).toEqual(['changes: 2 redriven']);
    expect(events).toEqual([`${id(1)}/STARTING`, `${id(2)}/PROCESSING`, `${id(3)}/PROCESSING`]);
    expect(setAside.batches.size).toBe(0);
  });

  it('stay where one of them fails again, and the other batches have their turn', async () => {
    const { site, setAside, events } = await memorySite();
    setAside.batches.set('2026-01-01', [moved(1, 'READY', 'STARTING'), moved(2, 'READY', 'LOADING_MODEL')]);
    setAside.batches.set('2026-01-02', [moved(3, 'READY', 'PROCESSING')]);
    await expect(leiaJobs(site, ['redrive', '--yes'])).rejects.toThrow('not everything was done');
    expect([...setAside.batches.keys()]).toEqual(['2026-01-01']);
    expect(events).toContain(`${id(3)}/PROCESSING`);
  });

  it('go to follow-mirror in parts that it can take', async () => {
    const { site, setAside, calls, events } = await memorySite();
    setAside.batches.set(
      '2026-01-01',
      Array.from({ length: 60 }, (_, nth) => moved(nth, 'READY', 'PROCESSING')),
    );
    await leiaJobs(site, ['redrive', '--yes']);
    expect(calls.map(([, payload]) => (payload as { Records: unknown[] }).Records.length)).toEqual([25, 25, 10]);
    expect(events).toHaveLength(60);
  });
});
