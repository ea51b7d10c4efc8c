// The API's description of itself: as committed, as served, and complete.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openApiText } from '../../bin/openapi/document.ts';
import { documentPath } from '../../bin/openapi/passed.ts';
import { routes } from '../../functions/runtime/routes.ts';
import { describe as describeApi } from '../../functions/session.ts';

const committed = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');

const Parameter = z.looseObject({
  in: z.string(),
  name: z.string(),
  schema: z.looseObject({ description: z.string().optional() }),
});
const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  tags: z.tuple([z.string()]),
  security: z.array(z.object()).optional(),
  parameters: z.array(Parameter).default([]),
  responses: z.record(z.string(), z.object()),
});
const Document = z.looseObject({
  openapi: z.literal('3.1.0'),
  servers: z.array(z.object({ url: z.literal('/leia/1.0.0') })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});
const document = Document.parse(JSON.parse(committed));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ key: `${method.toUpperCase()} ${path}`, operation })),
);

describe('docs/openapi.json', () => {
  it('is what the schemas and the route table say: else run `npm run openapi`', () =>
    expect(committed === openApiText()).toBe(true));

  it('has every route of the table, and no other', () => {
    const table = routes.filter(({ method }) => method !== 'HEAD');
    expect(operations.map(({ key }) => key).toSorted()).toEqual(
      table.map((route) => `${route.method} ${documentPath(route)}`).toSorted(),
    );
  });

  it('has no two paths of one shape, and no two operations of one name', () => {
    const shapes = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'));
    expect(new Set(shapes).size).toBe(shapes.length);
    const names = operations.map(({ operation }) => operation.operationId);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('says of each path what its parameters are', () => {
    for (const { key, operation } of operations) {
      const named = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      expect([key, ...named.toSorted()]).toEqual([
        key,
        ...[...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted(),
      ]);
    }
  });

  it('asks for a token wherever the table does', () => {
    const open = routes
      .filter((route) => route.public && route.method !== 'HEAD')
      .map(({ method, path }) => `${method} ${path}`);
    const described = operations.filter(({ operation }) => operation.security?.length === 0).map(({ key }) => key);
    expect(described.toSorted()).toEqual(open.toSorted());
  });
});

describe('what LEIA’s API does not have is described as an addition:', () => {
  it.each(['Idempotency-Key', 'Cache-Control', 'Age', 'X-Observed-Via'])('%s', (name) => {
    const places = [...committed.matchAll(new RegExp(`"${name}": \\{[^}]*?"description": "([^"]*)"`, 'g'))];
    const parameters = operations.flatMap(({ operation }) => operation.parameters).filter((one) => one.name === name);
    const said = [...places.map(([, text]) => text), ...parameters.map(({ schema }) => schema.description)];
    expect(said.length).toBeGreaterThan(0);
    for (const text of said) expect(text).toMatch(/^An addition to LEIA’s API/);
  });
  it.each(operations.filter(({ key }) => /explain|openapi/.test(key)))('$key', ({ operation }) =>
    expect(operation.summary).toMatch(/^An addition to LEIA’s API/),
  );
});

it('GET /openapi.json serves it', async () => {
  const { status, headers, body } = await describeApi();
  expect([status, headers]).toEqual([200, { 'content-type': 'application/json' }]);
  expect(JSON.parse(String(body))).toEqual(JSON.parse(committed));
  // API Gateway and Lambda carry it easily, and so does the function's bundle.
  expect(String(body).length).toBeLessThan(120_000);
});
