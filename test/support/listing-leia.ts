// LEIA's list in memory: jobs by creation time, pages of them, a clock; and what a test does between two pages.
import type { Answer, Leia, LeiaJob, LeiaPage, LeiaPageOfJobs } from '../../functions/adapters/leia-api.ts';
import { instant } from '../../functions/jobs/job.ts';
import { APPLICATION, aSighting, DOCUMENT, id, T0 } from './jobs.ts';

export const aSeenJob = (nth: number, given: Partial<LeiaJob> = {}): LeiaJob => {
  const { via: _via, ...seen } = aSighting('PROCESSED', { leiaId: id(nth) });
  return {
    id: id(nth),
    seen,
    application_id: APPLICATION,
    submitter_id: APPLICATION,
    creation_time: instant(T0 + nth * 1000),
    document_ids: [DOCUMENT],
    job_type: 'image-text',
    callback_url: null,
    execute_after_id: null,
    parent_job_id: null,
    page_range: null,
    ...given,
  };
};

export type ListingLeia = Pick<Leia, 'newestJobs' | 'cancel'> & {
  jobs: LeiaJob[];
  asked: LeiaPage[];
  cancelled: string[];
  /** LEIA's clock, epoch milliseconds; undefined: it does not tell. */
  date: number | undefined;
  /** Called before the nth request is answered; an answer that it gives is LEIA's. */
  before(nth: number, page: LeiaPage): Answer<LeiaPageOfJobs> | undefined;
};

export const listingLeia = (jobs: LeiaJob[], date?: number): ListingLeia => ({
  jobs,
  asked: [],
  cancelled: [],
  date,
  before: () => undefined,
  async newestJobs(page) {
    this.asked.push(page);
    const answer = this.before(this.asked.length, page);
    if (answer) return answer;
    const found = this.jobs
      .filter(({ creation_time }) => creation_time > toTheSecond(page.createdAfter))
      .filter(({ creation_time }) => creation_time < toTheSecond(page.createdBefore ?? '9'))
      .toSorted((a, b) => (a.creation_time + a.id > b.creation_time + b.id ? -1 : 1));
    const shown = found.slice(page.offset, page.offset + page.limit);
    const time = this.date === undefined ? {} : { date: this.date };
    return { outcome: 'found', value: { jobs: shown, total: found.length, ...time } };
  },
  async cancel(leiaId) {
    this.cancelled.push(leiaId);
    return { outcome: 'found', value: undefined };
  },
});

/** As the real adapter asks, and LEIA reads it. */
const toTheSecond = (time: string): string => (time.length < 19 ? time : `${time.slice(0, 19)}.000Z`);
