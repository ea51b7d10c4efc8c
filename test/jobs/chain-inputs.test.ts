import { describe, expect, it } from 'vitest';
import { carriedTag, type EntryRequest, entryRequest, type JobBefore } from '../../functions/jobs/chain-inputs.ts';
import type { Entry } from '../../functions/jobs/request.ts';
import { selectInputs } from '../../functions/jobs/select-inputs.ts';
import { DOCUMENT, id, MODEL } from '../support/jobs.ts';

const pagesOf = (count: number, original: string | null = DOCUMENT) =>
  JSON.stringify(Array.from({ length: count }, (_, page) => ({ id: id(0x100 + page), original_id: original, page })));
const pageIds = (...pages: number[]) => pages.map((page) => id(0x100 + page));

type Job = JobBefore & { id: string };
const images: Job = {
  id: id(1),
  document_ids: [DOCUMENT],
  page_range: null,
  result_type: 'list[document]',
  result: pagesOf(3),
};
const classified: Job = { ...images, id: id(2), result_type: 'classification', result: '{"category":"A"}' };

const ocr = (more: Partial<Entry> = {}): Entry =>
  ({ kind: 'transform', output_type: 'text', document_ids: [], ...more }) as Entry;
const predict = (more: Partial<Entry> = {}): Entry =>
  ({ kind: 'apply', model_id: MODEL, document_ids: [], ...more }) as Entry;

type Before = { trigger: Job; previous?: Job; previousEntry?: Entry };

/** The request of an entry: the first of its rule, or, with a `previous` job, the second. */
const requestOf = (entry: Entry, { trigger, previous, previousEntry = predict() }: Before): EntryRequest => {
  const known = new Map<number, JobBefore>([[-1, trigger]]);
  if (previous) known.set(0, previous);
  const entries = previous ? [previousEntry, entry] : [entry];
  return entryRequest({ entries, at: entries.length - 1, trigger, after: (previous ?? trigger).id, known });
};

describe('the request that an entry becomes', () => {
  it('follows the job before: the first entry the trigger, each other its forerunner', () => {
    expect(requestOf(ocr(), { trigger: images })).toMatchObject({
      request: { execute_after_id: images.id, block_processing: false },
    });
    expect(requestOf(ocr(), { trigger: images, previous: classified })).toMatchObject({
      request: { execute_after_id: classified.id },
    });
  });

  it('keeps every parameter of the entry', () => {
    const entry = predict({
      document_ids: [DOCUMENT],
      tag: 't',
      page_range: '0',
      format_type: 'classification',
      model_params: { p: { q: [1.5] } },
      callback_url: 'https://c.example/',
      callback_headers: { A: 'b' },
    });
    expect(requestOf(entry, { trigger: images })).toEqual({
      request: { ...entry, execute_after_id: images.id, block_processing: false },
    });
  });

  it('names its own documents, if it has any, for LEIA to select of', () => {
    const entry = ocr({ document_ids: [DOCUMENT], page_range: '1' });
    expect(requestOf(entry, { trigger: images })).toMatchObject({
      request: { document_ids: [DOCUMENT], page_range: '1' },
    });
  });

  it('without documents works on all that the job before made, of which its page range selects', () => {
    expect(requestOf(ocr({ page_range: '0' }), { trigger: images })).toMatchObject({
      request: { document_ids: pageIds(0, 1, 2), page_range: '0' },
    });
    expect(requestOf(ocr(), { trigger: classified, previous: { ...images, id: id(3) } })).toMatchObject({
      request: { document_ids: pageIds(0, 1, 2) },
    });
  });

  it('names many results by what they came from, which selects the same and fits into a path', () => {
    const book = { ...images, result: pagesOf(300) };
    const entry = requestOf(ocr(), { trigger: book });
    expect(entry).toMatchObject({ request: { document_ids: [DOCUMENT] } });
    expect(selectInputs({ documentIds: [DOCUMENT], predecessor: book })).toHaveLength(300);
    expect(requestOf(ocr(), { trigger: { ...book, result: pagesOf(300, null) } })).not.toMatchObject({
      request: { document_ids: [DOCUMENT] },
    });
  });

  it('without documents, first behind a job that made none, works on that job’s documents', () => {
    const trigger = { ...classified, document_ids: [id(8), id(9)] };
    expect(requestOf(ocr(), { trigger })).toMatchObject({ request: { document_ids: [id(8), id(9)] } });
  });

  it('without documents behind a classification works on what was classified, its page range included', () => {
    const previous = { ...classified, document_ids: pageIds(0, 1, 2), page_range: '1:' };
    expect(requestOf(ocr({ page_range: '0' }), { trigger: images, previous })).toMatchObject({
      request: { document_ids: pageIds(1, 2), page_range: '0' },
    });
  });

  it('the same where the classified documents carried a tag', () => {
    const previous = { ...classified, page_range: '1' };
    const tagged = { trigger: images, previous, previousEntry: predict({ tag: 't' }) };
    expect(requestOf(ocr(), tagged)).toMatchObject({
      request: { document_ids: [DOCUMENT], input_tag: 't', page_range: '1' },
    });
    expect(requestOf(predict({ page_range: '0' }), tagged)).toMatchObject({
      request: { document_ids: [DOCUMENT], tag: 't', page_range: '0' },
    });
  });

  it('with a tag but no documents looks among what came from the trigger’s document', () => {
    const previous = { ...images, document_ids: [id(7)] };
    expect(requestOf(ocr({ input_tag: 't' }), { trigger: classified, previous })).toMatchObject({
      request: { document_ids: [DOCUMENT], input_tag: 't' },
    });
  });

  it('is none where the trigger has not one document for the tag', () => {
    for (const document_ids of [[], [id(8), id(9)]]) {
      const entry = requestOf(ocr({ input_tag: 't' }), { trigger: { ...classified, document_ids } });
      expect(entry).toEqual({ fail: expect.stringContaining(`job ${classified.id} has ${document_ids.length}`) });
    }
  });

  it('is none where there is nothing to work on', () => {
    const trained: Job = { ...images, id: id(4), document_ids: [], result_type: 'model', result: '{}' };
    expect(requestOf(ocr(), { trigger: trained })).toEqual({
      fail: expect.stringContaining('No document to process'),
    });
  });
});

