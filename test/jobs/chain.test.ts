import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInput } from '../../functions/jobs/bad-input.ts';
import { chainDepth, checkChainDepth, childId, matchedRules } from '../../functions/jobs/chain.ts';
import { idOfKey } from '../../functions/jobs/ids.ts';
import { id } from '../support/jobs.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the id of a child', () => {
  it('is a job id, and the same each time', () => {
    const one = childId(id(1), { rule: 0, entry: 2 }, sha256);
    expect(one).toMatch(/^[0-9a-f]{24}$/);
    expect(childId(id(1), { rule: 0, entry: 2 }, sha256)).toBe(one);
  });

  it('is its own for each chain, rule and entry', () => {
    const place = fc.tuple(fc.constantFrom(id(1), id(11), `${id(1)}1`), fc.nat(999), fc.nat(999));
    fc.assert(
      fc.property(place, place, (a, b) => {
        fc.pre(a.join() !== b.join());
        const [first, second] = [a, b].map(([chain, rule, entry]) => childId(chain, { rule, entry }, sha256));
        expect(first).not.toBe(second);
      }),
    );
    expect(childId(id(1), { rule: 1, entry: 1 }, sha256)).not.toBe(idOfKey(id(1), '1', sha256));
  });
});

describe('the rules that match', () => {
  const rule = (name: string, expected: string) => ({
    id: name,
    conditions: [{ field: 'r.0.result.category', tests: [{ operator: '$eq' as const, expected }] }],
    jobs: [],
  });

  it('may look into the result of a conditional job', () => {
    const result = '{"r":[{"result_type":"classification","result":{"category":"A"}}]}';
    expect(
      matchedRules({ rules: [rule('x', 'B'), rule('y', 'A')] }, { result_type: 'conditional', result }).indexes,
    ).toEqual([1]);
  });

  it('are, without a result, those without conditions', () => {
    const rules = [rule('x', 'A'), { id: 'always', conditions: [], jobs: [] }];
    expect(matchedRules({ rules }, { result_type: null, result: null }).indexes).toEqual([1]);
  });
});

describe('the depth of chains behind chains', () => {
  it('counts conditional jobs in a row, whatever stands between them', () => {
    const first = chainDepth('conditional', 0);
    const between = chainDepth('apply', first);
    expect([first, between, chainDepth('conditional', between)]).toEqual([1, 1, 2]);
  });

  it('has a limit', () => {
    expect(() => checkChainDepth(50, 50)).not.toThrow();
    expect(() => checkChainDepth(51, 50)).toThrow(BadInput);
  });
});
