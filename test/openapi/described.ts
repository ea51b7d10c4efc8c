// Whether an answer is one that docs/openapi.json has: its status, its content type, its headers.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import * as z from 'zod';
import { documentPath } from '../../bin/openapi/passed.ts';
import { routeOf } from '../../functions/runtime/route-match.ts';
import { basePath } from '../../functions/runtime/routes.ts';

const Response = z.looseObject({
  headers: z.record(z.string(), z.looseObject({ required: z.boolean().optional() })).default({}),
  content: z.record(z.string(), z.unknown()).default({}),
});
const Document = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({ responses: z.record(z.string(), z.looseObject({ $ref: z.string().optional() })) }),
    ),
  ),
  components: z.looseObject({ responses: z.record(z.string(), z.unknown()) }),
});
const { paths, components } = Document.parse(
  JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')),
);

const responseOf = (method: string, path: string, status: number) => {
  const route = routeOf(method, basePath + path);
  const responses = (route && paths[documentPath(route)]?.[method.toLowerCase()]?.responses) ?? {};
  const found = responses[String(status)] ?? responses[`${String(status)[0]}XX`] ?? responses.default;
  const name = found?.$ref?.split('/').at(-1);
  return found && Response.parse(name === undefined ? found : components.responses[name]);
};

type Answer = { status: number; headers: Readonly<Record<string, unknown>>; text: string };

/** `path` below the base path, decoded, without its query. */
export const expectDescribed = (method: string, path: string, { status, headers, text }: Answer): void => {
  const response = responseOf(method, path, status);
  expect(response, `${method} ${path}: ${status}`).toBeDefined();
  const types = Object.keys(response?.content ?? {});
  if (types.length > 0) expect(types).toContain(String(headers['content-type']).split(';')[0]);
  for (const [name, { required }] of Object.entries(response?.headers ?? {}))
    if (required) expect([name, headers[name.toLowerCase()]]).toEqual([name, expect.any(String)]);
  if (status === 204) expect(text).toBe('');
};
