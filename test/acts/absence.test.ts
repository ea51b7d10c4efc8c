// The sweep over what LEIA has (D7): jobs that LEIA does not know any more, a few of them and many.
import { beforeEach, describe, expect, it } from 'vitest';
import { believeAbsence, endHalt } from '../../functions/acts/absence.ts';
import type { Metric } from '../../functions/acts/deps.ts';
import type { SweepDeps } from '../../functions/acts/sweep.ts';
import { sweepInFlight } from '../../functions/acts/sweep-in-flight.ts';
import type { Leia } from '../../functions/adapters/leia-api.ts';
import { instant, type Status } from '../../functions/jobs/job.ts';
import { APPLICATION, aBoundJob, aSighting, id, seconds, T0 } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const ROUND = 600;
let mirror = memoryMirror();
let access = memoryAccess();
let counted: Partial<Record<Metric, number>> = {};
let now = T0;
let since = 0;
/** What LEIA knows: LEIA's id and status. */
let known = new Map<string, Status>();
beforeEach(() => {
  mirror = memoryMirror();
  access = memoryAccess();
  counted = {};
  now = T0;
  since = 0;
  known = new Map();
});

const leiaId = (number: number): string => id(0xa000 + number);

const leia: Pick<Leia, 'statuses' | 'job'> = {
  statuses: async (ids) => ({
    outcome: 'found',
    value: new Map(ids.flatMap((each) => (known.has(each) ? [[each, known.get(each) ?? 'READY']] : []))),
  }),
  job: async (each) => {
    const status = known.get(each);
    if (status === undefined) return { outcome: 'refused', status: 404, detail: 'No such job' };
    const shown = { ...aBoundJob(), id: each, seen: aSighting(status, { leiaId: each }) };
    return { outcome: 'found', value: shown };
  },
};

const submit = async (numbers: number[], { forgotten = false } = {}): Promise<void> => {
  for (const number of numbers) {
    await mirror.create(aBoundJob({ id: id(number), leia_id: leiaId(number), status: 'READY', sent_at: instant(now) }));
    if (!forgotten) known.set(leiaId(number), 'READY');
  }
};
const forget = (numbers: number[]): void => {
  for (const number of numbers) known.delete(leiaId(number));
};
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

const deps = (): SweepDeps =>
  ({
    mirror,
    access,
    now: () => now,
    count: (metric: Metric, value = 1) => {
      counted[metric] = (counted[metric] ?? 0) + value;
    },
    warn: () => {},
    ages: { firstSeconds: 60, thenSeconds: ROUND },
    statusBatch: 200,
    absenceConfirmSeconds: 60,
  }) as Partial<SweepDeps> as SweepDeps;

/** A sweep each minute, so many minutes. */
const sweeps = async (minutes: number): Promise<void> => {
  for (let minute = 0; minute < minutes; minute += 1) {
    now += seconds(60);
    const from = since;
    const asking = {
      submitter: APPLICATION,
      now,
      marks: {},
      since: () => from,
      leia: leia as Leia,
      leiaForJobs: leia as Leia,
    };
    const swept = await sweepInFlight(deps(), asking);
    if (swept.complete) since = now;
  }
};
const haltedSince = async (): Promise<number | undefined> => (await access.absence(APPLICATION)).halted_at;
const failed = (): string[] =>
  mirror
    .snapshot()
    .jobs.filter(({ status }) => status === 'FAILED')
    .map((job) => job.id);

describe('a few jobs that LEIA does not know', () => {
  it('FAIL after a second look a minute later', async () => {
    await submit(range(1, 30));
    forget([1, 2]);
    await sweeps(1);
    expect(failed()).toEqual([]);
    await sweeps(1);
    expect(failed()).toEqual([id(1), id(2)]);
    expect(counted).toEqual({ JobAbsent: 2 });
  });
});

describe('many jobs that LEIA does not know at once', () => {
  const halt = async (): Promise<void> => {
    await submit(range(1, 30));
    forget(range(1, 30));
    await sweeps(1);
    expect(await haltedSince()).toBe(now);
  };

  it('do not FAIL, nor do the few that later sweeps meet', async () => {
    await halt();
    await submit(range(100, 3), { forgotten: true });
    await sweeps(20);
    expect(failed()).toEqual([]);
    expect(counted.MassAbsence).toBe(21);
  });

  it('do not FAIL because they are met by and by', async () => {
    for (const batch of range(0, 10)) {
      await submit(range(1 + 5 * batch, 5), { forgotten: true });
      await sweeps(1);
    }
    await sweeps(20);
    expect(failed().length).toBeLessThanOrEqual(20);
    expect(await haltedSince()).toBeDefined();
  });

  it('go on when LEIA knows them again; after a whole round of that, one that is lost FAILS as ever', async () => {
    await halt();
    for (const number of range(1, 30)) known.set(leiaId(number), 'PROCESSING');
    await sweeps(1);
    expect(await haltedSince()).toBeDefined();
    await sweeps(10);
    expect(await haltedSince()).toBeUndefined();
    expect((await mirror.job(id(7)))?.status).toBe('PROCESSING');
    forget([7]);
    await sweeps(12);
    expect(failed()).toEqual([id(7)]);
  });

  it('and those that were under suspicion before are cleared once LEIA knows them again', async () => {
    await submit([500], { forgotten: true });
    await sweeps(1);
    expect((await mirror.job(id(500)))?.absent_since).toBeDefined();
    await submit(range(1, 30), { forgotten: true });
    await sweeps(1);
    expect(await haltedSince()).toBeDefined();
    known.set(leiaId(500), 'READY');
    await sweeps(1);
    expect((await mirror.job(id(500)))?.absent_since).toBeUndefined();
    expect(failed()).toEqual([]);
  });

  it('FAIL when a person knows that LEIA has lost them', async () => {
    await halt();
    await believeAbsence({ access, now: () => now }, APPLICATION, 1800);
    await sweeps(15);
    expect(failed()).toHaveLength(30);
  });

  it('halt again when a person said too soon that LEIA is right', async () => {
    await halt();
    expect(await endHalt({ access }, APPLICATION)).toBe(true);
    expect(await endHalt({ access }, APPLICATION)).toBe(false);
    await sweeps(12);
    expect(await haltedSince()).toBeDefined();
    expect(failed()).toEqual([]);
  });
});

describe('a sweep without the key of its application', () => {
  it('has come to its end only if nobody waits for it', async () => {
    const asking = { submitter: APPLICATION, now: now + seconds(600), marks: {}, since: () => 0 };
    expect(await sweepInFlight(deps(), asking)).toEqual({ complete: true });
    await submit([1]);
    expect(await sweepInFlight(deps(), asking)).toEqual({ complete: false });
  });
});
