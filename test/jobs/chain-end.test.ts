import { describe, expect, it } from 'vitest';
import {
  brokenOff,
  type Chain,
  chainEnd,
  chainFailure,
  chainResult,
  type Step,
} from '../../functions/jobs/chain-end.ts';
import type { Entry } from '../../functions/jobs/request.ts';
import { DOCUMENT, id } from '../support/jobs.ts';

const ocr: Entry = { kind: 'transform', output_type: 'text', document_ids: [DOCUMENT] };
const rule = (name: string, entries: number) => ({
  id: name,
  conditions: [],
  jobs: Array.from({ length: entries }, () => ocr),
});

const done = (place: [rule: number, entry: number], child: Partial<Step['child']> = {}): Step => ({
  rule: place[0],
  entry: place[1],
  child: {
    id: id(place[0] * 16 + place[1]),
    status: 'PROCESSED',
    reason: null,
    http_code: 200,
    job_type: 'image-text',
    result_type: 'document',
    result: '{"id":"d"}',
    ...child,
  },
});
const failed = (place: [number, number], child: Partial<Step['child']> = {}) =>
  done(place, { status: 'FAILED', reason: 'unreadable', http_code: 400, result_type: null, result: null, ...child });

describe('the result of a chain', () => {
  it('has the rules that ran, each with the results of its entries in order', () => {
    const chain: Chain = {
      rules: [rule('r1', 2), rule('r2', 1), rule('r3', 0)],
      matched: [0, 2],
      steps: [
        done([0, 1], { result_type: 'classification', result: '{"accuracy":1.0}', job_type: 'predict' }),
        done([0, 0]),
      ],
    };
    expect(chainResult(chain)).toBe(
      `{"r1":[{"result_type":"document","result":{"id":"d"},"job_id":"${id(0)}","job_type":"image-text"},` +
        `{"result_type":"classification","result":{"accuracy":1.0},"job_id":"${id(1)}","job_type":"predict"}],"r3":[]}`,
    );
  });

  it('is {} where nothing matched', () => {
    expect(chainEnd({ rules: [rule('r', 1)], matched: [], steps: [] })).toEqual({ status: 'PROCESSED', result: '{}' });
  });

  it('passes results on as LEIA wrote them', () => {
    const written = '{ "big": 12345678901234567890, "float": 1.0, "far": 1e400, "__proto__": {"\\u003d": -0.0} }';
    const text = chainResult({
      rules: [rule('r', 1)],
      matched: [0],
      steps: [done([0, 0], { result_type: 'object', result: written })],
    });
    expect(text).toContain(`"result":${written},`);
  });

  it('names rules as their caller did', () => {
    const names = ['__proto__', 'r <1>', '"', '\\', '', '2', '1', '\u2028'];
    const rules = names.map((name) => rule(name, 0));
    const text = chainResult({ rules, matched: names.map((_, index) => index), steps: [] });
    expect(text.startsWith('{"__proto__":[],"r <1>":[],')).toBe(true);
    expect(new Set(Object.keys(JSON.parse(text)))).toEqual(new Set(names));
  });

  it('never has a document that is null, nor an element without a type', () => {
    const steps = [done([0, 0], { result: null }), done([0, 1], { result_type: null, result: '1' })];
    const { r } = JSON.parse(chainResult({ rules: [rule('r', 2)], matched: [0], steps }));
    expect(r).toMatchObject([
      { result_type: 'object', result: null },
      { result_type: 'object', result: 1 },
    ]);
  });
});

describe('a chain', () => {
  const rules = [rule('r1', 2), rule('r2', 3)];

  it('has not ended while a rule has entries to run', () => {
    expect(chainEnd({ rules, matched: [0], steps: [done([0, 0])] })).toBeUndefined();
    expect(
      chainEnd({ rules, matched: [0], steps: [done([0, 0]), done([0, 1], { status: 'PROCESSING', result: null })] }),
    ).toBeUndefined();
  });

  it('has not ended while another rule runs, though one has failed', () => {
    expect(chainEnd({ rules, matched: [0, 1], steps: [failed([0, 0]), done([1, 0])] })).toBeUndefined();
  });

  it('FAILS once all rules are over, naming rule, entry, child and reason', () => {
    const steps = [failed([1, 1]), done([1, 0]), done([0, 0]), done([0, 1])];
    expect(chainEnd({ rules, matched: [0, 1], steps })).toEqual({
      status: 'FAILED',
      reason: `Rule "r2", entry 2 of 3: job ${id(17)} FAILED: unreadable`,
      http_code: 400,
    });
  });

  it('FAILS of a child that was cancelled, or whose time was up, though it was PROCESSED in the end', () => {
    expect(
      chainFailure({ rules, steps: [failed([0, 0], { status: 'CANCELED', reason: null, http_code: null })] }),
    ).toMatchObject({
      reason: `Rule "r1", entry 1 of 2: job ${id(0)} CANCELED`,
      http_code: 400,
    });
    for (const entry of [0, 1]) {
      const steps = [done([0, 0]), done([0, 1])].slice(0, entry + 1);
      const late = steps.with(entry, { ...done([0, entry]), givenUp: 'timed out' });
      expect(chainEnd({ rules, matched: [0], steps: late })).toMatchObject({
        status: 'FAILED',
        reason: `Rule "r1", entry ${entry + 1} of 2: job ${id(entry)} timed out`,
        http_code: 500,
      });
    }
  });

  it('FAILS of a child that could not be followed, and of an entry that could not be run, each by its rule', () => {
    const lost = [done([0, 0]), { ...done([0, 1]), givenUp: 'broke off' as const }];
    expect(chainEnd({ rules, matched: [0], steps: lost })).toEqual({
      status: 'FAILED',
      reason: `Rule "r1", entry 2 of 2: job ${id(1)} was given up: it could not be followed`,
      http_code: 500,
    });
    expect(brokenOff({ rules, matched: [0, 1], steps: [failed([0, 0]), done([1, 0])] })).toEqual({
      status: 'FAILED',
      reason: `Rule "r1", entry 1 of 2: job ${id(0)} FAILED: unreadable; Rule "r2", entry 2 of 3 could not be run`,
      http_code: 500,
    });
  });

  it('takes the code of the first child that failed', () => {
    const steps = [failed([1, 0]), failed([0, 0], { http_code: 500 })];
    expect(chainFailure({ rules, steps })).toMatchObject({ http_code: 500 });
  });

  it('names a few of many failures, in words of bearable length', () => {
    const many = Array.from({ length: 9 }, (_, index) => rule(`r${index}${'x'.repeat(1000)}`, 1));
    const failure = chainFailure({
      rules: many,
      steps: many.map((_, index) => failed([index, 0], { reason: 'y'.repeat(9000) })),
    });
    expect(failure?.reason).toMatch(/; 6 more$/);
    expect(failure?.reason.length).toBeLessThan(2500);
  });
});
