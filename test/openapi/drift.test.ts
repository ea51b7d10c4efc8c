// The description of what callers send against the readers of it: what the one allows the other takes, and the other way
// round. Readers take a little more, which the description says in words: enum members and booleans as Python prints them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { bodies, exampleRules, queries } from '../../bin/openapi/bodies.ts';
import { documentIds, jobId, jobIds, modelId, outputType } from '../../bin/openapi/inputs.ts';
import { adminListQuery } from '../../bin/openapi/list-query.ts';
import { idempotencyKey } from '../../bin/openapi/operation.ts';
import { apiKey, leiaJob } from '../../bin/openapi/sessions.ts';
import { leiaJobOf } from '../../functions/adapters/leia-job.ts';
import { parseConditional } from '../../functions/jobs/conditional-request.ts';
import { enumOf, idempotencyKeyOf, idListOf, idOf, modelIdOf, textOf } from '../../functions/jobs/inputs.ts';
import type { Json, JsonObject } from '../../functions/jobs/json-body.ts';
import { listQueryOf } from '../../functions/jobs/list-query.ts';
import { outputTypes } from '../../functions/jobs/request.ts';
import { parseSubmission } from '../../functions/jobs/submission.ts';
import { examplesOf, fieldsOf, isSaidInWords, isText, meantBy, odd, takes, texts } from './nearly-right.ts';

const agreeOnTexts = (schema: z.ZodType, read: (text: string) => unknown): void =>
  fc.assert(
    fc.property(texts(examplesOf(schema)), (text) => {
      fc.pre(!isSaidInWords(text));
      expect(takes(() => read(text))).toBe(schema.safeParse(meantBy(schema, text)).success);
    }),
    { numRuns: 300, examples: odd.filter((text) => !isSaidInWords(text)).map((text) => [text]) },
  );

describe('of paths', () => {
  it('ids', () => agreeOnTexts(jobId, (text) => idOf('job_id', text)));
  it('names of models', () => agreeOnTexts(modelId, (text) => modelIdOf('model_id', text)));
  it('output types', () => agreeOnTexts(outputType, (text) => enumOf('output_type', text, outputTypes)));
  it.each([
    ['documents', documentIds],
    ['jobs', jobIds],
  ])('lists of %s', (_what, schema) =>
    fc.assert(
      fc.property(fc.array(texts(['a']), { minLength: 1, maxLength: 4 }), (ids) => {
        fc.pre(ids.every((id) => !id.includes(',')));
        expect(takes(() => idListOf('ids', ids.join(','), 1000))).toBe(schema.safeParse(ids).success);
      }),
    ),
  );
});

describe('of headers and sessions', () => {
  it('idempotency keys', () => agreeOnTexts(idempotencyKey, (key) => idempotencyKeyOf({ 'idempotency-key': key })));
  it('API keys', () => agreeOnTexts(apiKey, (text) => textOf('api_key', text)));
});

describe('of LEIA’s callbacks', () => {
  const job = fc.record<JsonObject>(
    {
      id: fc.constantFrom<Json>('507f191e810c19729de860ed', '', 1, null),
      status: fc.constantFrom<Json>('PROCESSED', 'SOMETHING_NEW', 1, null),
      creation_time: fc.constantFrom<Json>('2018-11-07T16:02:29.761Z', '2018-11-07T16:02:29+01:00', 'yesterday', 1),
      document_ids: fc.constantFrom<Json>(['a'], 'a', null),
      result_type: fc.constantFrom<Json>('object', 'something new', 1),
      extra: fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>,
    },
    { requiredKeys: [] },
  );
  it('what is described is taken, and nothing else', () =>
    fc.assert(
      fc.property(fc.oneof(job, fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>), (payload) => {
        expect(leiaJobOf(JSON.stringify(payload)) !== undefined).toBe(leiaJob.safeParse(payload).success);
      }),
      { numRuns: 1000 },
    ));
});

describe('of the query of a list', () => {
  it.each(fieldsOf(adminListQuery))('%s', (name, schema) =>
    agreeOnTexts(schema, (text) => listQueryOf(new URLSearchParams([[name, text]]), { admin: true })),
  );

  it('no other parameter is read', () => {
    const asked = new Set<string>();
    const query = new URLSearchParams();
    query.getAll = (name) => {
      asked.add(name);
      return [];
    };
    listQueryOf(query, { admin: true });
    expect([...asked].toSorted()).toEqual(
      fieldsOf(adminListQuery)
        .map(([name]) => name)
        .toSorted(),
    );
  });
});

type Kind = 'apply' | 'transform' | 'train';
const paths = {
  apply: { model_id: 'm', document_ids: 'd' },
  transform: { document_ids: 'd', output_type: 'text' },
  train: { model_module: 'm', documents_tag: 't' },
};
const submit = (kind: Kind, query: [string, string][], body: JsonObject | string = '') =>
  parseSubmission({
    kind,
    params: paths[kind],
    query: new URLSearchParams(query),
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    maxDocumentIds: 1000,
  });
