import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentsOf, selectInputs, withoutPredecessor } from '../../functions/jobs/select-inputs.ts';
import { aRequest, DOCUMENT, id } from '../support/jobs.ts';

const pages = (...numbers: number[]) => ({
  result_type: 'list[document]' as const,
  result: JSON.stringify(numbers.map((page) => ({ id: id(page), original_id: DOCUMENT, page, score: 1 }))),
});
const ids = (...numbers: number[]) => numbers.map(id);
const classification = {
  result_type: 'classification' as const,
  result: '{"category":"A","accuracy":1.0,"score":1.0}',
};

describe('the documents that a job made', () => {
  it('are its result, where that is a document or a list of them', () => {
    expect(documentsOf(pages(1, 2)).map((one) => one.id)).toEqual(ids(1, 2));
    expect(documentsOf({ result_type: 'document', result: `{"id":"${id(3)}"}` })).toEqual([{ id: id(3) }]);
  });

  it('are none otherwise', () => {
    expect(documentsOf(classification)).toEqual([]);
    expect(documentsOf({ result_type: 'list[document]', result: null })).toEqual([]);
    expect(documentsOf({ result_type: 'list[document]', result: '[]' })).toEqual([]);
    expect(documentsOf({ result_type: 'document', result: 'null' })).toEqual([]);
    expect(documentsOf({ result_type: 'object', result: `{"id":"${id(3)}"}` })).toEqual([]);
    expect(
      documentsOf({ result_type: 'conditional', result: '{"r":[{},1,{"result_type":"strange","result":[]}]}' }),
    ).toEqual([]);
  });

  it('are, of a conditional job, those of its entries in their order, also nested, whatever the rules are called', () => {
    const element = ({ result_type, result }: { result_type: string; result: string }) =>
      `{"result_type":"${result_type}","result":${result}}`;
    const inner = `{"x":[${element(pages(5))}]}`;
    const result = `{"b":[${element(pages(1, 2))},${element(classification)}],"1":[${element({ result_type: 'conditional', result: inner })}],"0":[${element(pages(4))}]}`;
    expect(documentsOf({ result_type: 'conditional', result }).map((one) => one.id)).toEqual(ids(1, 2, 5, 4));
  });
});

describe('the inputs of a job', () => {
  it('are the results of the job before that come from the given document', () => {
    expect(selectInputs({ documentIds: [DOCUMENT], predecessor: pages(1, 2, 3) })).toEqual(ids(1, 2, 3));
    expect(selectInputs({ documentIds: [DOCUMENT], predecessor: pages(1, 2, 3), pageRange: '-1,0' })).toEqual(
      ids(3, 1),
    );
  });

  it('are those of the given documents that the job before made, in its order', () => {
    expect(selectInputs({ documentIds: ids(3, 1), predecessor: pages(1, 2, 3) })).toEqual(ids(1, 3));
  });

  it('are the given ones as they stand, twice if given twice, where none of them has to do with the job before', () => {
    for (const predecessor of [pages(1, 2), classification]) {
      expect(selectInputs({ documentIds: ids(9, 8, 9), predecessor })).toEqual(ids(9, 8, 9));
    }
  });

  it('are none where the page range leaves none', () => {
    expect(selectInputs({ documentIds: [DOCUMENT], predecessor: pages(1, 2), pageRange: '7' })).toEqual([]);
  });

  it('are always some of the candidates, each as often as it stands there, in the order of the range', () => {
    const range = fc.constantFrom('0', ':', '::2', '-1', '1:', '::-1', '0,2:', '5');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(20), { maxLength: 8 }),
        fc.array(fc.nat(20), { minLength: 1 }),
        range,
        (made, given, pageRange) => {
          const selection = { documentIds: ids(...given), predecessor: pages(...made) };
          const all = selectInputs(selection);
          const named = made.filter((page) => given.includes(page));
          expect(all).toEqual(named.length > 0 ? ids(...named) : ids(...given));
          expect(selectInputs({ ...selection, pageRange: ':' })).toEqual(all);
          expect(selectInputs({ ...selection, pageRange: '::-1' })).toEqual(all.toReversed());
          const some = selectInputs({ ...selection, pageRange });
          expect(some.every((one) => all.includes(one)) && some.length <= all.length).toBe(true);
        },
      ),
    );
  });
});

describe('a request behind a job that LEIA does not have', () => {
  const request = aRequest({ execute_after_id: id(99), page_range: '1:' });

  it('names the documents that were selected, and no more what selected them', () => {
    expect(withoutPredecessor(request, pages(1, 2, 3))).toEqual({ ...aRequest(), document_ids: ids(2, 3) });
  });

  it('leaves a tag and its page range to LEIA', () => {
    const tagged = { ...request, kind: 'transform' as const, output_type: 'text' as const, input_tag: 't' };
    const { execute_after_id: _after, ...expected } = tagged;
    expect(withoutPredecessor(tagged, pages(1, 2, 3))).toEqual(expected);
  });

  it('is none where nothing is selected', () => {
    expect(withoutPredecessor(request, pages(1))).toBeUndefined();
  });
});
