// A Job as an HTTP answer: exactly 200, every key, the result as LEIA's own text, how old it is (contract §0.2, D8).
import type { Mirror } from '../adapters/mirror.ts';
import { ageOf, wireJob } from '../jobs/answer.ts';
import type { JobRecord } from '../jobs/job.ts';
import { jobText } from '../jobs/raw-json.ts';
import type { HttpReply } from './request.ts';

/** The answer for one job, its result fetched from wherever the mirror keeps it. */
export const jobReply = async (
  { mirror, now }: { mirror: Pick<Mirror, 'result'>; now: () => number },
  job: JobRecord,
): Promise<HttpReply> => ({
  status: 200,
  headers: {
    'content-type': 'application/json',
    age: String(ageOf(job, now())),
    'x-observed-via': job.observed_via,
  },
  body: jobText(wireJob(job), job.result_type === null ? null : await mirror.result(job)),
});
