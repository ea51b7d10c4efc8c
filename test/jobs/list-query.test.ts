import { describe, expect, it } from 'vitest';
import { BadInput } from '../../functions/jobs/bad-input.ts';
import { listQueryOf } from '../../functions/jobs/list-query.ts';
import { id } from '../support/jobs.ts';

const parse = (query: string, options?: { admin: boolean }) => listQueryOf(new URLSearchParams(query), options);
const filterOf = (query: string, options?: { admin: boolean }) => parse(query, options).filter;
const errorOf = (query: string): string => {
  try {
    parse(query);
  } catch (error) {
    if (error instanceof BadInput) return error.message;
  }
  return 'no BadInput';
};

describe('a list', () => {
  it('without a word is the first hundred of all jobs', () => {
    expect(parse('')).toEqual({ filter: {}, sort: [], page: { offset: 0, limit: 100 } });
  });

  it('takes all thirteen parameters at once', () => {
    const query = new URLSearchParams({
      job_id: id(1),
      application_id: id(2),
      job_type: 'predict',
      model_id: 'my-model',
      document_id: id(3),
      execute_after_id: id(4),
      parent_job_id: id(5),
      status: 'READY',
      created_after: '2018-10-10T10:10:10',
      created_before: '2018-10-11T10:10:10',
      sort: 'creation_time,-job_type',
      offset: '7',
      limit: '3',
    });
    expect(listQueryOf(query)).toEqual({
      filter: {
        job_id: [id(1)],
        application_id: id(2),
        job_type: 'predict',
        model_id: 'my-model',
        document_id: id(3),
        execute_after_id: [id(4)],
        parent_job_id: [id(5)],
        status: 'READY',
        created_after: '2018-10-10T10:10:10.000Z',
        created_before: '2018-10-11T10:10:10.000Z',
      },
      sort: [
        { field: 'creation_time', descending: false },
        { field: 'job_type', descending: true },
      ],
      page: { offset: 7, limit: 3 },
    });
  });

  it('ignores what it does not know, and takes the last of what comes twice (contract §1.5, §8 row 33)', () => {
    expect(filterOf('colour=red&status=READY&status=FAILED')).toEqual({ status: 'FAILED' });
  });

  it('is filtered by submitter for admins only', () => {
    expect(filterOf(`submitter_id=${id(1)}`)).toEqual({});
    expect(filterOf(`submitter_id=${id(1)}`, { admin: true })).toEqual({ submitter_id: id(1) });
  });

  it.each([
    ['job_type=JobTypes.PDF_IMAGES', { job_type: 'pdf-images' }],
    ['job_type=JobTypes.PREDICT', { job_type: 'predict' }],
    ['job_type=predict-5d52858cb4608e10db98ea1f', { job_type: 'predict-5d52858cb4608e10db98ea1f' }],
    ['status=Statuses.PROCESSED', { status: 'PROCESSED' }],
    ['status=Statuses.LOADING_MODEL', { status: 'LOADING_MODEL' }],
  ])('takes enums as Python sends them, and queues as workers are named: %s', (query, filter) => {
    expect(filterOf(query)).toEqual(filter);
  });

  it.each([
    ['2018-10-10T10:10:10', '10:10:10.000'],
    ['2018-10-10T10%3A10%3A10.761Z', '10:10:10.761'],
    ['2018-10-10T12:10:10+02:00', '10:10:10.000'],
    ['2018-10-10T12:10:10%2B02:00', '10:10:10.000'],
    ['2018-10-10T12:10:10.5+0200', '10:10:10.500'],
    ['2018-10-10T08:10:10-0200', '10:10:10.000'],
    ['2018-10-10T10:10:10.761000+00:00', '10:10:10.761'],
    ['2018-10-10T10:10:10.761000000Z', '10:10:10.761'],
  ])('knows the date %s (contract §2.2)', (date, time) => {
    const instant = `2018-10-10T${time}Z`;
    expect(filterOf(`created_after=${date}`)).toEqual({ created_after: instant });
    expect(filterOf(`created_before=${date}`)).toEqual({ created_before: instant });
  });

  it('cuts no job off by digits finer than those it has', () => {
    const query = 'created_after=2018-10-10T10:10:10.000005&created_before=2018-10-10T10:10:10.000005';
    expect(filterOf(query)).toEqual({
      created_after: '2018-10-10T10:10:10.000Z',
      created_before: '2018-10-10T10:10:10.001Z',
    });
  });

  it.each([
    ['limit=1000', { offset: 0, limit: 100 }],
    ['limit=1', { offset: 0, limit: 1 }],
    ['offset=1000000000000', { offset: 1e12, limit: 100 }],
    ['limit=1000000000000', { offset: 0, limit: 100 }],
  ])('has pages of a hundred at most: %s', (query, page) => {
    expect(parse(query).page).toEqual(page);
  });
});

const names = ['job_id', 'application_id', 'job_type', 'model_id', 'document_id', 'execute_after_id', 'parent_job_id'];
const others = ['status', 'created_after', 'created_before', 'sort', 'offset', 'limit'];

describe.each([...names, ...others])('%s', (name) => {
  it.each([
    ['empty', ''],
    ['with NUL', 'a%00'],
    ['of 10 kB', 'x'.repeat(10_240)],
    ['with a slash', 'a/b'],
    ['with a comma at its end', 'creation_time,'],
    ['of blanks', '%20%20'],
    ['that goes up', '..'],
    ['that is no UTF-8', '%ff'],
  ])('%s is bad input that names it', (_what, value) => {
    expect(errorOf(`${name}=${value}`)).toMatch(new RegExp(`^${name}: expected `));
  });
});

it.each([
  'limit=0',
  'limit=-1',
  'limit=1e2',
  'limit=1.5',
  'offset=-1',
  'sort=colour',
  'sort=--status',
  'sort=%2Bstatus',
  `sort=${Array.from({ length: 11 }, () => 'status').join()}`,
  'status=processed',
  'status=JobTypes.PREDICT',
  'job_type=conditional',
  'job_type=predict-',
  'job_type=predict-a/b',
  'created_after=2018-10-10',
  'created_after=2018-13-10T10:10:10',
  'created_before=yesterday',
])('%s is bad input', (query) => {
  expect(errorOf(query)).toMatch(new RegExp(`^${query.split('=')[0]}: expected `));
});
