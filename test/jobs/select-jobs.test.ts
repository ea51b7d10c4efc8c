import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant, type JobRecord, statuses } from '../../functions/jobs/job.ts';
import { fieldsOf, type ListFilter, type Selection, selectJobs, sortFields } from '../../functions/jobs/select-jobs.ts';
import { aJob, id, seconds, T0 } from '../support/jobs.ts';

/** Few values, so that jobs agree often. */
const few = fc.constantFrom('a', 'b', 'c');
const fewOrNone = fc.option(few, { nil: null });
const time = fc.integer({ min: 0, max: 4 }).map((second) => instant(T0 + seconds(second)));
const type = fc.constantFrom('predict', 'predict-a', 'pdf-images', 'image-text', 'conditional');

const aSomeJob = fc
  .record({
    id: fc.integer({ min: 0, max: 0xffff }).map(id),
    submitter_id: few,
    application_id: few,
    creation_time: time,
    starting_time: fc.option(time, { nil: null }),
    finished_time: fc.option(time, { nil: null }),
    job_type: type,
    model_id: fewOrNone,
    document_ids: fc.array(few, { maxLength: 3 }),
    status: fc.constantFrom(...statuses),
    execute_after_id: fewOrNone,
    parent_job_id: fewOrNone,
  })
  .map(aJob);
const someJobs = fc.uniqueArray(aSomeJob, { selector: (job) => job.id, maxLength: 30 });

const filter: fc.Arbitrary<ListFilter> = fc
  .record(
    {
      job_id: fc.array(fc.integer({ min: 0, max: 0xffff }).map(id), { minLength: 1, maxLength: 2 }),
      submitter_id: few,
      application_id: few,
      job_type: fc.constantFrom('predict', 'predict-a', 'predict-b', 'pdf-images', 'image-text'),
      model_id: few,
      document_id: few,
      execute_after_id: fc.array(few, { minLength: 1, maxLength: 2 }),
      parent_job_id: fc.array(few, { minLength: 1, maxLength: 2 }),
      status: fc.constantFrom(...statuses),
      created_after: time,
      created_before: time,
    },
    { requiredKeys: [] },
  )
  // Most jobs must fail a filter of all fields; one of two or three tells more.
  .chain((whole) => fc.subarray(Object.entries(whole), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)));
const sort = fc.array(fc.record({ field: fc.constantFrom(...sortFields), descending: fc.boolean() }), { maxLength: 3 });

/** The contract's words, one by one, in the plainest way. */
const naively = (jobs: JobRecord[], { filter, sort }: Selection): string[] => {
  const left = jobs
    .filter((job) => !filter.job_id || filter.job_id.includes(job.id))
    .filter((job) => !filter.submitter_id || job.submitter_id === filter.submitter_id)
    .filter((job) => !filter.application_id || job.application_id === filter.application_id)
    .filter((job) => !filter.job_type || typesOf(job).includes(filter.job_type))
    .filter((job) => !filter.model_id || job.model_id === filter.model_id)
    .filter((job) => !filter.document_id || job.document_ids.includes(filter.document_id))
    .filter((job) => !filter.execute_after_id || filter.execute_after_id.includes(String(job.execute_after_id)))
    .filter((job) => !filter.parent_job_id || filter.parent_job_id.includes(String(job.parent_job_id)))
    .filter((job) => !filter.status || job.status === filter.status)
    .filter((job) => !filter.created_after || job.creation_time > filter.created_after)
    .filter((job) => !filter.created_before || job.creation_time < filter.created_before);
  const keys = [...sort, { field: 'creation_time', descending: false }, { field: 'id', descending: false }] as const;
  for (const { field, descending } of keys.toReversed()) {
    // A stable sort by each key, the last one first; descending is ascending read backwards, ties left as they are.
    const text = (job: JobRecord) => (job[field] === null ? '' : `1${[job[field]].flat().join('\u0001')}`);
    left.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0) * (descending ? -1 : 1));
  }
  return left.map((job) => job.id);
};

const typesOf = ({ job_type, model_id }: JobRecord): string[] => [
  job_type,
  ...(job_type === 'predict' ? [`predict-${model_id}`] : []),
  ...(job_type.startsWith('predict-') ? ['predict'] : []),
];

describe('a selection of jobs', () => {
  it('is what a naive reading of the contract gives', () => {
    fc.assert(
      fc.property(someJobs, filter, sort, (jobs, filter, sort) => {
        expect(selectJobs(jobs, { filter, sort })).toEqual(naively(jobs, { filter, sort }));
      }),
      { numRuns: 2000 },
    );
  });

  it('looks at no field but those it names', () => {
    fc.assert(
      fc.property(someJobs, filter, sort, (jobs, filter, sort) => {
        const fields = fieldsOf({ filter, sort });
        const entries = jobs.map((job) => ({
          id: job.id,
          creation_time: job.creation_time,
          ...Object.fromEntries(fields.map((field) => [field, job[field]])),
        }));
        expect(selectJobs(entries, { filter, sort })).toEqual(selectJobs(jobs, { filter, sort }));
      }),
    );
  });

  it('does not depend on the order in which the jobs come', () => {
    fc.assert(
      fc.property(someJobs, filter, sort, (jobs, filter, sort) => {
        expect(selectJobs(jobs.toReversed(), { filter, sort })).toEqual(selectJobs(jobs, { filter, sort }));
      }),
    );
  });

  it('by default is in order of creation, then id', () => {
    const jobs = [aJob({ id: id(3) }), aJob({ id: id(2), creation_time: instant(T0 + 1) }), aJob({ id: id(1) })];
    expect(selectJobs(jobs, { filter: {}, sort: [] })).toEqual([id(1), id(3), id(2)]);
  });

  it('has nulls first ascending, and lists of documents compared one by one', () => {
    const jobs = [
      aJob({ id: id(1), document_ids: ['b'], model_id: 'm' }),
      aJob({ id: id(2), document_ids: ['a', 'c'] }),
      aJob({ id: id(3), document_ids: ['a'] }),
    ];
    const by = (field: 'document_ids' | 'model_id', descending = false) =>
      selectJobs(jobs, { filter: {}, sort: [{ field, descending }] });
    expect(by('document_ids')).toEqual([id(3), id(2), id(1)]);
    expect(by('document_ids', true)).toEqual([id(1), id(2), id(3)]);
    expect(by('model_id')).toEqual([id(2), id(3), id(1)]);
    expect(by('model_id', true)).toEqual([id(1), id(2), id(3)]);
  });
});
