// What a doubtful attempt left at LEIA (D2): known by our callback URL; by its content only where LEIA shows no URL.
import { describe, expect, it } from 'vitest';
import { findOrphans } from '../../functions/acts/find-orphans.ts';
import type { LeiaJob } from '../../functions/adapters/leia-api.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { aBoundJob, aJob, aSighting, id, seconds, T0 } from '../support/jobs.ts';
import { aSeenJob, listingLeia } from '../support/listing-leia.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const urlOf = (ours: string): string => `https://api.example.test/callbacks/${ours}/mac`;
const callbackKeys = {
  callbackUrl: async (ours: string) => urlOf(ours),
  verify: async () => true,
  jobIdOf: async (url: string) => /\/callbacks\/(\w+)\/mac$/.exec(url)?.[1],
};
const doubtful = (given: Partial<JobRecord> = {}): JobRecord =>
  aJob({ id: id(90), job_type: 'image-text', doubt_since: aJob().creation_time, ...given });

/** By our id: LEIA's ids of the jobs that were found. */
const found = async (jobs: JobRecord[], atLeia: LeiaJob[], mirror = memoryMirror()) => {
  const answer = await findOrphans({ mirror, callbackKeys, now: () => T0 + seconds(120) }, listingLeia(atLeia), jobs);
  if (answer.outcome === 'unavailable') throw new Error('LEIA answers here');
  return Object.fromEntries([...answer.value].map(([ours, seen]) => [ours, seen.map((job) => job.id)]));
};

describe('a LEIA that shows callback URLs', () => {
  it('tells by them which jobs are ours, all of them', async () => {
    const ours = { callback_url: urlOf(id(90)) };
    expect(await found([doubtful()], [aSeenJob(1, ours), aSeenJob(2, ours), aSeenJob(3)])).toEqual({
      [id(90)]: [id(2), id(1)],
    });
  });

  it('has no job of ours without one, however much it is alike', async () => {
    const somebodys = aSeenJob(1, { callback_url: 'https://caller.example/' });
    expect(await found([doubtful()], [somebodys, aSeenJob(2)])).toEqual({});
  });
});

describe('a LEIA that shows no callback URL', () => {
  it('has a job of ours if it is the only one alike', async () => {
    const other = aSeenJob(2, { job_type: 'pdf-images' });
    expect(await found([doubtful()], [aSeenJob(1), other])).toEqual({ [id(90)]: [id(1)] });
  });

  it('leaves it open when two are alike, or two wait for one', async () => {
    expect(await found([doubtful()], [aSeenJob(1), aSeenJob(2)])).toEqual({});
    expect(await found([doubtful(), doubtful({ id: id(91) })], [aSeenJob(1)])).toEqual({});
  });

  it.each([
    ['on its way', { stage: 'claimed', claimed_until: instant(T0 + seconds(180)) }],
    [
      'in doubt, and to be looked for later',
      { stage: 'unsent', doubt_since: instant(T0), next_attempt_at: instant(T0 + seconds(180)) },
    ],
    ['ended in doubt', { stage: 'dropped', status: 'CANCELED', watch_since: instant(T0) }],
    [
      'bound to a later attempt, and has just ended',
      { stage: 'bound', leia_id: id(77), status: 'PROCESSED', watch_since: instant(T0), follow_up_due: instant(T0) },
    ],
  ] as const)('leaves it open when another job of ours may have made it that is %s', async (_what, given) => {
    const mirror = memoryMirror();
    const rival = aJob({ id: id(91), job_type: 'image-text', ...given });
    await mirror.create(rival);
    expect(await found([doubtful()], [aSeenJob(1)], mirror)).toEqual({});
    await mirror.change(rival.id, (job) => ({ ...job, job_type: 'pdf-images' }));
    expect(await found([doubtful()], [aSeenJob(1)], mirror)).toEqual({ [id(90)]: [id(1)] });
  });

  it.each([
    ['that LEIA has', aBoundJob({ id: id(92) }), { [id(90)]: [id(1)] }],
    ['that LEIA does not have', aJob({ id: id(92), job_type: 'conditional', stage: 'chained' }), {}],
  ])('may have got other documents than a rival names, or not: behind a job %s', async (_what, before, expected) => {
    const mirror = memoryMirror();
    await mirror.create(before);
    await mirror.create(doubtful({ id: id(91), execute_after_id: before.id, document_ids: [id(7)] }));
    expect(await found([doubtful()], [aSeenJob(1)], mirror)).toEqual(expected);
  });

  it.each([
    ['by its id', id(8), { [id(90)]: [id(1)] }],
    ['perhaps, by a short name', 'invoices', {}],
  ])('is not of a rival that names another model: %s', async (_what, model_id, expected) => {
    const mirror = memoryMirror();
    await mirror.create(doubtful({ id: id(91), model_id }));
    const seen = aSighting('PROCESSED', { leiaId: id(1) });
    const details = seen.details && { ...seen.details, model_id: id(7) };
    const atLeia = aSeenJob(1, { seen: { ...seen, ...(details ? { details } : {}) } });
    expect(await found([doubtful({ model_id: id(7) })], [atLeia], mirror)).toEqual(expected);
  });

  it('has no second job of ours in one that is bound', async () => {
    const mirror = memoryMirror();
    await mirror.create(aBoundJob({ id: id(50), leia_id: id(1) }));
    expect(await found([doubtful()], [aSeenJob(1)], mirror)).toEqual({});
  });
});
