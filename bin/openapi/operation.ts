// An operation as the document has it, and its twin for admins.
import * as z from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';

export type Operation = ZodOpenApiOperationObject & { operationId: string };

type Inputs = {
  path?: z.ZodRawShape;
  query?: z.ZodObject;
  header?: z.ZodRawShape;
  body?: z.ZodType;
};

/** Parameters, and a body that may be left out. */
export const taking = ({ path, query, header, body }: Inputs): Pick<Operation, 'requestParams' | 'requestBody'> => ({
  requestParams: {
    ...(path ? { path: z.object(path) } : {}),
    ...(query ? { query } : {}),
    ...(header ? { header: z.object(header).partial() } : {}),
  },
  ...(body ? { requestBody: { content: { 'application/json': { schema: body } } } } : {}),
});

const cacheControl = z.string().meta({
  description:
    'An addition to LEIA’s API: `no-cache` has LEIA asked first, `max-age=N` if what is known is older than N seconds. All else says nothing.',
  examples: ['max-age=60'],
});
export const idempotencyKey = z
  .string()
  .regex(/^[ -~]{1,255}$/)
  .meta({
    description:
      'An addition to LEIA’s API: under one key a submission takes effect once; repeated, it is answered with the job it made.',
    examples: ['batch-7-page-12'],
  });

export const fresh = { 'Cache-Control': cacheControl };
export const once = { 'Idempotency-Key': idempotencyKey };

type Twin = {
  operation: Operation;
  /** First in the path: whose job, or whose documents. */
  path?: z.ZodRawShape;
  /** Said of the twin in particular. */
  description?: string;
};

/** The same for admins, for any application. */
export const asAdmin = ({ operation, path = {}, description }: Twin): Operation => {
  const { requestParams, links: _links, ...rest } = operation as Operation & { links?: unknown };
  const own = requestParams?.path instanceof z.ZodObject ? requestParams.path.shape : {};
  return {
    ...rest,
    operationId: `admin_${operation.operationId}`,
    tags: ['admin'],
    summary: `${operation.summary} For admins.`,
    ...(description ? { description } : {}),
    requestParams: {
      ...requestParams,
      ...(Object.keys({ ...path, ...own }).length > 0 ? { path: z.object({ ...path, ...own }) } : {}),
    },
  };
};
