// LEIA's Job as we read it (D12): unknown keys dropped, unknown words replaced and counted, times in one form, the
// result kept as LEIA's own text.
import * as z from 'zod';
import { ResultType, Status } from '../jobs/job.ts';
import { rawElements, rawMember } from '../jobs/raw-json.ts';
import { toInstant } from '../jobs/timestamp.ts';
import type { LeiaJob } from './leia-api.ts';

/** Words that LEIA's API does not have, by where they stood. */
type Oddity = 'status' | 'result_type';
export type OnOddity = (where: Oddity) => void;

const optionalText = z.string().nullable().catch(null);
const optionalTime = z
  .string()
  .transform((text) => toInstant(text) ?? null)
  .nullable()
  .catch(null);
const time = z.string().transform((text, context) => {
  const instant = toInstant(text);
  if (instant === undefined) context.addIssue('not an instant');
  return instant ?? z.NEVER;
});

/** What makes it a Job is demanded; what LEIA may leave out, or write otherwise, must not stop a sweep. */
const Job = z.object({
  id: z.string().min(1),
  status: z.string(),
  creation_time: time,
  application_id: z.string().catch(''),
  submitter_id: optionalText,
  document_ids: z.array(z.string()).catch([]),
  job_type: z.string().catch(''),
  callback_url: optionalText,
  execute_after_id: optionalText,
  parent_job_id: optionalText,
  page_range: optionalText,
  model_id: optionalText,
  starting_time: optionalTime,
  finished_time: optionalTime,
  // A job must fit an item of the table, whatever LEIA has to say.
  reason: optionalText.transform((reason) => reason?.slice(0, 8000) ?? null),
  // 5000 is how LEIA's own documentation spells 500 (contract §5).
  http_code: z
    .int()
    .nullable()
    .catch(null)
    .transform((code) => (code === 5000 ? 500 : code)),
  result_type: optionalText,
});
type Job = z.infer<typeof Job>;

/** A Job from its JSON text – a reply of LEIA or the payload of a callback. Undefined when it is none. */
export const leiaJobOf = (text: string, onOddity: OnOddity = () => {}): LeiaJob | undefined => {
  const job = Job.safeParse(parseJson(text));
  return job.success ? shownJob(job.data, rawMember(text, 'result'), onOddity) : undefined;
};

/** Jobs from the JSON text of a list; undefined unless every one of them can be read, so that none goes unseen. */
export const leiaJobsOf = (text: string, onOddity: OnOddity = () => {}): LeiaJob[] | undefined => {
  const jobs = z.array(Job).safeParse(parseJson(text));
  if (!jobs.success) return undefined;
  const texts = rawElements(text);
  return jobs.data.map((job, index) => shownJob(job, rawMember(texts[index] ?? '', 'result'), onOddity));
};

/** A parsed JSON text; undefined when it is no JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The status, or undefined, counted, for a word that is none. */
export const readStatus = (word: unknown, onOddity: OnOddity): Status | undefined => {
  const status = Status.safeParse(word);
  if (!status.success) onOddity('status');
  return status.data;
};

const shownJob = (job: Job, resultText: string | undefined, onOddity: OnOddity): LeiaJob => {
  const { id, status: word, model_id, starting_time, finished_time, reason, http_code, result_type, ...rest } = job;
  const result = resultText === undefined || resultText === 'null' ? null : resultText;
  const status = readStatus(word, onOddity);
  return {
    ...rest,
    id,
    submitter_id: job.submitter_id ?? '',
    seen: {
      leiaId: id,
      // The stand-in is seen only where nothing was known before: it neither ends a job nor moves one back.
      ...(status === undefined ? { status: 'READY', statusUnknown: true } : { status }),
      details: {
        model_id,
        starting_time,
        finished_time,
        reason,
        http_code,
        result_type: readResultType(result_type, result, onOddity),
        result,
      },
    },
  };
};

/** A result of no type, or of one that clients do not know, is an `object` to them (D12). */
const readResultType = (word: string | null, result: string | null, onOddity: OnOddity): ResultType | null => {
  if (word === null && result === null) return null;
  const type = ResultType.safeParse(word);
  if (!type.success) onOddity('result_type');
  return type.success ? type.data : 'object';
};
