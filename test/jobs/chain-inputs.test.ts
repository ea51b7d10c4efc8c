import { describe, expect, it } from 'vitest';
import { type ChainJob, carriedTag, entryRequest, type PreviousStep } from '../../functions/jobs/chain-inputs.ts';
import type { Entry } from '../../functions/jobs/request.ts';
import { selectInputs } from '../../functions/jobs/select-inputs.ts';
import { DOCUMENT, id, MODEL } from '../support/jobs.ts';

const pagesOf = (count: number, original: string | null = DOCUMENT) =>
  JSON.stringify(Array.from({ length: count }, (_, page) => ({ id: id(0x100 + page), original_id: original, page })));
const pageIds = (...pages: number[]) => pages.map((page) => id(0x100 + page));

const images: ChainJob = { id: id(1), document_ids: [DOCUMENT], result_type: 'list[document]', result: pagesOf(3) };
const classified: ChainJob = {
  id: id(2),
  document_ids: [DOCUMENT],
  result_type: 'classification',
  result: '{"category":"A"}',
};
const after = (job: ChainJob, more: Partial<PreviousStep> = {}): PreviousStep => ({
  ...job,
  page_range: null,
  tag: null,
  after: images,
  ...more,
});

const ocr = (more: Partial<Entry> = {}): Entry =>
  ({ kind: 'transform', output_type: 'text', document_ids: [], ...more }) as Entry;
const predict = (more: Partial<Entry> = {}): Entry =>
  ({ kind: 'apply', model_id: MODEL, document_ids: [], ...more }) as Entry;

describe('the request that an entry becomes', () => {
  it('follows the job before: the first entry the trigger, each other its forerunner', () => {
    expect(entryRequest(ocr(), { trigger: images })).toMatchObject({
      request: { execute_after_id: images.id, block_processing: false },
    });
    expect(entryRequest(ocr(), { trigger: images, previous: after(classified) })).toMatchObject({
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
    expect(entryRequest(entry, { trigger: images })).toEqual({
      request: { ...entry, execute_after_id: images.id, block_processing: false },
    });
  });

  it('names its own documents, if it has any, for LEIA to select of', () => {
    const entry = ocr({ document_ids: [DOCUMENT], page_range: '1' });
    expect(entryRequest(entry, { trigger: images })).toMatchObject({
      request: { document_ids: [DOCUMENT], page_range: '1' },
    });
  });

  it('without documents works on all that the job before made, of which its page range selects', () => {
    expect(entryRequest(ocr({ page_range: '0' }), { trigger: images })).toMatchObject({
      request: { document_ids: pageIds(0, 1, 2), page_range: '0' },
    });
    expect(entryRequest(ocr(), { trigger: classified, previous: after({ ...images, id: id(3) }) })).toMatchObject({
      request: { document_ids: pageIds(0, 1, 2) },
    });
  });

  it('names many results by what they came from, which selects the same and fits into a path', () => {
    const book = { ...images, result: pagesOf(300) };
    const entry = entryRequest(ocr(), { trigger: book });
    expect(entry).toMatchObject({ request: { document_ids: [DOCUMENT] } });
    expect(selectInputs({ documentIds: [DOCUMENT], predecessor: book })).toHaveLength(300);
    expect(entryRequest(ocr(), { trigger: { ...book, result: pagesOf(300, null) } })).not.toMatchObject({
      request: { document_ids: [DOCUMENT] },
    });
  });

  it('without documents, first behind a job that made none, works on that job’s documents', () => {
    const trigger = { ...classified, document_ids: [id(8), id(9)] };
    expect(entryRequest(ocr(), { trigger })).toMatchObject({ request: { document_ids: [id(8), id(9)] } });
  });

  it('without documents behind a classification works on what was classified, its page range included', () => {
    const previous = after({ ...classified, document_ids: pageIds(0, 1, 2) }, { page_range: '1:' });
    expect(entryRequest(ocr({ page_range: '0' }), { trigger: images, previous })).toMatchObject({
      request: { document_ids: pageIds(1, 2), page_range: '0' },
    });
  });

  it('the same where the classified documents carried a tag', () => {
    const previous = after(classified, { tag: 't', page_range: '1' });
    expect(entryRequest(ocr(), { trigger: images, previous })).toMatchObject({
      request: { document_ids: [DOCUMENT], input_tag: 't', page_range: '1' },
    });
    expect(entryRequest(predict({ page_range: '0' }), { trigger: images, previous })).toMatchObject({
      request: { document_ids: [DOCUMENT], tag: 't', page_range: '0' },
    });
  });

  it('with a tag but no documents looks among what came from the trigger’s document', () => {
    const previous = after({ ...images, document_ids: [id(7)] });
    expect(entryRequest(ocr({ input_tag: 't' }), { trigger: classified, previous })).toMatchObject({
      request: { document_ids: [DOCUMENT], input_tag: 't' },
    });
  });

  it('is none where the trigger has not one document for the tag', () => {
    for (const document_ids of [[], [id(8), id(9)]]) {
      const entry = entryRequest(ocr({ input_tag: 't' }), { trigger: { ...classified, document_ids } });
      expect(entry).toEqual({ fail: expect.stringContaining(`job ${classified.id} has ${document_ids.length}`) });
    }
  });

  it('is none where there is nothing to work on', () => {
    const trained: ChainJob = { id: id(4), document_ids: [], result_type: 'model', result: '{}' };
    expect(entryRequest(ocr(), { trigger: trained })).toEqual({
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

  it('is its own', () => {
    expect(carriedTag(entries, 0, [])).toBe('t');
    expect(carriedTag(entries, 4, ['classification', 'classification', 'classification', 'classification'])).toBe('u');
  });

  it('is that of the entry whose inputs it worked on again', () => {
    expect(carriedTag(entries, 2, ['classification', 'object'])).toBe('t');
  });

  it('is none behind documents, with documents of its own, and at the start', () => {
    expect(carriedTag(entries, 2, ['document', 'object'])).toBeNull();
    expect(carriedTag(entries, 3, ['classification', 'object', 'object'])).toBeNull();
    expect(carriedTag([ocr()], 0, [])).toBeNull();
  });
});
