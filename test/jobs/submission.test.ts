import { describe, expect, it } from 'vitest';
import type { Json } from '../../functions/jobs/json-body.ts';
import { parseSubmission, type Submission } from '../../functions/jobs/submission.ts';
import { DOCUMENT as D1, MODEL as M } from '../support/jobs.ts';
import { askedSubmissions as asked, plainApply, plainTransform } from '../support/sdk-submissions.ts';
import submissions from '../vectors/submissions.json' with { type: 'json' };

const J = '507f191e810c19729de860ed';
const D2 = '507f191e810c19729de860eb';

type Sent = { params?: Record<string, string>; query?: string; body?: Json | string };

const parse = (kind: 'apply' | 'transform', { params = {}, query = '', body = '' }: Sent): Submission =>
  parseSubmission({
    kind,
    params: { document_ids: D1, ...(kind === 'apply' ? { model_id: M } : { output_type: 'text' }), ...params },
    query: new URLSearchParams(query),
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    maxDocumentIds: 1000,
  });
const apply = (sent: Sent = {}) => parse('apply', sent).request;
const transform = (sent: Sent = {}) => parse('transform', sent).request;

const parseVector = (
  vector: (typeof submissions)[number],
  decode: (path: string) => string = decodeURIComponent,
): Submission => {
  const [, collection, first = '', action, last = ''] = decode(vector.path).split('/');
  const kind = collection === 'model' && action === 'apply' ? 'apply' : 'transform';
  const params: Record<string, string> =
    kind === 'apply' ? { model_id: first, document_ids: last } : { document_ids: first, output_type: last };
  return parse(kind, { params, query: vector.query, body: vector.body });
};
const firstDocument = (path: string): string => decodeURIComponent(path).replace(`,${D2}`, '');
const tagged = submissions.filter((one) => decodeURIComponent(one.path).includes(',') && /tag=/.test(one.query));

describe('the submissions of the SDKs', () => {
  it('are all here', () => expect(Object.keys(asked).toSorted()).toEqual(submissions.map((one) => one.id).toSorted()));

  it.each(submissions)('$id $call', (vector) => {
    const { request } = parseVector(vector, tagged.includes(vector) ? firstDocument : decodeURIComponent);
    expect(request).toEqual(asked[vector.id]);
  });

  it.each(tagged)('$id names a tag beside two documents: that is refused', (vector) =>
    expect(() => parseVector(vector)).toThrow(/^(?:tag|input_tag): expected exactly one document id/),
  );

  it.each(['java-1.0.6-003', 'java-1.0.6-007', 'python-1.0.9-002', 'python-1.0.9-004'])(
    '%s sends parameters as text that no one can read: they are ignored with a warning',
    (id) => {
      const vector = submissions.find((one) => one.id === id);
      const { warnings } = parseVector(vector ?? (submissions[0] as never), firstDocument);
      expect(warnings).toEqual([expect.stringMatching(/^query (model|transform)_params is not a JSON object/)]);
    },
  );
});

describe('query and body', () => {
  it('the body wins for each key, the query fills what the body leaves out', () =>
    expect(apply({ query: `tag=q&callback_url=http://q.example/`, body: { tag: 'b' } })).toEqual({
      ...plainApply,
      tag: 'b',
      callback_url: 'http://q.example/',
    }));

  it("Java's `block_processing=false` in the query does not undo the body's true", () =>
    expect(apply({ query: 'block_processing=false', body: { block_processing: true } }).block_processing).toBe(true));

  it('nulls in the body count as absent', () =>
    expect(apply({ query: 'tag=q', body: { tag: null, model_params: null, block_processing: null } })).toEqual({
      ...plainApply,
      tag: 'q',
    }));

  it('of repeated query keys the last counts', () =>
    expect(apply({ query: 'tag=a&tag=b' })).toMatchObject({ tag: 'b' }));
});

describe('parameters of models and transformations', () => {
  it('come from four channels, the later over the earlier', () =>
    expect(
      apply({
        query: `a=1&b=1&c=1&d=1&model_params=${encodeURIComponent('{"b":2,"c":2,"d":2}')}`,
        body: { c: 3, d: 3, model_params: { d: 4 } },
      }),
    ).toMatchObject({ model_params: { a: '1', b: 2, c: 3, d: 4 } }));

  it('do not hold what is declared, nor the stray key of Java', () =>
    expect(
      transform({ query: 'output_tag=o', body: { executeAfterId: J, input_tag: 'i', use_google_vision: true } }),
    ).toEqual({
      ...plainTransform,
      output_type: 'text',
      input_tag: 'i',
      output_tag: 'o',
      transform_params: { use_google_vision: true },
    }));

  it('do not take headers from a query: these are for bodies', () => {
    const { request, warnings } = parse('apply', { query: 'callback_headers=x' });
    expect(request).toEqual(plainApply);
    expect(warnings).toEqual([expect.stringContaining('callback_headers')]);
  });

  it('keep what they hold', () => {
    const params = { text: 'two\nlines', deep: { list: [1.5, null, true] }, '': 'x' };
    expect(apply({ body: { model_params: params } })).toMatchObject({ model_params: params });
  });
});

describe('document ids', () => {
  it('keep order and duplicates', () =>
    expect(apply({ params: { document_ids: `${D2},${D1},${D2}` } }).document_ids).toEqual([D2, D1, D2]));
  it('may be a thousand', () => {
    const ids = (count: number) => Array.from({ length: count }, () => 'd').join(',');
    expect(apply({ params: { document_ids: ids(1000) } }).document_ids).toHaveLength(1000);
    expect(() => apply({ params: { document_ids: ids(1001) } })).toThrow('document_ids: expected at most 1000 ids');
  });
});

describe('a page range', () => {
  it('needs something to range over', () => {
    expect(() => apply({ query: 'page_range=0' })).toThrow('page_range: expected execute_after_id or tag');
    expect(() => transform({ query: 'page_range=0&output_tag=o' })).toThrow('execute_after_id or input_tag');
    expect(apply({ query: 'page_range=0&tag=t' })).toMatchObject({ page_range: '0' });
    expect(transform({ query: `page_range=0&execute_after_id=${J}` })).toMatchObject({ page_range: '0' });
  });
});
