// What `leia-jobs status` tells of a deployment.
import { describe, expect, it } from 'vitest';
import { instant } from '../../functions/jobs/job.ts';
import { APPLICATION, aBoundJob, aJob, id, seconds } from '../support/jobs.ts';
import { leiaJobs, memorySite, NOW } from '../support/repair-site.ts';

const before = (count: number): string => instant(NOW - seconds(count));

const site = async () => {
  const scene = await memorySite();
  await scene.mirror.create(aJob({ id: id(1), next_attempt_at: before(-60) }));
  await scene.mirror.create(aBoundJob({ id: id(2), leia_id: id(0xa2), sent_at: before(5) }));
  await scene.mirror.create(aBoundJob({ id: id(3), leia_id: id(0xa3), sent_at: before(300) }));
  await scene.mirror.create(aBoundJob({ id: id(4), leia_id: id(0xa4), sent_at: before(200_000) }));
  await scene.mirror.create(aJob({ id: id(5), stage: 'held', held_for: id(2), creation_time: before(3000) }));
  const due = { status: 'FAILED', finished_time: before(400), follow_up_due: before(400) } as const;
  await scene.mirror.create(aBoundJob({ id: id(6), leia_id: id(0xa6), ...due }));
  return scene;
};

describe('the status', () => {
  it('counts the jobs of each lane by how long they have been there', async () => {
    const { site: it } = await site();
    const { lanes } = (await leiaJobs(it, ['status', '--json'])).json() as { lanes: object };
    expect(lanes).toEqual({
      unsent: { count: 1, by_age: { later: 1 }, oldest: before(-60) },
      sent: { count: 3, by_age: { minute: 1, ten_minutes: 1, older: 1 }, oldest: before(200_000) },
      held: { count: 1, by_age: { hour: 1 }, oldest: before(3000) },
      due: { count: 1, by_age: { ten_minutes: 1 }, oldest: before(400) },
    });
  });

  it('says of a number that it is a lower bound, where it reads no further', async () => {
    const { site: it } = await site();
    const told = await leiaJobs(it, ['status', '--most', '2', '--json']);
    expect(told.json()).toMatchObject({ lanes: { sent: { count: 2, at_least: true, oldest: before(200_000) } } });
    expect((await leiaJobs(it, ['status', '--most', '2'])).answers.join('')).toMatch(/sent: in flight at LEIA +≥ 2 /);
  });

  it('tells of each application how LEIA answers it, its breaker and its last sweeps', async () => {
    const { site: it, access } = await site();
    await access.changeBreaker(APPLICATION, () => ({ failures: 5, open_until: NOW + seconds(20) }));
    await access.moveWatermark(APPLICATION, 'sent', NOW - seconds(90));
    await access.moveWatermark(APPLICATION, 'discovery', NOW - seconds(700));
    const told = await leiaJobs(it, ['status', '--json']);
    expect(told.json()).toMatchObject({
      applications: [
        {
          application_id: APPLICATION,
          email: `${APPLICATION}@example.com`,
          breaker: { failures: 5, open: true },
          swept: { sent: before(90) },
          leia: { leia: 'keyless' },
        },
      ],
    });
    const [text = ''] = (await leiaJobs(it, ['status'])).answers;
    expect(text).toMatch(
      new RegExp(`${APPLICATION} +5 +1 min ago +– +– +open for 20 s more, 5 failures +its key is not`),
    );
  });

  it('counts messages, dead ones included, failed batches and executions', async () => {
    const { site: it, queues, setAside } = await site();
    queues.put('dead submissions', { job_id: id(1) }, { job_id: id(2) });
    setAside.batches.set(before(60), []);
    const busy = { ...it, chains: { ...it.chains, running: async () => new Set([id(7)]) } };
    expect((await leiaJobs(busy, ['status', '--json'])).json()).toMatchObject({
      executions_running: { count: 1 },
      queues: [{ name: 'submissions', waiting: 0 }, { name: 'dead submissions', waiting: 2 }, {}, {}],
      set_aside: { count: 1, oldest: before(60) },
    });
  });

  it('is told as far as it is known', async () => {
    const { site: it } = await site();
    const all = async () => {
      throw new Error('AccessDenied');
    };
    const [text] = (await leiaJobs({ ...it, queues: { ...it.queues, all } }, ['status'])).answers;
    expect(text).toContain('Could not be looked at: queues: AWS refuses that');
  });

  it('needs no service stack, and asks LEIA nothing where it is told not to', async () => {
    const { site: it, calls } = await site();
    const [text] = (await leiaJobs({ ...it, isServed: false }, ['status'])).answers;
    expect(text).toContain('The service stack is not deployed');
    await leiaJobs(it, ['status', '--no-leia']);
    expect(calls).toEqual([]);
  });
});
