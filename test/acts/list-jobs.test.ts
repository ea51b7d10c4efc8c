// Lists and their pages (contract §2.3): exact, and counted once for all pages of a list.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Listed, listJobs, listSnapshots } from '../../functions/acts/list-jobs.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import type { ListQuery } from '../../functions/jobs/list-query.ts';
import { APPLICATION, aBoundJob, aJob, id, seconds, T0 } from '../support/jobs.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

let mirror = memoryMirror();
let now = T0;
let lists = listSnapshots({ maxAgeSeconds: 30, now: () => now });
const readings = vi.fn();
beforeEach(() => {
  mirror = memoryMirror();
  now = T0;
  lists = listSnapshots({ maxAgeSeconds: 30, now: () => now });
  readings.mockClear();
});

const list = (query: Partial<ListQuery> = {}, more: { maxAge?: number; discovered?: number } = {}): Promise<Listed> => {
  const counting = {
    ...mirror,
    listed: (...args: Parameters<typeof mirror.listed>) => {
      readings();
      return mirror.listed(...args);
    },
  };
  return listJobs(
    { mirror: counting, now: () => now, lists },
    {
      submitters: [APPLICATION],
      query: { filter: {}, sort: [], page: { offset: 0, limit: 2 }, ...query },
      discovered: more.discovered,
      maxAge: more.maxAge,
    },
  );
};
const page = (offset: number, limit = 2) => ({ page: { offset, limit } });
const numbersOf = ({ jobs }: Listed): number[] => jobs.map((job) => Number.parseInt(job.id, 16));
const create = async (nth: number, given: Partial<JobRecord> = {}) => {
  await mirror.create(aJob({ id: id(nth), creation_time: instant(T0 + seconds(nth)), ...given }));
};

describe('the pages of a list', () => {
  beforeEach(async () => {
    for (const nth of [1, 2, 3, 4, 5]) await create(nth);
  });

  it('are cut from one reading of the index', async () => {
    expect([numbersOf(await list()), numbersOf(await list(page(2))), numbersOf(await list(page(4)))]).toEqual([
      [1, 2],
      [3, 4],
      [5],
    ]);
    expect(readings).toHaveBeenCalledTimes(1);
  });

  it('show every job once and one total, whatever is created meanwhile', async () => {
    const newestFirst = { sort: [{ field: 'creation_time', descending: true }] } as const;
    const first = await list(newestFirst);
    await create(6);
    const second = await list({ ...newestFirst, ...page(2) });
    expect([...numbersOf(first), ...numbersOf(second)]).toEqual([5, 4, 3, 2]);
    expect([first.total, second.total]).toEqual([5, 5]);
  });

  it('show jobs as they are now', async () => {
    await list();
    await mirror.change(id(3), (job) => ({ ...job, status: 'CANCELED' }));
    expect((await list(page(2))).jobs[0]?.status).toBe('CANCELED');
  });

  it('are another list with another filter or sort', async () => {
    await list();
    expect((await list({ ...page(2), filter: { status: 'FAILED' } })).total).toBe(0);
    expect(numbersOf(await list({ ...page(2), sort: [{ field: 'creation_time', descending: true }] }))).toEqual([3, 2]);
    expect(readings).toHaveBeenCalledTimes(3);
  });

  it('begin anew with the first one, so that who asks again sees what is new', async () => {
    await list();
    await create(6);
    expect((await list()).total).toBe(6);
    expect((await list(page(2))).total).toBe(6);
  });

  it('are read anew once the reading is too old', async () => {
    await list();
    await create(6);
    now += seconds(29);
    expect((await list(page(2))).total).toBe(5);
    now += seconds(2);
    expect((await list(page(2))).total).toBe(6);
  });

  it('are read anew for who takes no discovery as old as that behind them', async () => {
    await list({}, { discovered: T0 - seconds(5) });
    now += seconds(1);
    expect(await list(page(2), { discovered: now, maxAge: 10 })).toMatchObject({ discovered: T0 - seconds(5) });
    expect(await list(page(2), { discovered: now, maxAge: 3 })).toMatchObject({ discovered: now });
    expect(readings).toHaveBeenCalledTimes(2);
  });

  it('are read anew when a job of theirs has come to the end of its life', async () => {
    await list();
    const { jobs } = mirror;
    mirror.jobs = async (ids) => (await jobs(ids)).filter((job) => job.id !== id(3));
    await list(page(2));
    expect(readings).toHaveBeenCalledTimes(2);
  });

  it('beyond the end are empty, with the total', async () => {
    expect(await list(page(5))).toMatchObject({ jobs: [], total: 5 });
    expect(await list(page(1e12))).toMatchObject({ jobs: [], total: 5 });
  });
});

describe('a filter by job', () => {
  beforeEach(async () => {
    await mirror.create(aBoundJob({ id: id(1), leia_id: id(0xa1) }));
    await create(2, { execute_after_id: id(1), parent_job_id: id(1) });
    await create(3, { execute_after_id: id(0xa1), parent_job_id: id(0xa1) });
    await create(4, { execute_after_id: id(2) });
  });

  it.each([id(1), id(0xa1)])('takes our id and LEIA’s: %s', async (given) => {
    expect(numbersOf(await list({ filter: { job_id: [given] } }))).toEqual([1]);
    expect(numbersOf(await list({ filter: { execute_after_id: [given] } }))).toEqual([2, 3]);
    expect(numbersOf(await list({ filter: { parent_job_id: [given] } }))).toEqual([2, 3]);
  });

  it('that nobody knows finds what names it', async () => {
    await create(5, { execute_after_id: id(99) });
    expect(numbersOf(await list({ filter: { execute_after_id: [id(99)] } }))).toEqual([5]);
    expect((await list({ filter: { job_id: [id(99)] } })).total).toBe(0);
  });

  it('needs no index, heeds all other conditions, and shows nothing of others', async () => {
    await create(6, { submitter_id: id(77) });
    await create(7, { refusal: { status: 404, detail: 'no' } });
    const shown = async (nth: number, more = {}) => numbersOf(await list({ filter: { job_id: [id(nth)], ...more } }));
    expect(await shown(2)).toEqual([2]);
    expect(await shown(2, { status: 'FAILED' })).toEqual([]);
    expect([await shown(6), await shown(7)]).toEqual([[], []]);
    expect(readings).not.toHaveBeenCalled();
  });
});

it('is of several applications at once, where several are asked for', async () => {
  await create(1);
  await create(2, { submitter_id: id(77) });
  await create(3, { submitter_id: id(78) });
  const query = { filter: {}, sort: [], page: { offset: 0, limit: 10 } };
  const both = { submitters: [APPLICATION, id(77)], query, discovered: undefined, maxAge: undefined };
  expect(numbersOf(await listJobs({ mirror, now: () => now, lists }, both))).toEqual([1, 2]);
});
