// Whose jobs a discovery finds in which of LEIA's lists (D7; decision 21).
import { beforeEach, describe, expect, it } from 'vitest';
import { discover, discoveredAt } from '../../functions/acts/discover.ts';
import { leiaForJobsOf } from '../../functions/acts/leia-of.ts';
import { STRANGERS, strangersView } from '../../functions/acts/leia-views.ts';
import type { Leia, LeiaJob } from '../../functions/adapters/leia-api.ts';
import { instant } from '../../functions/jobs/job.ts';
import { anApplication } from '../support/callers.ts';
import { aBoundJob, aJob, aSighting, id, seconds, T0 } from '../support/jobs.ts';
import { aSeenJob, listingLeia } from '../support/listing-leia.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const ADMIN = id(900);
const SERVED = id(901);
const RETIRED = id(902);
const STRANGER = id(903);

const now = T0 + seconds(3600);
let mirror = memoryMirror();
let access = memoryAccess();
let cancelled: string[] = [];
/** Hashes of the keys that are in the secret. */
const keys = new Set(['key of the admin', 'key of the served']);

beforeEach(async () => {
  mirror = memoryMirror();
  access = memoryAccess();
  cancelled = [];
  await access.saveApplication(anApplication({ id: ADMIN, application_type: 'admin' }), 'key of the admin');
  await access.saveApplication(anApplication({ id: SERVED }), 'key of the served');
  await access.saveApplication(anApplication({ id: RETIRED }), 'a key that left the secret');
});

const notAsked = async (): Promise<never> => {
  throw new Error('LEIA is not asked for this here');
};

/** What LEIA shows an admin: `jobs`. Cancels are noted with the submitter on whose path they came. */
const adminsLeia = (jobs: LeiaJob[]): Leia => {
  const listing = listingLeia(jobs, now);
  const one = { job: notAsked, statuses: notAsked, start: notAsked };
  return {
    ...one,
    login: notAsked,
    application: notAsked,
    submit: notAsked,
    cancel: notAsked,
    document: notAsked,
    model: notAsked,
    pass: notAsked,
    newestJobs: notAsked,
    newestJobsOfAll: (page) => listing.newestJobs(page),
    asAdminFor: (submitter) => ({
      ...one,
      cancel: async (leiaId) => {
        cancelled.push(`${submitter}/${leiaId}`);
        return { outcome: 'found', value: undefined };
      },
    }),
  };
};

const urlOf = (ours: string) => `https://api.example.test/callbacks/${ours}/mac`;

const look = async (jobs: LeiaJob[]): Promise<boolean> => {
  const leia = adminsLeia(jobs);
  const deps = {
    mirror,
    access,
    leiaForKey: async (hash: string) => (keys.has(hash) ? leia : undefined),
    callbackKeys: {
      callbackUrl: async (ours: string) => urlOf(ours),
      verify: async () => true,
      jobIdOf: async (url: string) => /\/callbacks\/(\w+)\/mac$/.exec(url)?.[1],
    },
    now: () => now,
    count: () => {},
    warn: () => {},
    adoptHistorySeconds: 86_400,
  };
  const marks = await access.watermarks(STRANGERS);
  const view = strangersView(deps, { admin: ADMIN, leia });
  return discover(deps, { view, marks, via: 'sweep', until: now + seconds(1) });
};
const submitters = (): Record<string, string> =>
  Object.fromEntries(mirror.snapshot().jobs.map((job) => [job.id, job.submitter_id]));
const of = (nth: number, submitter_id: string, given: Partial<LeiaJob> = {}): LeiaJob =>
  aSeenJob(nth, { submitter_id, application_id: submitter_id, ...given });

