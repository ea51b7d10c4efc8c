import { describe, expect, it } from 'vitest';
import { NoInputs, selectInputs } from './rules/inputs.ts';
import { advance } from './rules/time.ts';
import { addPart, addPdf, buildWorld, submitTo } from './support/build.ts';

const ids = (documents: { id: string }[]): string[] => documents.map(({ id }) => id);

describe('the inputs of a job', () => {
  it('are the documents that it names', () => {
    const world = buildWorld();
    const [one, other] = [addPdf(world), addPdf(world)];
    const job = submitTo(world, [other, one, other]);
    expect(ids(selectInputs(world, job))).toEqual([other.id, one.id, other.id]);
  });

  it('are the pages that its prerequisite made of them', () => {
    const world = buildWorld();
    const pdf = addPdf(world);
    const images = submitTo(world, [pdf]);
    const job = submitTo(world, [pdf], { executeAfterId: images.id, pageRange: '-1' });
    advance(world, 5000);
    expect(images.status).toBe('PROCESSED');
    expect(selectInputs(world, job)).toEqual([expect.objectContaining({ original_id: pdf.id, page: 1 })]);
    expect(job.document_ids).toEqual([pdf.id]);
  });

  it('are as named when the prerequisite made nothing of them', () => {
    const world = buildWorld();
    const [pdf, unrelated] = [addPdf(world), addPdf(world)];
    const images = submitTo(world, [unrelated]);
    const job = submitTo(world, [pdf], { executeAfterId: images.id });
    advance(world, 5000);
    expect(ids(selectInputs(world, job))).toEqual([pdf.id]);
  });

  it('are the tagged parts of the one document, by page, also those tagged after the submission', () => {
    const world = buildWorld();
    const pdf = addPdf(world);
    world.switches.holdJobs = true;
    const job = submitTo(world, [pdf], { tag: 'PAGE', pageRange: '1:' });
    const [second, , first, third] = [
      addPart(world, pdf, 1, ['PAGE']),
      addPart(world, pdf, 1, ['OTHER']),
      addPart(world, pdf, 0, ['PAGE']),
      addPart(world, pdf, 2, ['PAGE']),
    ];
    expect(ids(selectInputs(world, job))).toEqual([second.id, third.id]);
    expect(ids(selectInputs(world, { ...job, page_range: null }))).toEqual([first.id, second.id, third.id]);
  });

  it('fail the job when none is left', () => {
    const world = buildWorld();
    const pdf = addPdf(world);
    const images = submitTo(world, [pdf]);
    const job = submitTo(world, [pdf], { executeAfterId: images.id, pageRange: '7' });
    advance(world, 5000);
    expect(job).toMatchObject({ status: 'FAILED', http_code: 400, result: null });
    expect(() => selectInputs(world, job)).toThrow(NoInputs);
  });
});

describe('a submission is refused', () => {
  it('when a tag comes with several documents', () => {
    const world = buildWorld();
    const documents = [addPdf(world), addPdf(world)];
    expect(() => submitTo(world, documents, { tag: 'PAGE' })).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('when a page range comes without prerequisite and tag', () => {
    const world = buildWorld();
    expect(() => submitTo(world, [addPdf(world)], { pageRange: '0' })).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });

  it('when document or prerequisite are unknown', () => {
    const world = buildWorld();
    const pdf = addPdf(world);
    const missing = expect.objectContaining({ status: 404 });
    expect(() => submitTo(world, [{ ...pdf, id: 'none' }])).toThrow(missing);
    expect(() => submitTo(world, [pdf], { executeAfterId: 'none' })).toThrow(missing);
  });
});
