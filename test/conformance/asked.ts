// What each call of an SDK asked for, in our words: the request to be recorded, or the list to be shown.
import type { ListQuery } from '../../functions/jobs/list-query.ts';
import { plainApply as apply, askedSubmissions, plainTransform as transform } from '../support/sdk-submissions.ts';
import { APPLICATION, D1, D2, J, M, type Vector } from './vectors.ts';

const byAdmin = { owner: APPLICATION };

const test = (field: string, ...tests: [operator: string, expected: unknown][]) => ({
  field,
  tests: tests.map(([operator, expected]) => ({ operator, expected })),
});
const conditional = { kind: 'conditional', execute_after_id: J, rules: [], block_processing: false };
const ofOneRule = (id: string, category: string) => ({
  ...conditional,
  rules: [
    { id, conditions: [test('category', ['$eq', category])], jobs: [{ kind: 'apply', model_id: M, document_ids: [] }] },
  ],
});
const pythonRule = {
  id: 'r1',
  conditions: [test('category', ['$eq', 'AUTRE']), test('accuracy', ['$gte', 0.5], ['$lt', 0.99])],
  jobs: [
    { kind: 'transform', output_type: 'text', document_ids: [D1], input_tag: 'PDF_IMAGES', page_range: '0' },
    { kind: 'apply', model_id: M, document_ids: [], format_type: 'classification' },
  ],
};
const javaRule = {
  id: 'r1',
  conditions: [test('accuracy', ['$gte', 0.5]), test('category', ['$eq', 'AUTRE'])],
  jobs: [
    { kind: 'transform', output_type: 'text', document_ids: [D1], input_tag: 'PDF_IMAGES', page_range: '0' },
    {
      kind: 'apply',
      model_id: M,
      document_ids: [D1],
      format_type: 'classification',
      tag: 'PDF_IMAGES',
      page_range: '0',
    },
  ],
};
const javaAllOperators = {
  id: 'r <1>',
  conditions: [
    test('accuracy', ['$gt', 0.1], ['$lt', 0.9], ['$lte', 1], ['$ne', 2]),
    test('category', ['$in', ['A', 'B']], ['$nin', ['C']]),
    test('nullish'),
  ],
  jobs: [
    { kind: 'apply', model_id: M, document_ids: [], model_params: { p: 1 } },
    { kind: 'transform', output_type: 'merge', document_ids: [], transform_params: { q: true } },
  ],
};

/** Of both generations of Python 1.1: they send the same. */
const python: Record<string, object> = {
  '010': {
    ...conditional,
    rules: [pythonRule],
    callback_url: 'http://cb.example/x',
    callback_headers: { 'X-A': 'b' },
    block_processing: true,
  },
  '026': { ...conditional, ...byAdmin, rules: [pythonRule] },
  '027': { ...apply, ...byAdmin, document_ids: [D1, D2] },
  '028': { ...transform, ...byAdmin, document_ids: [D1, D2], output_type: 'merge' },
};

const others: Record<string, object> = {
  'node-0.7.2-006': { ...apply, ...byAdmin, tag: 'PDF_IMAGES' },
  'node-0.7.2-009': { ...transform, ...byAdmin, output_type: 'image' },
  'java-1.0.6-009': { ...conditional, rules: [javaRule] },
  'java-1.0.6-010': {
    ...conditional,
    rules: [javaAllOperators],
    callback_url: 'http://cb.example/x?y=1',
    callback_headers: { 'X-A': 'b' },
  },
  'java-1.0.6-026': { ...ofOneRule('r', 'A'), block_processing: true },
  'java-1.0.6-032': {
    kind: 'train',
    model_module: 'leia.models.text.classifier.fasttext.v1',
    documents_tag: 'mytag',
    model_name: 'n',
    document_ids: [],
    block_processing: false,
  },
  'java-1.0.6-059': conditional,
  'python-1.0.9-005': { ...ofOneRule('r1', 'A'), callback_url: 'http://cb/' },
};

/** The request to be recorded for a submission that is in order. */
export const askedRequest = ({ id, sdk }: Vector): object | undefined =>
  askedSubmissions[id] ??
  others[id] ??
  (sdk.startsWith('python-1.1') || sdk.includes('pydantic1') ? python[id.slice(-3)] : undefined);

const whole = { offset: 0, limit: 100 };
const byAge = [
  { field: 'creation_time', descending: false },
  { field: 'job_type', descending: true },
];
const everyFilter = {
  job_id: [J],
  application_id: APPLICATION,
  job_type: 'pdf-images',
  model_id: M,
  document_id: D1,
  execute_after_id: [J],
  parent_job_id: [J],
  status: 'PROCESSED',
  created_after: '2018-10-10T10:10:10.761Z',
  created_before: '2018-10-11T08:10:10.000Z',
};
const thirdPage = { offset: 20, limit: 10 };
const allOfThem = { filter: everyFilter, sort: byAge, page: thirdPage };
const limited = { filter: {}, sort: [], page: { offset: 0, limit: 5 } };
const everything = { filter: {}, sort: [], page: whole };
const newestOfSubmitter = {
  filter: { submitter_id: APPLICATION },
  sort: [{ field: 'creation_time', descending: true }],
  page: whole,
};

const lists: Record<string, object> = {
  'getJobs()': everything,
  'getJobs(all)': { ...allOfThem, filter: { ...everyFilter, created_after: '2018-10-10T10:10:10.000Z' } },
  'getJobs(limit=5 -> 404)': limited,
  'adminGetJobs(offset,limit,sort,jobId,submitterId)': {
    filter: { job_id: [J], submitter_id: APPLICATION },
    sort: [
      { field: 'creation_time', descending: true },
      { field: 'document_ids', descending: false },
    ],
    page: { offset: 0, limit: 10 },
  },
  'get_jobs()': everything,
  'get_jobs_with_http_info() headers': everything,
  'get_jobs(all, aware UTC datetimes)': allOfThem,
  // Five microseconds after the second: to the millisecond, all that lies before the next one.
  'get_jobs(naive datetimes)': {
    filter: { created_after: '2018-10-10T10:10:10.000Z', created_before: '2018-10-11T10:10:10.001Z' },
    sort: [],
    page: whole,
  },
  'get_jobs(limit=5 -> 404)': limited,
  'admin_get_jobs(submitter)': newestOfSubmitter,
  'JobApi.getJobs(none)': everything,
  'JobApi.getJobs(all)': allOfThem,
  'JobApi.getJobs(limit=5 -> 404)': limited,
  'JobAdminApi.adminGetJobs': newestOfSubmitter,
  'get_jobs(all)': {
    filter: {
      job_id: [J],
      job_type: 'pdf-images',
      status: 'PROCESSED',
      created_after: '2018-10-10T10:10:10.761Z',
      created_before: '2018-10-11T10:10:10.000Z',
    },
    sort: byAge,
    page: thirdPage,
  },
};

/** The list that a call asked for, as `listQueryOf` shall understand it. */
export const askedList = ({ call }: Vector): ListQuery | undefined => lists[call] as ListQuery | undefined;