/** A page range wants something to range over. */
const beside = (kind: Kind, name: string): [string, string][] =>
  name === 'page_range' ? [[kind === 'apply' ? 'tag' : 'input_tag', 't']] : [];

const kinds: Kind[] = ['apply', 'transform', 'train'];
const inQuery = kinds.flatMap((kind) => fieldsOf(queries[kind]).map(([name, schema]) => ({ kind, name, schema })));
const inBody = kinds.flatMap((kind) => fieldsOf(bodies[kind]).map(([name, schema]) => ({ kind, name, schema })));

describe('of the query of a submission', () => {
  it.each(inQuery.filter(({ schema }) => schema.type !== 'array'))('$kind $name', ({ kind, name, schema }) =>
    agreeOnTexts(schema, (text) => submit(kind, [...beside(kind, name), [name, text]])),
  );
  it.each(inQuery.filter(({ schema }) => schema.type === 'array'))('$kind $name, repeated', ({ kind, name, schema }) =>
    fc.assert(
      fc.property(fc.array(texts(['a']), { minLength: 1, maxLength: 3 }), (values) => {
        fc.pre(values.every(isText));
        const query = values.map((value): [string, string] => [name, value]);
        expect(takes(() => submit(kind, query))).toBe(schema.safeParse(values).success);
      }),
    ),
  );
});

/** JSON that holds nothing which no JSON may hold here. */
const isHarmless = (value: Json): boolean =>
  !/\\u0000|\\ud[89a-f]|__proto__|constructor|prototype/i.test(JSON.stringify(value)) &&
  !(typeof value === 'string' && isSaidInWords(value));

const hasNulls = (value: Json): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).includes(null);

const values = (schema: z.ZodType): fc.Arbitrary<Json> =>
  fc.oneof(
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
    texts(examplesOf(schema)),
    fc.constantFrom(...(examplesOf(schema) as Json[]), null, true, 0, 2_147_483_647, 2_147_483_648, 1.5),
    fc.array(texts(['a']), { maxLength: 3 }),
  );

describe('of the body of a submission', () => {
  it.each(inBody)('$kind $name', ({ kind, name, schema }) =>
    fc.assert(
      fc.property(values(schema), (value) => {
        fc.pre(isHarmless(value));
        const taken = takes(() => submit(kind, beside(kind, name), { [name]: value }));
        const allowed = value === null || schema.safeParse(value).success;
        // Which names a header may not have takes words, and that one without a value is none.
        if (name === 'callback_headers') expect(allowed || !taken || hasNulls(value)).toBe(true);
        else expect([value, taken]).toEqual([value, allowed]);
      }),
      { numRuns: 300 },
    ),
  );

  it.each(kinds)('%s: the example is taken whole', (kind) => {
    const [example] = examplesOf(bodies[kind]);
    const { request, warnings } = submit(kind, [], example as JsonObject);
    expect([request, warnings]).toEqual([expect.objectContaining(example as JsonObject), []]);
  });
});

describe('of a conditional job', () => {
  const conditional = (body: Json) =>
    parseConditional({
      params: { execute_after_id: 'j' },
      query: new URLSearchParams(),
      body: Buffer.from(JSON.stringify(body)),
      maxDocumentIds: 1000,
    });
  const anyOf = (...some: fc.Arbitrary<Json>[]) =>
    fc.oneof(...some, fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>);
  const test = anyOf(
    fc.dictionary(
      fc.constantFrom('$eq', '$gte', '$in', '$nor', 'a'),
      fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>,
    ),
    fc.array(fc.constantFrom<Json>({ $lt: 1 }, {}, 'x', { $in: [1] })),
  );
  const entry = anyOf(
    fc.record<JsonObject>(
      {
        job_type: fc.constantFrom<Json>('apply_model', 'transform', 'train', 1),
        model_id: fc.constantFrom<Json>('m', 'a/b', 1),
        output_type: fc.constantFrom<Json>('text', 'x'),
        document_ids: fc.constantFrom<Json>(['d'], [], ['a/b'], 'd', null),
        tag: fc.constantFrom<Json>('t', '', null),
        page_range: fc.constantFrom<Json>('0', 'x', 0),
        model_params: fc.constantFrom<Json>({}, [], { a: 1 }),
      },
      { requiredKeys: ['job_type'] },
    ),
  );
  const rule = fc.record({
    conditions: anyOf(fc.dictionary(fc.constantFrom('a', 'b.c'), test)),
    jobs: anyOf(fc.array(entry, { maxLength: 2 })),
  });

  it('what is taken is described', () =>
    fc.assert(
      fc.property(rule, (one) => {
        const body = { rules: { r: one } };
        fc.pre(isHarmless(body));
        if (takes(() => conditional(body))) expect(bodies.conditional.safeParse(body).error?.issues).toBeUndefined();
      }),
      { numRuns: 1000 },
    ));

  it('the example is taken', () => {
    const { request } = conditional({ rules: exampleRules });
    expect(request.rules).toMatchObject([{ id: 'invoices', jobs: [{ kind: 'transform' }, { kind: 'apply' }] }]);
    expect(bodies.conditional.safeParse({ rules: exampleRules }).success).toBe(true);
  });
});
