// The description of the API: OpenAPI 3.1, made of the route table and the schemas that requests are checked with.
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { basePath, keyOf, type Route, routes } from '../../functions/runtime/routes.ts';
import { jobOperations } from './jobs.ts';
import type { Operation } from './operation.ts';
import { documentPath, passedOperations } from './passed.ts';
import { sessionOperations } from './sessions.ts';
import { submissionOperations } from './submissions.ts';

const operations: Readonly<Record<string, Operation>> = {
  ...submissionOperations,
  ...jobOperations,
  ...sessionOperations,
  ...passedOperations,
};

const operationOf = (route: Route): Operation => {
  const operation = operations[keyOf(route)];
  if (!operation) throw new Error(`Nothing describes ${keyOf(route)}`);
  return operation;
};

/** A callback's path lies at the root. */
const atRoot = { servers: [{ url: '/' }] };

const paths = (): ZodOpenApiPathsObject => {
  const found: Record<string, Record<string, Operation>> = {};
  for (const route of routes.filter(({ method }) => method !== 'HEAD')) {
    const operation = { ...operationOf(route), ...(route.atRoot ? atRoot : {}) };
    const path = documentPath(route);
    found[path] = { ...found[path], [route.method.toLowerCase()]: operation };
  }
  return found;
};

const description = `LEIA's job API with durable jobs behind it. LEIA's own SDKs work with it by their base URL alone.

What LEIA's API does not have is called an addition. Every error is a problem+json with a \`detail\`. Every GET but those
of a session answers a HEAD as well. Text with NUL is refused wherever it stands, and so is an
\`api_key\` beside a token, which would go on to LEIA. API Gateway itself answers 429 to who
asks too often, and refuses bodies beyond 6 MB and requests whose line and headers are longer than 10,240 bytes, about
400 ids; 500 says that something went wrong here, and is logged.`;

/** The document as JSON text, as docs/openapi.json has it. */
export const openApiText = (): string => {
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: { title: 'leia-jobs', version: '1.0.0', description, license: { name: 'MIT', identifier: 'MIT' } },
      servers: [{ url: basePath }],
      security: [{ token: [] }],
      tags: [
        { name: 'submissions', description: 'Make jobs.' },
        { name: 'jobs', description: 'Read, list, start, cancel.' },
        { name: 'admin', description: 'The same for admins, for any application.' },
        { name: 'session', description: 'Tokens.' },
        { name: 'additions', description: 'What LEIA’s API does not have.' },
        { name: 'callbacks', description: 'For LEIA.' },
        { name: 'leia', description: 'Documents, models, annotations, applications, workers: passed to LEIA.' },
      ],
      paths: paths(),
      components: {
        securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'token', description: 'As /login gives it.' } },
      },
    },
    { override: ({ jsonSchema }) => simplify(jsonSchema) },
  );
  return `${JSON.stringify(document, null, 2)}\n`;
};

/** What only some readers of JSON Schema understand, or what says no more than a word does. */
const simplify = (schema: { format?: string; pattern?: string }): void => {
  if (schema.format === 'date-time') delete schema.pattern;
  if (schema.pattern !== undefined)
    schema.pattern = schema.pattern
      .replaceAll('\\P{Cc}', '[^\\x00-\\x1f\\x7f-\\x9f]')
      .replaceAll('\\p{Cc}', '\\x00-\\x1f\\x7f-\\x9f');
};
