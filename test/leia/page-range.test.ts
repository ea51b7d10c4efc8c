import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../vectors/page-range.json' with { type: 'json' };
import { parsePageRange, selectPages } from './rules/page-range.ts';

describe('a page range', () => {
  it.each(vectors.valid)('$page_range of $total_pages pages keeps $selected_0based', (vector) => {
    expect(selectPages(vector.page_range, vector.total_pages)).toEqual(vector.selected_0based);
  });

  it.each(vectors.invalid)('"$page_range" is refused', ({ page_range }) => {
    expect(() => parsePageRange(page_range)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('may have blanks around its items', () => {
    expect(selectPages(' 0 , 2:4 ', 10)).toEqual([0, 2, 3]);
  });

  it('never keeps a page twice, nor one that is not there', () => {
    const bound = fc.option(fc.integer({ min: -12, max: 12 }), { nil: '' });
    const step = fc.constantFrom('', ':', ':1', ':2', ':-1', ':-3');
    const item = fc.oneof(
      fc.integer({ min: -12, max: 12 }).map(String),
      fc.tuple(bound, bound, step).map(([start, end, by]) => `${start}:${end}${by}`),
    );
    const items = fc.array(item, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(items, fc.integer({ min: 0, max: 10 }), (written, length) => {
        const kept = selectPages(written.join(','), length);
        expect(new Set(kept).size).toBe(kept.length);
        expect(kept.every((page) => Number.isInteger(page) && page >= 0 && page < length)).toBe(true);
      }),
    );
  });
});
