// What becomes of jobs that a person cancels or resubmits, and what is said of LEIA.
import { describe, expect, it } from 'vitest';
import type { Leia, LeiaJob } from '../../functions/adapters/leia-api.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { JobRepair, LeiaSeen } from '../../functions/jobs/repair.ts';
import { type RepairDeps, repairJobs } from '../../functions/repair-jobs.ts';
import { APPLICATION, aBoundJob, aJob, aRequest, aSighting, id, seconds, T0 } from '../support/jobs.ts';
import { aSeenJob } from '../support/listing-leia.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const KEY = 'hash of a key';
const now = T0 + seconds(60);

type Answers = Pick<Leia, 'login' | 'job' | 'cancel'>;

const seen = (status: JobRecord['status']): LeiaJob => {
  const { via: _via, ...sight } = aSighting(status);
  return aSeenJob(0xaaa, { seen: sight });
};

const application = {
  id: APPLICATION,
  application_type: 'developer',
  email: 'a@example.com',
  first_name: 'A',
  last_name: 'B',
};

const obliging: Answers = {
  login: async () => ({ outcome: 'found', value: application }),
  cancel: async () => ({ outcome: 'found', value: undefined }),
  job: async () => ({ outcome: 'found', value: seen('CANCELED') }),
};

const scene = async (leia: Answers | undefined = obliging) => {
  const mirror = memoryMirror();
  const access = memoryAccess();
  await access.saveApplication(application, KEY);
  const queued: string[] = [];
  const deps: RepairDeps = {
    mirror,
    access,
    leiaForKey: async () => leia as Leia | undefined,
    submissions: { put: async (ids) => void queued.push(...ids) },
    now: () => now,
    count: () => {},
    warn: () => {},
  };
  const repair = async (action: 'cancel' | 'resubmit', ...job_ids: string[]) =>
    JobRepair.array().parse(await repairJobs({ action, job_ids }, deps));
  const settledJob = async (job: JobRecord, request = aRequest()): Promise<void> => {
    await mirror.create({ ...job, status: 'PROCESSING', fingerprint: 'f' }, request);
    await mirror.change(job.id, (record) => ({ ...job, fingerprint: 'f', version: record.version }));
  };
  return { deps, mirror, queued, repair, settledJob };
};

const failed = (given: Partial<JobRecord> = {}): JobRecord =>
  aBoundJob({ status: 'FAILED', reason: 'LEIA was ill', http_code: 500, ...given });

describe('a cancel by a person', () => {
  it('ends at once what LEIA does not have, and has LEIA end what it has', async () => {
    const { mirror, repair } = await scene();
    await mirror.create(aJob({ id: id(1) }));
    await mirror.create(aBoundJob({ id: id(2) }));
    const repairs = await repair('cancel', id(1), id(2));
    expect(repairs).toEqual([
      { job_id: id(1), outcome: 'cancelled', status: 'CANCELED' },
      { job_id: id(2), outcome: 'cancelled', status: 'CANCELED' },
    ]);
    expect((await mirror.job(id(2)))?.observed_via).toBe('control');
  });

  it('is kept as an intent while LEIA does not answer', async () => {
    const away = async () => ({ outcome: 'unavailable', cause: 'down' }) as const;
    const { mirror, repair } = await scene({ ...obliging, cancel: away });
    await mirror.create(aBoundJob());
    expect(await repair('cancel', id(1))).toMatchObject([{ outcome: 'asked', status: 'READY' }]);
    expect(await mirror.job(id(1))).toMatchObject({ cancel_requested_at: instant(now) });
  });

  it('leaves a finished job as it is, and says of an unknown one that it is unknown', async () => {
    const { mirror, repair } = await scene();
    await mirror.create(aBoundJob({ status: 'PROCESSED' }));
    expect(await repair('cancel', id(1), id(9))).toEqual([
      { job_id: id(1), outcome: 'nothing', status: 'PROCESSED', why: 'it is PROCESSED' },
      { job_id: id(9), outcome: 'nothing', status: null, why: 'no such job is known' },
    ]);
  });
});

