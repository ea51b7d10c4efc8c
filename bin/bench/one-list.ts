// One list request in a process of its own, with the memory that a Lambda function of 512 MB has: prints what it took.
//   node --max-old-space-size=400 bin/bench/one-list.ts <table's and bucket's address> <shards> <submitter> <query>
import { S3Client } from '@aws-sdk/client-s3';
import { listJobs, listSnapshots } from '../../functions/acts/list-jobs.ts';
import { jobTable } from '../../functions/adapters/job-table.ts';
import { tableClient } from '../../functions/adapters/table-client.ts';
import { listQueryOf } from '../../functions/jobs/list-query.ts';
import { listReply } from '../../functions/runtime/list-reply.ts';

const [endpoint = '', shards = '', submitter = '', text = ''] = process.argv.slice(2);
const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
const client = { endpoint, region: 'eu-west-1', credentials };

const mirror = jobTable({
  client: tableClient(client),
  s3: new S3Client({ ...client, forcePathStyle: true }),
  tableName: 'jobs',
  bucketName: 'bucket',
  shards: Number(shards),
  retentionSeconds: 1,
  refusalMemorySeconds: 1,
  now: Date.now,
});
const query = listQueryOf(new URLSearchParams(text));
const lists = listSnapshots({ maxAgeSeconds: 30, now: Date.now });
const asked = { submitters: [submitter], query, discovered: undefined, maxAge: undefined };
const listed = await listJobs({ mirror, now: Date.now, lists }, asked);
const reply = await listReply(mirror, { ...listed, first: query.page.offset }, {});

const kilobytes = process.resourceUsage().maxRSS;
const range = reply.headers?.['content-range'];
console.log(JSON.stringify({ megabytes: Math.round(kilobytes / 1000), range }));
