// What send-job makes of a message whose job LEIA has already.
import { describe, expect, it } from 'vitest';
import { type SendDeps, sendJob } from '../../functions/acts/send-job.ts';
import type { Leia } from '../../functions/adapters/leia-api.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { aBoundJob, aSighting, T0 } from '../support/jobs.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const send = async (given: Partial<JobRecord>) => {
  const mirror = memoryMirror();
  const job = aBoundJob(given);
  await mirror.create(job);
  const asked: string[] = [];
  const leia = {
    cancel: async (id: string) => {
      asked.push(`cancel ${id}`);
      return { outcome: 'found', value: undefined };
    },
    job: async (id: string) => {
      asked.push(`read ${id}`);
      return { outcome: 'found', value: { seen: aSighting('CANCELED', { leiaId: id }) } };
    },
  } as unknown as Leia;
  const deps = {
    mirror,
    access: { keyHashOf: async () => 'hash' },
    leiaForKey: async () => leia,
    now: () => T0,
    count: () => {},
    warn: () => {},
  } as unknown as SendDeps;
  const sent = await sendJob(deps, job.id);
  return { sent, asked, after: await mirror.job(job.id), job };
};

describe('a job that LEIA has', () => {
  it('is cancelled there when that was asked for', async () => {
    const { sent, asked, after, job } = await send({ cancel_requested_at: instant(T0) });
    expect(asked).toEqual([`cancel ${job.leia_id}`, `read ${job.leia_id}`]);
    expect([sent?.outcome, after?.status]).toEqual(['idle', 'CANCELED']);
  });

  it('is left alone when nothing was asked for, or it has ended', async () => {
    expect((await send({})).asked).toEqual([]);
    expect((await send({ status: 'PROCESSED', cancel_requested_at: instant(T0) })).asked).toEqual([]);
  });
});
