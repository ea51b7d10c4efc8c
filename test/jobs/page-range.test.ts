import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInput } from '../../functions/jobs/bad-input.ts';
import { parsePageRange, selectPages } from '../../functions/jobs/page-range.ts';
import vectors from '../vectors/page-range.json' with { type: 'json' };

const select = (text: string, total: number): number[] => selectPages(parsePageRange(text), total);

const cases = {
  valid: vectors.valid,
  invalid: Object.values(vectors)
    .flat()
    .filter((one) => 'expect' in one),
};

describe('the cases of the contract', () => {
  it('are 34', () => expect(cases.valid.length + cases.invalid.length).toBe(34));

  it.each(cases.valid)('$page_range of $total_pages pages', ({ page_range, total_pages, selected_0based }) =>
    expect(select(page_range, total_pages)).toEqual(selected_0based),
  );

  it.each(cases.invalid)('"$page_range" is refused', ({ page_range }) =>
    expect(() => parsePageRange(page_range)).toThrow(/^page_range: expected/),
  );
});

describe('a page range', () => {
  it('may have blanks around its items', () => expect(select(' 1 , 3: ', 5)).toEqual([1, 3, 4]));
  it('names the field that it stands in', () =>
    expect(() => parsePageRange('x', 'jobs[0].page_range')).toThrow(/^jobs\[0\]\./));
  it.each(['1 2', '1: 2', '+1', '--1', '٣', '1\n2', '0:1:-0'])('is not %j', (text) =>
    expect(() => parsePageRange(text)).toThrow(BadInput),
  );
  it('ends somewhere', () => expect(() => parsePageRange('1,'.repeat(3000))).toThrow('at most 4096 characters'));
  it('may count further than any number', () => {
    const far = '9'.repeat(400);
    expect(select(`${far},-${far},-${far}:${far},0:9:${far}`, 3)).toEqual([0, 1, 2]);
    expect(select(`::-${far}`, 3)).toEqual([2]);
  });
});

/** Python's slices, told naively: walk every page, keep those that the slice would reach. */
const naive = (item: string, total: number): number[] => {
  const pages = Array.from({ length: total }, (_, page) => page);
  if (!item.includes(':')) return pages.filter((page) => page === Number(item) || page - total === Number(item));
  const [from = '', to = '', by = ''] = item.split(':');
  const step = by === '' ? 1 : Number(by);
  const at = (text: string, otherwise: number) =>
    text === '' ? otherwise : Number(text) < 0 ? Number(text) + total : Number(text);
  const walked = step > 0 ? pages : pages.toReversed();
  const reached = walked.filter((page) =>
    step > 0 ? page >= at(from, 0) && page < at(to, total) : page <= at(from, total - 1) && page > at(to, -1),
  );
  return reached.filter((_, nth) => nth % Math.abs(step) === 0);
};

const bound = fc.oneof(fc.constant(''), fc.integer({ min: -12, max: 12 }).map(String));
const step = fc.integer({ min: -4, max: 4 }).filter((value) => value !== 0);
const item = fc.oneof(
  fc.integer({ min: -12, max: 12 }).map(String),
  fc.tuple(bound, bound).map(([from, to]) => `${from}:${to}`),
  fc.tuple(bound, bound, step).map(([from, to, by]) => `${from}:${to}:${by}`),
);

describe('any page range', () => {
  it('selects what a naive walk over the pages selects', () =>
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), fc.integer({ min: 0, max: 10 }), (items, total) => {
        expect(select(items.join(','), total)).toEqual([...new Set(items.flatMap((one) => naive(one, total)))]);
      }),
    ));

  it('is either read or refused as bad input, whatever it is', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('0', '1', '-', ':', ',', ' ', 'x') }), (text) => {
        try {
          expect(select(text, 7).every((page) => page >= 0 && page < 7)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(BadInput);
        }
      }),
    ));
});
