// What send-job makes of a message whose job LEIA has already, and what becomes of a refusal.
import { describe, expect, it } from 'vitest';
import { attempt, type SendDeps, sendJob } from '../../functions/acts/send-job.ts';
import type { Leia } from '../../functions/adapters/leia-api.ts';
import { closed } from '../../functions/jobs/breaker.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { aBoundJob, aJob, aRequest, aSighting, seconds, T0 } from '../support/jobs.ts';
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

/** An attempt that LEIA refuses. `isDown`: the table is, when the refusal is to be recorded. */
const refuse = async ({ idIsKnown, isDown = false }: { idIsKnown: boolean; isDown?: boolean }) => {
  const mirror = memoryMirror();
  const job = aJob({ stage: 'claimed', attempt: 1, claimed_until: instant(T0 + seconds(30)) });
  await mirror.create(job, aRequest());
  const warned: string[] = [];
  const refusal = { status: 404, detail: 'Document not found' } as const;
  const down = async () => {
    throw new Error('the table is down');
  };
  const deps = {
    mirror: isDown ? { ...mirror, change: down } : mirror,
    access: { breaker: async () => closed },
    callbackKeys: { callbackUrl: async () => 'https://bundle.test/callbacks' },
    now: () => T0,
    count: () => {},
    warn: (message: string) => warned.push(message),
  } as unknown as SendDeps;
  const leia = { submit: async () => ({ outcome: 'refused', refusal }) } as unknown as Leia;
  const sent = await attempt(deps, job, { request: aRequest(), idIsKnown, leia });
  return { sent, refusal, warned, after: await mirror.job(job.id) };
};

describe('a refusal', () => {
  it('is remembered when no client holds the id, and ends the job when one does', async () => {
    const unseen = await refuse({ idIsKnown: false });
    expect(unseen.sent).toMatchObject({ outcome: 'refused', refusal: unseen.refusal });
    expect(unseen.after).toMatchObject({ stage: 'dropped', refusal: unseen.refusal });
    const known = await refuse({ idIsKnown: true });
    expect(known.sent).toMatchObject({ outcome: 'refused', refusal: known.refusal });
    expect(known.after).toMatchObject({ status: 'FAILED', reason: known.refusal.detail });
    expect(known.after).not.toHaveProperty('refusal');
  });

  it('that cannot be recorded is told all the same to a client that does not hold the id', async () => {
    const { sent, refusal, warned } = await refuse({ idIsKnown: false, isDown: true });
    expect(sent).toMatchObject({ outcome: 'refused', refusal, job: { stage: 'claimed' } });
    expect(warned).toEqual(['a refusal could not be recorded; its client hears of it']);
  });

  it('that cannot be recorded is an error when a client holds the id: the job must end', async () => {
    await expect(refuse({ idIsKnown: true, isDown: true })).rejects.toThrow('the table is down');
  });
});