describe('in the list that LEIA shows an admin', () => {
  it('jobs of strangers are found, each under its own submitter; those of the served are theirs to find', async () => {
    expect(await look([of(1, ADMIN), of(2, SERVED), of(3, RETIRED), of(4, STRANGER), of(5, id(904))])).toBe(true);
    expect(submitters()).toEqual({ [id(3)]: RETIRED, [id(4)]: STRANGER, [id(5)]: id(904) });
    expect((await access.strangers()).toSorted()).toEqual([RETIRED, STRANGER, id(904)]);
    expect(await access.adminOf(STRANGER)).toBe(ADMIN);
    expect(discoveredAt(await access.watermarks(STRANGERS))).toBe(now);
    expect(await access.watermarks(ADMIN)).toEqual({});
  });

  it('a job of which LEIA does not say who submitted it is its owner’s', async () => {
    await look([
      of(1, '', { application_id: STRANGER }),
      of(2, '', { application_id: SERVED }),
      of(3, '', { application_id: '' }),
    ]);
    expect(submitters()).toEqual({ [id(1)]: STRANGER });
  });

  it('a job that an admin submitted for a stranger is the admin’s to find', async () => {
    await look([of(1, ADMIN, { application_id: STRANGER })]);
    expect(submitters()).toEqual({});
  });

  it('a job of an application that logs in for the first time meanwhile is that one’s to find', async () => {
    const leia = adminsLeia([of(1, STRANGER)]);
    const deps = { mirror, access, leiaForKey: async () => undefined, now: () => now };
    const portionsOf = await strangersView(deps, { admin: ADMIN, leia }).begin();
    await access.saveApplication(anApplication({ id: STRANGER }), 'a new key');
    expect(await portionsOf([of(1, STRANGER)])).toEqual([]);
    expect(await access.strangers()).toEqual([]);
  });
});

describe('of an application that was served once', () => {
  it('known jobs get their news, and no second record', async () => {
    const known = { submitter_id: RETIRED, application_id: RETIRED };
    await mirror.create(aBoundJob({ ...known, id: id(50), leia_id: id(1) }));
    await look([of(1, RETIRED, { callback_url: urlOf(id(50)) })]);
    expect(await mirror.job(id(50))).toMatchObject({ status: 'PROCESSED' });
    expect(Object.keys(submitters())).toEqual([id(50)]);
  });

  it('a job that an attempt in doubt may have made is left alone, until that is clear', async () => {
    const attempted = { stage: 'claimed', claimed_until: instant(now + seconds(60)) } as const;
    await mirror.create(aJob({ ...attempted, id: id(50), submitter_id: RETIRED, creation_time: instant(T0) }));
    await look([of(1, RETIRED), of(2, STRANGER)]);
    expect(Object.keys(submitters()).toSorted()).toEqual([id(2), id(50)]);
    expect((await access.watermarks(STRANGERS)).discovery).toBeLessThan(Date.parse(of(1, RETIRED).creation_time));
  });

  it('a duplicate is cancelled on the admin’s path', async () => {
    await mirror.create(aBoundJob({ submitter_id: RETIRED, id: id(50), leia_id: id(1) }));
    await look([of(2, RETIRED, { callback_url: urlOf(id(50)), seen: aSighting('PROCESSING', { leiaId: id(2) }) })]);
    expect(cancelled).toEqual([`${RETIRED}/${id(2)}`]);
  });
});

describe('LEIA about a stranger’s jobs', () => {
  it('is asked with the key of the admin who saw them, as long as that is there; with its own once it has one', async () => {
    const leia = adminsLeia([]);
    const present = new Set(keys);
    const deps = { access, leiaForKey: async (hash: string) => (present.has(hash) ? leia : undefined) };
    expect(await leiaForJobsOf(deps, STRANGER)).toBeUndefined();
    await access.noteStranger(STRANGER, ADMIN);
    await (await leiaForJobsOf(deps, STRANGER))?.cancel(id(1));
    expect(cancelled).toEqual([`${STRANGER}/${id(1)}`]);
    await access.saveApplication(anApplication({ id: ADMIN }), 'key of the admin');
    expect(await leiaForJobsOf(deps, STRANGER)).toBeUndefined();
    await access.saveApplication(anApplication({ id: ADMIN, application_type: 'admin' }), 'key of the admin');
    expect(await leiaForJobsOf(deps, STRANGER)).toBeDefined();
    present.delete('key of the admin');
    expect(await leiaForJobsOf(deps, STRANGER)).toBeUndefined();
    await access.saveApplication(anApplication({ id: STRANGER }), 'key of the served');
    expect(await leiaForJobsOf(deps, STRANGER)).toBe(leia);
  });
});
