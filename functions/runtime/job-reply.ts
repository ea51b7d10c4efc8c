// A Job as an HTTP answer: exactly 200, every key, the result as LEIA's own text, how old it is (contract §0.2, D8).
import type { LargeAnswers } from '../adapters/large-answers.ts';
import type { Mirror } from '../adapters/mirror.ts';
import { ageOf, wireJob } from '../jobs/answer.ts';
import type { JobRecord } from '../jobs/job.ts';
import { jobText } from '../jobs/raw-json.ts';
import { fitsAnswer } from './answer-size.ts';
import type { HttpReply } from './request.ts';

export type JobReplyDeps = { mirror: Pick<Mirror, 'result'>; largeAnswers: LargeAnswers; now: () => number };

/**
 * The answer for one job, its result fetched from wherever the mirror keeps it. A job that is too large for an answer is
 * elsewhere: 303, which the clients of all SDKs follow with a GET, and read as if it had been the answer.
 */
export const jobReply = async (deps: JobReplyDeps, job: JobRecord): Promise<HttpReply> => {
  const text = await jobTextOf(deps, job);
  if (fitsAnswer(text)) return { ...jobHead(deps, job), body: text };
  const location = await deps.largeAnswers.keep(job.id, text);
  return { status: 303, headers: { location, 'cache-control': 'no-store', ...howFresh(deps, job) } };
};

/** What a HEAD of a job answers, however large the job is. */
export const jobHead = (deps: Pick<JobReplyDeps, 'now'>, job: JobRecord): HttpReply => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...howFresh(deps, job) },
});

const howFresh = ({ now }: Pick<JobReplyDeps, 'now'>, job: JobRecord) => ({
  age: String(ageOf(job, now())),
  'x-observed-via': job.observed_via,
});

/** The Job as text. A type without its result breaks the SDKs (contract §0.9). */
export const jobTextOf = async ({ mirror }: Pick<JobReplyDeps, 'mirror'>, job: JobRecord): Promise<string> => {
  const result = job.result_type === null ? null : await mirror.result(job);
  return jobText(wireJob(result === null ? { ...job, result_type: null } : job), result);
};