describe('a resubmission', () => {
  it('sends an unsent job now, whatever wait its last attempt left behind', async () => {
    const { mirror, queued, repair } = await scene();
    await mirror.create(aJob({ next_attempt_at: instant(now + seconds(300)), attempt: 3 }));
    expect(await repair('resubmit', id(1))).toMatchObject([{ outcome: 'queued', job_id: id(1) }]);
    expect(queued).toEqual([id(1)]);
    expect((await mirror.job(id(1)))?.next_attempt_at).toBe(instant(now));
  });

  it('of a FAILED job is a new job with its request, once however often it is asked for; the old one stays', async () => {
    const { mirror, queued, repair, settledJob } = await scene();
    const request = aRequest({ callback_url: 'https://caller.example/done', page_range: '1-2' });
    await settledJob(failed(), request);
    const [repaired] = await repair('resubmit', id(1));
    const successor = repaired?.new_job_id ?? '';
    expect(repaired).toMatchObject({ outcome: 'submitted', status: 'READY' });
    expect(await mirror.job(successor)).toMatchObject({
      stage: 'unsent',
      attempt: 0,
      job_type: 'image-text',
      callback_url: 'https://caller.example/done',
      page_range: '1-2',
    });
    expect(await mirror.request(aJob({ id: successor }))).toEqual(request);
    expect(await repair('resubmit', id(1))).toMatchObject([
      { outcome: 'submitted', new_job_id: successor, why: 'it was resubmitted before' },
    ]);
    expect(queued).toEqual([successor]);
    expect(await mirror.job(id(1))).toMatchObject({ status: 'FAILED', reason: 'LEIA was ill' });
  });

  it('of a row of jobs that failed each by the one before is a row again', async () => {
    const { mirror, queued, repair, settledJob } = await scene();
    await settledJob(failed());
    await settledJob(failed({ id: id(2), leia_id: id(0xbbb), execute_after_id: id(1) }));
    expect(await repair('resubmit', id(2))).toMatchObject([
      { outcome: 'nothing', why: `its prerequisite, job ${id(1)}, is FAILED: resubmit that one first` },
    ]);
    const [first, second] = await repair('resubmit', id(1), id(2));
    expect(await mirror.job(second?.new_job_id ?? '')).toMatchObject({
      execute_after_id: first?.new_job_id,
      held_for: first?.new_job_id,
      stage: 'held',
      status: 'WAITING',
    });
    expect(queued).toEqual([first?.new_job_id]);
  });

  it.each([
    ['it was started at LEIA directly', failed({ fingerprint: undefined })],
    [
      'it is a step of job 00000000000000000000cccc: resubmit that one',
      failed({ parent_job_id: id(0xcccc), step: { rule: 0, entry: 0 } }),
    ],
    ['it is PROCESSED', aBoundJob({ status: 'PROCESSED' })],
    ['LEIA has it: READY', aBoundJob()],
    ['LEIA may have it already: a sweep looks for it first', aJob({ doubt_since: instant(T0) })],
    ['an attempt to send it is under way', aJob({ stage: 'claimed', claimed_until: instant(T0) })],
    ['it waits for job 000000000000000000000009', aJob({ stage: 'held', held_for: id(9) })],
  ])('is none, for %s', async (why, job) => {
    const { mirror, queued, repair } = await scene();
    await mirror.create(job);
    const before = mirror.snapshot();
    expect(await repair('resubmit', id(1))).toEqual([{ job_id: id(1), outcome: 'nothing', status: job.status, why }]);
    expect(mirror.snapshot()).toEqual(before);
    expect(queued).toEqual([]);
  });
});

describe('what is said of LEIA', () => {
  const asked = async (leia: Answers | undefined) =>
    LeiaSeen.array().parse(await repairJobs({ action: 'ask-leia' }, (await scene(leia)).deps));

  it('is how it answers each application’s login', async () => {
    expect(await asked(obliging)).toEqual([{ application_id: APPLICATION, leia: 'answers', milliseconds: 0 }]);
    const refused = async () => ({ outcome: 'refused', status: 403, detail: 'no such key' }) as const;
    expect(await asked({ ...obliging, login: refused })).toMatchObject([
      { leia: 'refuses-key', cause: '403 no such key' },
    ]);
    const down = async () => ({ outcome: 'unavailable', cause: 'ECONNREFUSED' }) as const;
    expect(await asked({ ...obliging, login: down })).toMatchObject([
      { leia: 'does-not-answer', cause: 'ECONNREFUSED' },
    ]);
  });

  it('is nothing for an application whose key is gone', async () => {
    const { deps } = await scene();
    const keyless = { ...deps, leiaForKey: async () => undefined };
    expect(await repairJobs({ action: 'ask-leia' }, keyless)).toEqual([
      { application_id: APPLICATION, leia: 'keyless' },
    ]);
  });
});
