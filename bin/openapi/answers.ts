// What this API answers.
import { STATUS_CODES } from 'node:http';
import * as z from 'zod';
import type { ZodOpenApiLinksObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { Application } from '../../functions/adapters/access.ts';
import type { wireJob } from '../../functions/jobs/answer.ts';
import { DryRun, Explanation } from '../../functions/jobs/explain.ts';
import { JobRecord, Source, Status } from '../../functions/jobs/job.ts';
import { exampleIds } from './inputs.ts';

const shown = {
  id: true,
  application_id: true,
  submitter_id: true,
  creation_time: true,
  starting_time: true,
  finished_time: true,
  job_type: true,
  model_id: true,
  document_ids: true,
  page_range: true,
  execute_after_id: true,
  parent_job_id: true,
  callback_url: true,
  status: true,
  reason: true,
  http_code: true,
  result_type: true,
} as const satisfies Record<keyof ReturnType<typeof wireJob>, true>;

export const exampleJob = {
  id: exampleIds.job,
  application_id: exampleIds.application,
  submitter_id: exampleIds.application,
  creation_time: '2018-11-07T16:02:29.761Z',
  starting_time: '2018-11-07T16:02:30.761Z',
  finished_time: '2018-11-07T16:02:39.761Z',
  job_type: 'predict',
  model_id: exampleIds.model,
  document_ids: [exampleIds.document],
  page_range: null,
  execute_after_id: null,
  parent_job_id: null,
  callback_url: null,
  status: 'PROCESSED',
  reason: null,
  http_code: 200,
  result_type: 'classification',
  result: { category: 'invoice', accuracy: 0.97, score: 0.97 },
} as const;

const Job = JobRecord.pick(shown)
  .extend({
    result: z.unknown().meta({
      description: 'As LEIA wrote it, `1.0` included; null until there is one. Its form is that of `result_type`.',
    }),
  })
  .meta({ id: 'Job', description: 'Every key is always there.', examples: [exampleJob] });

const Problem = z
  .object({ type: z.literal('about:blank'), title: z.string(), status: z.int(), detail: z.string() })
  .meta({
    id: 'Problem',
    description: '`detail` says what was wrong, and of which field.',
    examples: [{ type: 'about:blank', title: 'Not Found', status: 404, detail: `No job ${exampleIds.job} exists` }],
  });

const ShownApplication = Application.meta({
  id: 'Application',
  description: 'As LEIA tells of it, but without its `api_key`.',
});

type Json = { id: string; description: string; schema: z.ZodType; headers?: z.ZodRawShape };
const json = ({ id, description, schema, headers }: Json): ZodOpenApiResponseObject => ({
  id,
  description,
  content: { 'application/json': { schema } },
  ...(headers ? { headers: z.object(headers) } : {}),
});

const age = {
  Age: z.string().regex(/^\d+$/).meta({
    description:
      'An addition to LEIA’s API: how many seconds ago LEIA was seen to say so; of a list, since when it may lack jobs that others started.',
  }),
};
const optionalAge = { Age: age.Age.optional() };
const observed = {
  ...age,
  'X-Observed-Via': Source.meta({ description: 'An addition to LEIA’s API: how that was learnt.' }),
};
const paging = {
  'Content-Range': z
    .string()
    .regex(/^\d+-\d+\/\d+$/)
    .meta({ description: '`first-end/total`, the end exclusive.', examples: ['0-10/42'] }),
};

const job = { description: 'The job.', schema: Job, headers: observed };

export const answers = {
  job: json({ id: 'TheJob', ...job }),
  newJob: (links: ZodOpenApiLinksObject): ZodOpenApiResponseObject => ({ ...json({ id: 'NewJob', ...job }), links }),
  elsewhere: {
    id: 'Elsewhere',
    description: 'The job is too large for an answer: for some minutes a GET of this address gives it.',
    headers: z.object({ Location: z.url(), ...observed }),
  },
  jobs: json({
    id: 'Jobs',
    description: 'A page of jobs.',
    schema: z.array(Job),
    headers: {
      ...paging,
      'Accept-Range': z.string().meta({ description: 'What a page has at most.', examples: ['job 100'] }),
      ...optionalAge,
    },
  }),
  statuses: json({
    id: 'Statuses',
    description: 'The statuses of those jobs that exist.',
    schema: z.record(z.string(), Status),
    headers: age,
  }),
  explanation: json({
    id: 'Explained',
    description: 'Why the job stands where it stands.',
    schema: Explanation.meta({ id: 'Explanation' }),
  }),
  dryRun: json({ id: 'WouldRun', description: 'What would run.', schema: DryRun.meta({ id: 'DryRun' }) }),
  application: json({ id: 'TheApplication', description: 'The application.', schema: ShownApplication }),
  login: json({
    id: 'NewToken',
    description: 'A new token.',
    schema: z.object({ token: z.string(), application: ShownApplication }).meta({ id: 'LoginToken' }),
  }),
  health: json({ id: 'Here', description: 'All is well.', schema: z.object({ status: z.literal('ok') }) }),
  description: json({ id: 'Described', description: 'This document.', schema: z.looseObject({ openapi: z.string() }) }),
  nothing: { id: 'Nothing', description: 'Done.' },
} satisfies Record<string, unknown>;

const problem = (id: string, description: string, headers?: z.ZodRawShape): ZodOpenApiResponseObject => ({
  id,
  description,
  content: { 'application/problem+json': { schema: Problem } },
  ...(headers ? { headers: z.object(headers) } : {}),
});
const errors = {
  400: problem('BadInput', 'A value cannot be used; `detail` names the field and what was expected.'),
  401: problem('NotLoggedIn', 'No valid token; or, on an admin path, not that of an admin.'),
  403: problem('NotYours', 'It belongs to another application, or may not be done here.'),
  404: problem('NotThere', 'There is no such thing, or not in a state in which this can be done.'),
  409: problem('StillSending', 'The first submission under this Idempotency-Key is still being sent.'),
  422: problem('OtherSubmission', 'This Idempotency-Key was used for another submission.'),
  503: problem('LeiaAway', 'Only LEIA could tell, and it does not answer; `Retry-After` says when to ask again.'),
} satisfies Record<number, ZodOpenApiResponseObject>;

export const refusals = (...statuses: (keyof typeof errors)[]): Record<string, ZodOpenApiResponseObject> =>
  Object.fromEntries(statuses.map((status) => [String(status), errors[status]]));

/** The answer to an empty page is 404 (contract §2.3). */
export const emptyPage = problem('EmptyPage', 'No job matches.', { ...paging, ...optionalAge });

/** What LEIA refuses to do. */
export const leiaRefusal = { '4XX': problem('Refused', 'LEIA’s own refusal of a submission.') };

/** Of LEIA's own making, whatever they are. */
export const asLeiaAnswers: Record<string, ZodOpenApiResponseObject> = {
  default: {
    id: 'AsLeia',
    description: `As LEIA answers; or, in this API’s own words, ${STATUS_CODES[401]} and the like.`,
  },
};
