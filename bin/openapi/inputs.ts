// What callers send, one parameter at a time, as JSON Schema can tell it. Ids and lines of text are the very schemas that
// the readers check with; test/openapi holds the others against their readers.
import * as z from 'zod';
import { operators } from '../../functions/jobs/conditions.ts';
import { Id, line, ModelName, Prose } from '../../functions/jobs/inputs.ts';
import { formatTypes, outputTypes } from '../../functions/jobs/request.ts';

/** Ids that LEIA's own examples use. */
export const exampleIds = {
  document: '507f191e810c19729de860ea',
  otherDocument: '507f191e810c19729de860eb',
  job: '507f191e810c19729de860ed',
  model: '5d52858cb4608e10db98ea1f',
  application: '5dceca1246eac2df484031de',
};

const idOf = (description: string, example: string) => Id.meta({ description, examples: [example] });

export const jobId = idOf('The id of a job, as this API or LEIA gave it.', exampleIds.job);
export const documentId = idOf('The id of a document.', exampleIds.document);
export const applicationId = idOf('The id of an application.', exampleIds.application);
export const submitterId = idOf('The id of the application that submitted the job.', exampleIds.application);
export const ownerId = idOf('The id of the application that owns the documents.', exampleIds.application);
export const modelId = ModelName.meta({
  description: 'The id or short name of a model.',
  examples: [exampleIds.model],
});
export const modelModule = ModelName.meta({
  description: 'The module of the model to train.',
  examples: ['leia.models.text.classifier.fasttext.v1'],
});

/** A list in a path: `a,b` or `a%2Cb`. */
const listOf = (item: z.ZodString, description: string, example: string[]) =>
  z
    .array(item)
    .min(1)
    .max(1000)
    .meta({ description, examples: [example], param: { style: 'simple', explode: false } });
export const documentIds = listOf(Id, 'Ids of documents; order and repetitions are kept.', [exampleIds.document]);
export const jobIds = listOf(Id, 'Ids of jobs.', [exampleIds.job, exampleIds.document]);

export const outputType = z.enum(outputTypes).meta({ description: 'What the documents become.', examples: ['text'] });
export const formatType = z.enum(formatTypes).meta({ description: 'The form of the result.' });
export const text = (description: string, example: string) => line().meta({ description, examples: [example] });
export const prose = (description: string, example: string) => Prose.meta({ description, examples: [example] });

/** A step of 0 is refused. */
const item = ' *(?:-?\\d+|(?:-?\\d+)?:(?:-?\\d+)?(?::(?:-?0*[1-9]\\d*)?)?) *';
export const pageRange = z
  .string()
  .max(4096)
  .regex(new RegExp(`^${item}(?:,${item})*$`))
  .meta({
    id: 'PageRange',
    description:
      'Pages of the documents of the job before, from 0: numbers and slices `from:to:step`, negative ones from the end. Needs `execute_after_id` or a tag beside it.',
    examples: ['0,2:5,-2:-1'],
  });

export const callbackUrl = z
  .string()
  .max(2048)
  .regex(/^[hH][tT][tT][pP][sS]?:\/\/[^/\p{Cc}]\P{Cc}*$/u)
  .refine((url) => URL.canParse(url))
  .meta({
    id: 'CallbackUrl',
    description:
      'Where the finished job is to be posted. Without it, the `default_job_callback_url` of the application.',
    examples: ['https://example.com/callback'],
  });

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,128}$/);
const headerValue = z
  .string()
  .max(4096)
  .regex(/^[\t -~\u0080-\u00ff]*$/);
export const callbackHeaders = z.record(headerName, z.union([headerValue, z.number(), z.boolean()]).nullable()).meta({
  id: 'CallbackHeaders',
  description:
    'Headers of the callback, at most 50, no name twice. Not `Host`, `Content-Length`, `webhook-*` or those of a connection. Only a body carries them.',
  examples: [{ 'X-Batch': '7' }],
});

export const blockProcessing = z.boolean().meta({
  description: 'Whether the job waits, BLOCKED, until it is started. In a query also `True` and `False`.',
});

/** Names and values as the caller likes. */
export const freeParams = (what: string) =>
  z.record(z.string(), z.unknown()).meta({ description: `Parameters of the ${what}.`, examples: [{ threshold: 0.5 }] });

const operand = z.unknown();
const operatorMap = z
  .strictObject(Object.fromEntries(operators.map((name) => [name, operand.optional()])))
  .meta({ description: 'Operators and operands; all must hold.', examples: [{ $gte: 0.5 }] });
const objectToEqual = z
  .record(z.string(), z.unknown())
  .refine((value) => Object.keys(value).some((key) => !key.startsWith('$')));
const test = z
  .union([z.string(), z.number(), z.boolean(), z.null(), operatorMap, objectToEqual, z.array(z.unknown())])
  .meta({
    description:
      'A value to equal, a map of operators – an object whose keys all begin with `$` –, or a list of these which must all hold.',
  });
export const conditions = z.record(z.string(), test).meta({
  description: 'Fields of the result of the job before, dotted paths included, and their tests; all must hold.',
  examples: [{ category: 'invoice', accuracy: [{ $gte: 0.5 }, { $lt: 0.99 }] }],
});