describe('the tag that an entry’s inputs carried', () => {
  const entries = [
    ocr({ input_tag: 't' }),
    predict(),
    predict(),
    predict({ document_ids: [DOCUMENT] }),
    predict({ tag: 'u' }),
  ];

  const jobs = (...types: JobBefore['result_type'][]) =>
    new Map(types.map((result_type, place) => [place, { ...classified, result_type }]));

  it('is its own', () => {
    expect(carriedTag(entries, 0, new Map())).toBe('t');
    expect(carriedTag(entries, 4, new Map())).toBe('u');
  });

  it('is that of the entry whose inputs it worked on again', () => {
    expect(carriedTag(entries, 2, jobs('classification', 'object'))).toBe('t');
  });

  it('is none behind documents, with documents of its own, and at the start', () => {
    expect(carriedTag(entries, 2, jobs('document', 'object'))).toBeNull();
    expect(carriedTag(entries, 3, new Map())).toBeNull();
    expect(carriedTag([ocr()], 0, new Map())).toBeNull();
  });
});

describe('the jobs that must be read for an entry', () => {
  const places = (entries: Entry[], made: JobBefore): number[] => {
    const known = new Map<number, JobBefore>();
    const facts = { entries, at: entries.length - 1, trigger: images, after: id(9), known };
    for (let found = entryRequest(facts); 'read' in found; found = entryRequest(facts)) known.set(found.read, made);
    return [...known.keys()];
  };

  it.each<[string, Entry[], JobBefore, number[]]>([
    ['none for documents of its own', [predict(), ocr({ document_ids: [DOCUMENT] })], images, []],
    ['none for a tag of its own', [predict(), ocr({ input_tag: 't' })], images, []],
    ['the trigger for the first entry', [ocr()], images, [-1]],
    ['the job before, where that made documents', [ocr(), ocr(), ocr(), ocr()], images, [2]],
    ['what that one worked on, where it made none', [ocr(), ocr(), predict(), ocr()], classified, [2, 1]],
    ['the trigger too, where the first entry made none', [predict(), ocr()], classified, [0, -1]],
    ['all back to a tag', [predict({ tag: 't' }), predict(), predict(), predict(), ocr()], classified, [3, 2, 1, 0]],
    [
      'not back beyond documents that are named',
      [predict({ tag: 't' }), predict({ document_ids: [DOCUMENT] }), predict(), ocr()],
      classified,
      [2, 1],
    ],
  ])('are %s', (_, entries, made, expected) => expect(places(entries, made)).toEqual(expected));
});
