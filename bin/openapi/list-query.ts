// The query of `GET /job` and `GET /admin/job` (contract §2.1–2.4).
import * as z from 'zod';
import { ModelName } from '../../functions/jobs/inputs.ts';
import { Status } from '../../functions/jobs/job.ts';
import { jobTypes, MAX_LIMIT } from '../../functions/jobs/list-query.ts';
import { sortFields } from '../../functions/jobs/select-jobs.ts';
import { toInstant } from '../../functions/jobs/timestamp.ts';
import { applicationId, documentId, jobId, modelId, submitterId } from './inputs.ts';

const time = (description: string) =>
  z
    .string()
    .regex(/^\s*\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[ +-]\d\d:?\d\d)?\s*$/)
    .refine((text) => toInstant(text) !== undefined)
    .meta({ description: `${description}; UTC where it says no offset.`, examples: ['2018-10-10T10:10:10'] });

/** A word and, for Python, the member of the enum that it is. */
const asPython = (example: string) => `Also as Python prints the members of its enums: \`${example}\`.`;

/** `predict` with or without its model, which makes the name of a worker's queue. */
const jobType = z
  .union([
    z.enum(jobTypes),
    z
      .string()
      .regex(/^predict-[A-Za-z0-9._~-]{1,128}$/)
      .refine((text) => ModelName.safeParse(text.slice('predict-'.length)).success),
  ])
  .meta({ description: asPython('JobTypes.PDF_IMAGES'), examples: ['pdf-images'] });

const field = `-?(?:${sortFields.join('|')})`;
const sort = z
  .string()
  .regex(new RegExp(`^${field}(?:,${field}){0,${sortFields.length - 1}}$`))
  .meta({ description: 'Fields, each descending behind a `-`.', examples: ['-creation_time,job_type'] });

const MAX_NUMBER = 999_999_999_999_999;

const filters = {
  job_id: jobId,
  application_id: applicationId,
  job_type: jobType,
  model_id: modelId,
  document_id: documentId,
  execute_after_id: jobId,
  parent_job_id: jobId.meta({ description: 'The conditional job whose steps to show.' }),
  status: Status.meta({ description: asPython('Statuses.PROCESSED'), examples: ['PROCESSED'] }),
  created_after: time('Only jobs created after this instant'),
  created_before: time('Only jobs created before this instant'),
  sort,
  offset: z
    .int()
    .min(0)
    .max(MAX_NUMBER)
    .meta({ description: 'How many jobs to skip.', examples: [0] }),
  limit: z
    .int()
    .min(1)
    .max(MAX_NUMBER)
    .meta({ description: `How many jobs to show; more than ${MAX_LIMIT} are taken as ${MAX_LIMIT}.`, examples: [10] }),
};

export const listQuery = z.object(filters).partial();
export const adminListQuery = z.object({ ...filters, submitter_id: submitterId }).partial();
