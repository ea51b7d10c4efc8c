// Which jobs a person means: by ids, or by what is the same about them. Reads no more of the table than it must.
import { isFinished, type JobRecord, type Stage, type Status } from '../../functions/jobs/job.ts';
import { type Lane, lanes } from '../../functions/jobs/lanes.ts';
import { fieldsOf, type ListFilter, selectJobs } from '../../functions/jobs/select-jobs.ts';
import { Failure } from './failure.ts';
import type { Site } from './site.ts';

/** All that is given must hold. */
export type Filter = {
  ids: readonly string[];
  status?: Status;
  stage?: Stage;
  /** The application that submitted them. */
  application?: string;
  jobType?: string;
  /** Text within `reason`. */
  reason?: string;
  /** Instants, exclusive. */
  createdAfter?: string;
  createdBefore?: string;
  /** Also without any of these: all there are. */
  all: boolean;
};

export type Selected = {
  /** The oldest first: a job may be the prerequisite of one behind it. */
  jobs: JobRecord[];
  /** There are more than were looked for. */
  more: boolean;
};

/** What a command acts on: jobs that have not ended, or those that did not go as they should. */
export type Kind = 'unfinished' | 'failed or unsent';

/** @throws Failure when nothing says which jobs */
export const select = async (
  site: Site,
  filter: Filter,
  { kind, most }: { kind: Kind; most: number },
): Promise<Selected> => {
  if (filter.ids.length > 0) return byIds(site, filter);
  const { ids: _ids, all, ...criteria } = filter;
  if (!all && Object.values(criteria).every((value) => value === undefined))
    throw new Failure(
      'say which jobs: ids, --status, --stage, --application, --type, --reason, --created-after, --created-before, or --all',
    );
  const jobs: JobRecord[] = [];
  for await (const batch of batchesOf(site, filter, kind)) {
    jobs.push(...(await site.mirror.jobs(batch)).filter((job) => matches(job, filter)));
    if (jobs.length > most) break;
  }
  return { jobs: jobs.toSorted(byCreation).slice(0, most), more: jobs.length > most };
};

const byCreation = (one: JobRecord, other: JobRecord): number =>
  one.creation_time + one.id < other.creation_time + other.id ? -1 : 1;

const byIds = async ({ mirror }: Site, filter: Filter): Promise<Selected> => {
  const found = await Promise.all(
    [...new Set(filter.ids)].map(async (id) => ({ id, job: (await mirror.job(id)) ?? (await mirror.jobByLeiaId(id)) })),
  );
  const unknown = found.filter(({ job }) => job === undefined).map(({ id }) => id);
  if (unknown.length > 0) throw new Failure(`no such job is known: ${unknown.join(', ')}`);
  const jobs = found.flatMap(({ job }) => job ?? []).filter((job) => matches(job, filter));
  return { jobs: jobs.toSorted(byCreation), more: false };
};

const BATCH = 100;

async function* batchesOf(site: Site, filter: Filter, kind: Kind): AsyncGenerator<string[]> {
  const applications = filter.application === undefined ? await site.access.applicationIds() : [filter.application];
  let batch: string[] = [];
  for (const application of applications) {
    for await (const id of idsOf(site, { ...filter, application }, kind)) {
      batch.push(id);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

type OfApplication = Filter & { application: string };

async function* idsOf(site: Site, filter: OfApplication, kind: Kind): AsyncGenerator<string> {
  const inLanes: readonly Lane[] = kind === 'unfinished' ? lanes.filter((lane) => lane !== 'due') : ['unsent'];
  const mayBeUnfinished = filter.status === undefined || !isFinished({ status: filter.status });
  if (mayBeUnfinished) for (const lane of inLanes) yield* idsInLane(site, filter, lane);
  const mayBeFailed = kind === 'failed or unsent' && (filter.status === undefined || filter.status === 'FAILED');
  if (mayBeFailed && (filter.stage === undefined || filter.stage !== 'unsent')) yield* failedIds(site, filter);
}

async function* idsInLane({ mirror }: Site, { application }: OfApplication, lane: Lane): AsyncGenerator<string> {
  for await (const entry of mirror.lane(application, lane, {})) if (!isFinished(entry)) yield entry.id;
}

async function* failedIds({ mirror }: Site, filter: OfApplication): AsyncGenerator<string> {
  const { application, createdAfter, createdBefore } = filter;
  const range = {
    ...(createdAfter === undefined ? {} : { after: createdAfter }),
    ...(createdBefore === undefined ? {} : { before: createdBefore }),
  };
  const selection = { filter: { ...listFilterOf(filter), status: 'FAILED' as const }, sort: [] };
  for (const part of mirror.listed(application, range, fieldsOf(selection)))
    for await (const page of part) yield* selectJobs(page, selection);
}

/** What the indexes do not tell, or were not asked. */
const matches = (job: JobRecord, filter: Filter): boolean =>
  job.refusal === undefined &&
  (filter.stage === undefined || job.stage === filter.stage) &&
  (filter.reason === undefined || job.reason?.includes(filter.reason) === true) &&
  selectJobs([job], { filter: listFilterOf(filter), sort: [] }).length > 0;

const listFilterOf = ({ status, application, jobType, createdAfter, createdBefore }: Filter): ListFilter => ({
  ...(status === undefined ? {} : { status }),
  ...(application === undefined ? {} : { submitter_id: application }),
  ...(jobType === undefined ? {} : { job_type: jobType }),
  ...(createdAfter === undefined ? {} : { created_after: createdAfter }),
  ...(createdBefore === undefined ? {} : { created_before: createdBefore }),
});
