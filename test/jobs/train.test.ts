// Trainings, and what an admin submits for another application: from query and body to one request.
import { describe, expect, it } from 'vitest';
import { parseConditional } from '../../functions/jobs/conditional-request.ts';
import type { Json } from '../../functions/jobs/json-body.ts';
import { newJob } from '../../functions/jobs/new-job.ts';
import { type JobRequest, StoredRequest } from '../../functions/jobs/request.ts';
import { withoutPredecessor } from '../../functions/jobs/select-inputs.ts';
import { parseSubmission } from '../../functions/jobs/submission.ts';
import { APPLICATION, aBoundJob, DOCUMENT, id, MODEL, T0, times } from '../support/jobs.ts';

const MODULE = 'leia.models.text.classifier.fasttext.v1';
const OWNER = id(0xa);

type Sent = { params?: Record<string, string>; query?: string; body?: Json };

const parse = (kind: JobRequest['kind'], { params = {}, query = '', body }: Sent): JobRequest =>
  parseSubmission({
    kind,
    params,
    query: new URLSearchParams(query),
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    maxDocumentIds: 1000,
  }).request;
const train = ({ params, ...sent }: Sent = {}) =>
  parse('train', { params: { model_module: MODULE, documents_tag: 'mytag', ...params }, ...sent });

const plain = {
  kind: 'train',
  model_module: MODULE,
  documents_tag: 'mytag',
  document_ids: [],
  block_processing: false,
};
const all = {
  model_name: 'n',
  short_name: 's',
  description: 'two\nlines',
  ttl: -1,
  allowed_application_ids: [APPLICATION, OWNER],
  allow_all_applications: false,
  tags: ['a', 'b c'],
  execute_after_id: id(1),
  callback_url: 'http://cb.example/x',
};

describe('a training', () => {
  it('needs its path alone; the body may be missing', () => expect(train()).toEqual(plain));

  it('takes everything from a query, lists as repeated keys', () => {
    const lists = `allowed_application_ids=${APPLICATION}&allowed_application_ids=${OWNER}&tags=a&tags=b+c`;
    const single = `model_name=n&short_name=s&description=two%0Alines&ttl=-1&allow_all_applications=False`;
    const query = `${single}&${lists}&execute_after_id=${id(1)}&callback_url=http://cb.example/x`;
    expect(train({ query })).toEqual({ ...plain, ...all });
  });

  it('takes everything from a body, which wins for each key', () => {
    const query = 'model_name=q&tags=q&tags=r&ttl=5&description=q';
    const body = { ...all, description: null, callback_headers: { h: 'v' } };
    expect(train({ query, body })).toEqual({
      ...plain,
      ...all,
      description: 'q',
      callback_headers: { h: 'v' },
    });
  });

  it('has as model_params whatever is not declared, from all channels', () =>
    expect(
      train({
        query: 'epochs=3&rate=1&block_processing=true&model_params={"rate":2,"deep":[1]}',
        body: { rate: 3, executeAfterId: 'x', documents_tag: 'other', model_params: { seed: 4 } },
      }),
    ).toEqual({ ...plain, model_params: { epochs: '3', rate: 3, deep: [1], seed: 4 } }));

  it.each<[string, Sent]>([
    ['ttl', { query: 'ttl=1.5' }],
    ['ttl', { query: 'ttl=' }],
    ['ttl', { body: { ttl: '5' } }],
    ['ttl', { body: { ttl: 1e12 } }],
    ['tags', { body: { tags: 'a' } }],
    ['tags', { body: { tags: ['a', 1] } }],
    ['tags', { query: 'tags=a&tags=' }],
    ['tags', { body: { tags: Array(101).fill('a') } }],
    ['allowed_application_ids', { body: { allowed_application_ids: ['a/b'] } }],
    ['allow_all_applications', { query: 'allow_all_applications=yes' }],
    ['model_name', { body: { model_name: 1 } }],
    ['short_name', { query: 'short_name=' }],
    ['description', { body: { description: 'x'.repeat(5000) } }],
    ['model_module', { params: { model_module: 'a/b' } }],
    ['documents_tag', { params: { documents_tag: 'a\nb' } }],
  ])('is refused for a bad %s: %j', (field, sent) =>
    expect(() => train(sent)).toThrow(new RegExp(`^${field}: expected`)),
  );

  it('is a job of its own type, about no document and no model yet', () => {
    const job = newJob({ id: id(1), submitter: APPLICATION, request: train(), fingerprint: '' }, T0, times);
    expect(job).toMatchObject({
      job_type: 'train',
      document_ids: [],
      model_id: null,
      page_range: null,
      status: 'READY',
      stage: 'claimed',
    });
  });

  it('behind a conditional job is sent as it is: its documents are those with the tag', () => {
    const { execute_after_id: _after, ...rest } = all;
    const outcome = { result_type: 'conditional', result: '{}' } as const;
    expect(withoutPredecessor(train({ body: all }), outcome)).toEqual({ ...plain, ...rest });
  });
});

describe('what an admin submits for another application', () => {
  const path = { application_id: OWNER };

  it.each<[JobRequest['kind'], Record<string, string>]>([
    ['apply', { model_id: MODEL, document_ids: DOCUMENT }],
    ['transform', { output_type: 'text', document_ids: DOCUMENT }],
    ['train', { model_module: MODULE, documents_tag: 't' }],
  ])('%s: has the owner of the path, and is stored with it', (kind, params) => {
    const request = parse(kind, { params: { ...params, ...path } });
    expect(request.owner).toBe(OWNER);
    expect(StoredRequest.parse(request)).toEqual(request);
    const job = newJob({ id: id(1), submitter: APPLICATION, request, fingerprint: '' }, T0, times);
    expect(job).toMatchObject({ application_id: OWNER, submitter_id: APPLICATION });
  });

  it('conditional: likewise; its documents are those of its prerequisite', () => {
    const { request } = parseConditional({
      params: { ...path, execute_after_id: id(2) },
      query: new URLSearchParams(),
      body: Buffer.from('{"rules":{}}'),
      maxDocumentIds: 10,
    });
    const prerequisite = aBoundJob({ id: id(2), submitter_id: id(3), document_ids: [DOCUMENT] });
    const job = newJob({ id: id(1), submitter: APPLICATION, request, fingerprint: '', prerequisite }, T0, times);
    expect(job).toMatchObject({ application_id: OWNER, submitter_id: APPLICATION, document_ids: [DOCUMENT] });
  });

  it('names no owner of its own in query or body', () => {
    const params = { model_id: MODEL, document_ids: DOCUMENT };
    const request = parse('apply', { params, query: 'owner=x', body: { application_id: OWNER } });
    expect(request).not.toHaveProperty('owner');
  });

  it('names an owner that is an id', () => {
    const params = { model_id: MODEL, document_ids: DOCUMENT, application_id: 'a.b' };
    expect(() => parse('apply', { params })).toThrow(/^application_id: expected an id/);
  });
});
