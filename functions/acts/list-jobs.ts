// A page of the jobs of one or several applications (contract §2.1–2.4).
import { LRUCache } from 'lru-cache';
import pMap from 'p-map';
import type { Mirror } from '../adapters/mirror.ts';
import { isListed, type JobRecord } from '../jobs/job.ts';
import type { ListQuery, Page } from '../jobs/list-query.ts';
import { fieldsOf, type ListEntry, type ListFilter, matches, type Selection, selectJobs } from '../jobs/select-jobs.ts';
import type { Deps } from './deps.ts';
import { mirroredJob } from './find-job.ts';

/** The ids of a whole list in order, as the index showed them, and when the discovery behind it began. */
type Snapshot = { ids: string[]; discovered: number | undefined };
export type ListSnapshots = Pick<LRUCache<string, Snapshot>, 'get' | 'set'>;

/** Some 100 bytes each. */
const IDS_KEPT = 500_000;

/**
 * The lists that clients are turning the pages of. The first page of a list is always read anew and begins a snapshot;
 * the pages after it are cut from that, for `maxAgeSeconds`: so they are read without counting everything again, and
 * show each job once. Another container knows nothing of it, reads the index once, and goes on.
 */
export const listSnapshots = ({ maxAgeSeconds, now }: { maxAgeSeconds: number; now: () => number }): ListSnapshots =>
  new LRUCache({
    maxSize: IDS_KEPT,
    sizeCalculation: ({ ids }) => ids.length + 1,
    ttl: maxAgeSeconds * 1000,
    // Asked each time: a clock that tests turn must be seen.
    ttlResolution: 0,
    perf: { now },
  });

type ListDeps = Pick<Deps, 'mirror' | 'now'> & { lists: ListSnapshots };

export type Listing = {
  submitters: readonly string[];
  query: ListQuery;
  /** When the last complete discovery of these applications began. */
  discovered: number | undefined;
  /** How old (seconds) a discovery the client takes, if it says so (D8). */
  maxAge: number | undefined;
};
export type Listed = { jobs: JobRecord[]; total: number; discovered: number | undefined };

/** `jobs` are as they are now, also where that is later than what the index, or a snapshot of it, showed of them. */
export const listJobs = async (deps: ListDeps, listing: Listing): Promise<Listed> => {
  const { query, submitters } = listing;
  const key = JSON.stringify([submitters, query.filter, query.sort]);
  const kept = query.page.offset === 0 ? undefined : deps.lists.get(key);
  const page = kept && isFresh(deps, listing, kept) ? await pageOf(deps, kept, query.page) : undefined;
  if (page?.isWhole) return page;
  const snapshot = { ids: await idsOf(deps, submitters, query), discovered: listing.discovered };
  deps.lists.set(key, snapshot);
  return pageOf(deps, snapshot, query.page);
};

const isFresh = ({ now }: ListDeps, { maxAge }: Listing, { discovered }: Snapshot): boolean =>
  maxAge === undefined || (discovered !== undefined && now() - discovered <= maxAge * 1000);

/** Not whole: jobs have come to their end of life since the snapshot, and the numbers no longer fit. */
const pageOf = async (
  { mirror }: ListDeps,
  { ids, discovered }: Snapshot,
  { offset, limit }: Page,
): Promise<Listed & { isWhole: boolean }> => {
  const wanted = ids.slice(offset, offset + limit);
  const jobs = (await mirror.jobs(wanted)).filter(isListed);
  return { jobs, total: ids.length, discovered, isWhole: jobs.length === wanted.length };
};

const idsOf = async ({ mirror }: ListDeps, submitters: readonly string[], query: Selection): Promise<string[]> => {
  const selection = { ...query, filter: await inAllIds(mirror, query.filter) };
  return selectJobs(await candidates(mirror, submitters, selection), selection);
};

/** Clients may name a job by its id or by LEIA's; so may what was started directly at LEIA. */
const inAllIds = async (mirror: Mirror, filter: ListFilter): Promise<ListFilter> => {
  const all = async (ids: readonly string[]): Promise<string[]> => {
    const jobs = await Promise.all(ids.map((id) => mirroredJob(mirror, id)));
    return [...new Set([...ids, ...jobs.flatMap((job) => (job ? [job.id, ...[job.leia_id ?? []].flat()] : []))])];
  };
  const { job_id, execute_after_id, parent_job_id } = filter;
  return {
    ...filter,
    ...(job_id ? { job_id: await all(job_id) } : {}),
    ...(execute_after_id ? { execute_after_id: await all(execute_after_id) } : {}),
    ...(parent_job_id ? { parent_job_id: await all(parent_job_id) } : {}),
  };
};

/** A page of the index is some megabytes while it is read, and an admin's list has parts of every application. */
const PARTS_AT_ONCE = 16;

/** What may match: of the whole index no more is kept than does. */
const candidates = async (
  mirror: Mirror,
  submitters: readonly string[],
  selection: Selection,
): Promise<ListEntry[]> => {
  const { job_id, created_after: after, created_before: before } = selection.filter;
  if (job_id) {
    const jobs = await mirror.jobs([...job_id]);
    return jobs.filter((job) => submitters.includes(job.submitter_id) && isListed(job));
  }
  const range = { ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) };
  const parts = submitters.flatMap((submitter) => mirror.listed(submitter, range, fieldsOf(selection)));
  const holds = matches(selection.filter);
  const matching = async (pages: AsyncIterable<ListEntry[]>): Promise<ListEntry[]> => {
    const found: ListEntry[][] = [];
    for await (const page of pages) found.push(page.filter(holds));
    return found.flat();
  };
  return (await pMap(parts, matching, { concurrency: PARTS_AT_ONCE })).flat();
};
