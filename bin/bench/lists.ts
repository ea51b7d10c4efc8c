// What a list costs (issue: size): requests to the index, read units, time with 4 ms for each request to the table, and
// memory, for a thousand, ten thousand and a hundred thousand jobs of one application.
import { S3Client } from '@aws-sdk/client-s3';
import { listJobs, listSnapshots } from '../../functions/acts/list-jobs.ts';
import { jobTable } from '../../functions/adapters/job-table.ts';
import { tableClient } from '../../functions/adapters/table-client.ts';
import { type ListQuery, listQueryOf } from '../../functions/jobs/list-query.ts';
import { settingsOf } from '../../lib/config.ts';
import { collectGarbage } from './garbage.ts';
import { indexAtSize, start } from './index-at-size.ts';
import { memoryOfLists } from './list-memory.ts';
import { atMost, beside, type Section } from './report.ts';

interface ListFigure {
  readonly jobs: number;
  readonly list: string;
  readonly found: number;
  readonly indexRequests: number;
  readonly indexUnits: number;
  /** Those of the page's own jobs. */
  readonly jobUnits: number;
  readonly millis: number;
  /** Heap in use at most, beyond what was in use before. */
  readonly megabytes: number;
}

const MILLIS_PER_REQUEST = 4;

const firstPage = 'all, first page';
const nextPage = 'the page after it';

/** `jobs` of them were created a second apart, from `start` on. */
const listsOf = (jobs: number): readonly (readonly [string, string])[] => [
  [firstPage, ''],
  [nextPage, 'offset=100'],
  ['newest first', 'sort=-creation_time'],
  ['by end, failed only', 'status=FAILED&sort=-finished_time'],
  ['of one document', 'document_id=0000000000000000000f4250'],
  ['by four fields', 'sort=job_type,-status,document_ids,finished_time'],
  [
    'of the last ten minutes',
    `created_after=${new Date(start + (jobs - 600) * 1000).toISOString()}&sort=-creation_time`,
  ],
];

const figuresAt = async (jobs: number): Promise<ListFigure[]> => {
  const shards = settingsOf({ leiaUrl: 'https://leia.example' }).indexShards;
  const { bill, submitter, client } = indexAtSize({ jobs, shards, millisPerRequest: MILLIS_PER_REQUEST });
  const mirror = jobTable({
    client: tableClient(client as Parameters<typeof tableClient>[0]),
    s3: new S3Client({}),
    tableName: 'jobs',
    bucketName: 'none',
    shards,
    retentionSeconds: 1,
    refusalMemorySeconds: 1,
    now: Date.now,
  });
  const deps = { mirror, now: Date.now, lists: listSnapshots({ maxAgeSeconds: 300, now: Date.now }) };
  const read = (query: ListQuery) =>
    listJobs(deps, { submitters: [submitter], query, discovered: undefined, maxAge: undefined });
  const figures: ListFigure[] = [];
  for (const [list, text] of listsOf(jobs)) {
    const query = listQueryOf(new URLSearchParams(text));
    // Once to have DynamoDB's answers ready: making them up must not count.
    await read(query);
    collectGarbage();
    const before = { ...bill, heap: process.memoryUsage().heapUsed, at: performance.now() };
    bill.heap = 0;
    const { total } = await read(query);
    figures.push({
      jobs,
      list,
      found: total,
      indexRequests: bill.indexRequests - before.indexRequests,
      indexUnits: bill.indexUnits - before.indexUnits,
      jobUnits: bill.jobUnits - before.jobUnits,
      millis: Math.round(performance.now() - before.at),
      megabytes: Math.max(0, Math.round((bill.heap - before.heap) / 1_000_000)),
    });
  }
  return figures;
};

const goals = { nextPageRequests: 0, growth: 1, megabytes: 512 };
const sizes = [1000, 10_000, 100_000];

/** What lists cost at each size; the goals are those of the greatest. */
export const listSection = async (): Promise<Section> => {
  const figures: ListFigure[] = [];
  for (const size of sizes) figures.push(...(await figuresAt(size)));
  const of = (list: string, jobs: number) => figures.find((figure) => figure.list === list && figure.jobs === jobs);
  const [few = 0, many = 0] = [sizes[0], sizes.at(-1)];
  const [first, last] = [of(firstPage, few), of(firstPage, many)];
  const growth = (last?.indexUnits ?? 0) / many / ((first?.indexUnits ?? 0) / few);
  const processes = await memoryOfLists();
  return {
    title: `Lists (the table ${MILLIS_PER_REQUEST} ms a request)`,
    lines: [
      ...figures.map((figure) => beside(`${figure.jobs} jobs: ${figure.list}`, written(figure))),
      atMost(
        'the next page: requests to the index',
        of(nextPage, many)?.indexRequests ?? 1,
        goals.nextPageRequests,
        String,
      ),
      atMost(`read units a job, ${many} jobs to ${few}`, growth, goals.growth, (value) => value.toFixed(2)),
      ...processes.map(({ list, range, megabytes }) =>
        atMost(`memory of a process for ${list} (${range})`, megabytes, goals.megabytes, (value) => `${value} MB`),
      ),
    ],
    notes: [
      'Memory beside a list: heap in use at most beyond what was in use before, rubbish not yet collected included.',
      'Memory of a process: all that it has, Node and the AWS SDK included, at most, for one request.',
    ],
  };
};

const written = ({ found, indexRequests, indexUnits, jobUnits, millis, megabytes }: ListFigure): string =>
  `${found} found, ${indexRequests} index requests, ${indexUnits} + ${jobUnits} read units, ${millis} ms, ${megabytes} MB`;
