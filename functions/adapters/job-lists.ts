// The `by-application` index: what lists filter and sort by, read in parallel over its partitions (D3).
import { paginateQuery } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { JobRecord } from '../jobs/job.ts';
import type { ListEntry, ListField } from '../jobs/select-jobs.ts';
import { indexPartitions } from './job-items.ts';
import type { JobTable } from './job-queries.ts';
import type { CreationRange, Mirror } from './mirror.ts';
import { fromItems, toItem } from './table-client.ts';
import { indexes } from './table-schema.ts';

const index = indexes.byApplication;

export const jobLists = (table: JobTable): Pick<Mirror, 'listed'> => ({
  listed: (submitter, range, fields) =>
    isEmpty(range)
      ? []
      : indexPartitions(submitter, table.shards).map((partition) => pagesOf(table, { partition, range, fields })),
});

/** Of such bounds DynamoDB would make an error. */
const isEmpty = ({ after, before }: CreationRange): boolean =>
  after !== undefined && before !== undefined && after >= before;

type Part = { partition: string; range: CreationRange; fields: readonly ListField[] };

/** Only the fields asked for come over the wire: a hundred thousand entries must fit into memory. */
async function* pagesOf(table: JobTable, { partition, range, fields }: Part): AsyncGenerator<ListEntry[]> {
  const names = [index.sort, ...fields];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.tableName,
      IndexName: index.name,
      KeyConditionExpression: `${index.partition} = :partition AND #f0 BETWEEN :low AND :high`,
      ExpressionAttributeValues: toItem({ ':partition': partition, ...boundsOf(range) }),
      ProjectionExpression: names.map((_, nth) => `#f${nth}`).join(', '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name, nth) => [`#f${nth}`, name])),
    },
  );
  for await (const { Items } of pages) yield z.array(ListItem).parse(fromItems(Items));
}

/** Both exclusive: `$` follows `#`, so `<instant>$` lies behind every key of that instant, `<instant>` before them. */
const boundsOf = ({ after, before }: CreationRange) => ({
  ':low': after === undefined ? '0' : `${after}$`,
  ':high': before ?? '~',
});

const INSTANT_LENGTH = 'YYYY-MM-DDTHH:MM:SS.mmmZ'.length;

/** The sort key tells creation time and id, which need not come a second time. */
const ListItem = JobRecord.pick({
  submitter_id: true,
  application_id: true,
  starting_time: true,
  finished_time: true,
  job_type: true,
  model_id: true,
  document_ids: true,
  status: true,
  execute_after_id: true,
  parent_job_id: true,
})
  .partial()
  .extend({ [index.sort]: z.string() })
  .transform(
    ({ [index.sort]: key, ...fields }): ListEntry => ({
      id: key.slice(INSTANT_LENGTH + 1),
      creation_time: key.slice(0, INSTANT_LENGTH),
      ...fields,
    }),
  );
