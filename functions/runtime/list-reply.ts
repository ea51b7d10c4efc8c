// A page of jobs as an HTTP answer: results as LEIA's own text, no more of them than an answer may hold (contract §2.3).
import type { Mirror } from '../adapters/mirror.ts';
import { wireJob } from '../jobs/answer.ts';
import type { JobRecord } from '../jobs/job.ts';
import { MAX_LIMIT } from '../jobs/list-query.ts';
import { jobText } from '../jobs/raw-json.ts';
import { bytesInAnswer, fitsAnswer, MAX_ANSWER_BYTES } from './answer-size.ts';
import type { HttpReply } from './request.ts';

/** Results read at once: each may be as large as an answer, and is in memory several times while it is read. */
const AT_ONCE = 4;

export type ListPage = { jobs: JobRecord[]; first: number; total: number };

/** As many of the jobs, one at least, as go into one answer; `Content-Range` says how many they are. */
export const listReply = async (
  mirror: Pick<Mirror, 'result'>,
  { jobs, first, total }: ListPage,
  headers: Record<string, string>,
): Promise<HttpReply> => {
  const texts = await textsOf(mirror, jobs);
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'content-range': `${first}-${first + texts.length}/${total}`,
      'accept-range': `job ${MAX_LIMIT}`,
      ...headers,
    },
    body: `[${texts.join(',')}]`,
  };
};

const textsOf = async (mirror: Pick<Mirror, 'result'>, jobs: JobRecord[]): Promise<string[]> => {
  const texts: string[] = [];
  let bytes = 2;
  for (let start = 0; start < jobs.length; start += AT_ONCE) {
    const batch = await Promise.all(jobs.slice(start, start + AT_ONCE).map((job) => textOf(mirror, job)));
    for (const text of batch) {
      bytes += bytesInAnswer(text) + 1;
      if (bytes > MAX_ANSWER_BYTES && texts.length > 0) return texts;
      texts.push(text);
    }
  }
  return texts;
};

/** A result too large for a list is left out with its type, which nothing can decode alone (contract §0.9). */
const textOf = async (mirror: Pick<Mirror, 'result'>, job: JobRecord): Promise<string> => {
  const result = job.result_type === null ? null : await mirror.result(job, MAX_ANSWER_BYTES);
  const text = result === null ? undefined : jobText(wireJob(job), result);
  return text !== undefined && fitsAnswer(text) ? text : jobText(wireJob({ ...job, result_type: null }), null);
};
