import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInput } from '../../functions/jobs/bad-input.ts';
import { type ConditionalInput, parseConditional, parseLeniently } from '../../functions/jobs/conditional-request.ts';
import { fingerprint } from '../../functions/jobs/fingerprint.ts';
import type { Json } from '../../functions/jobs/json-body.ts';
import { StoredRequest } from '../../functions/jobs/request.ts';
import { DOCUMENT, id, MODEL } from '../support/jobs.ts';
import sent from '../vectors/conditional-requests.json' with { type: 'json' };

const TRIGGER = '507f191e810c19729de860ed';

const submission = (body: string, more: Partial<ConditionalInput> & { search?: string } = {}): ConditionalInput => ({
  params: { execute_after_id: TRIGGER },
  query: new URLSearchParams(more.search),
  body: new TextEncoder().encode(body),
  maxDocumentIds: 10,
  ...more,
});
const parse = (body: Json, more: Partial<ConditionalInput> & { search?: string } = {}) =>
  parseConditional(submission(JSON.stringify(body), more));
const rulesOf = (rules: Json) => parse({ rules }).request.rules;
const ocr = { job_type: 'transform', output_type: 'text' };
const classify = { job_type: 'apply_model', model_id: MODEL };
const onEntry = (entry: Json) => rulesOf({ r1: { jobs: [classify, ocr, entry] } })[0]?.jobs[2];

describe('what the SDKs really send', () => {
  const received = (name: string) => {
    const { raw_target_after_base, body_text } = sent.find(({ id: one }) => one === name) ??
      sent[0] ?? { raw_target_after_base: '', body_text: '' };
    return parseConditional(submission(body_text, { search: raw_target_after_base.split('?')[1] ?? '' })).request;
  };

  it.each(sent.filter(({ body_text }) => body_text !== '').map((one) => one.id))('%s is understood', (name) => {
    expect(received(name)).toMatchObject({ kind: 'conditional', execute_after_id: TRIGGER });
  });

  it.each(sent.filter(({ body_text }) => body_text === '').map((one) => one.id))(
    '%s, without a body, is refused',
    (name) => {
      expect(() => received(name)).toThrow('rules: expected an object of rules by their ids');
    },
  );

  it('Java: lists of single-operator maps, a stray executeAfterId, empty params, escapes, a null operand lost', () => {
    expect(received('java-1.0.6-010')).toEqual({
      kind: 'conditional',
      execute_after_id: TRIGGER,
      callback_url: 'http://cb.example/x?y=1',
      callback_headers: { 'X-A': 'b' },
      block_processing: false,
      rules: [
        {
          id: 'r <1>',
          conditions: [
            {
              field: 'accuracy',
              tests: [
                { operator: '$gt', expected: 0.1 },
                { operator: '$lt', expected: 0.9 },
                { operator: '$lte', expected: 1 },
                { operator: '$ne', expected: 2 },
              ],
            },
            {
              field: 'category',
              tests: [
                { operator: '$in', expected: ['A', 'B'] },
                { operator: '$nin', expected: ['C'] },
              ],
            },
            { field: 'nullish', tests: [] },
          ],
          jobs: [
            { kind: 'apply', model_id: MODEL, document_ids: [], model_params: { p: 1 } },
            { kind: 'transform', output_type: 'merge', document_ids: [], transform_params: { q: true } },
          ],
        },
      ],
    });
  });

  it('Java: the tag of a transform entry is its input tag', () => {
    const [rule] = received('java-1.0.6-009').rules;
    expect(rule?.jobs).toEqual([
      { kind: 'transform', output_type: 'text', document_ids: [DOCUMENT], input_tag: 'PDF_IMAGES', page_range: '0' },
      {
        kind: 'apply',
        model_id: MODEL,
        format_type: 'classification',
        document_ids: [DOCUMENT],
        tag: 'PDF_IMAGES',
        page_range: '0',
      },
    ]);
  });

  it('Python: callback and blocking in the query, headers in the body', () => {
    const request = received('python-1.1.3-010');
    expect(request).toMatchObject({
      callback_url: 'http://cb.example/x',
      callback_headers: { 'X-A': 'b' },
      block_processing: true,
    });
  });
});

describe('a conditional job', () => {
  it('takes callback and blocking from the body before the query, where null is absent', () => {
    const search = 'callback_url=http://q.example/&block_processing=false&callback_headers=x&anything=1';
    expect(
      parse({ rules: {}, callback_url: 'http://b.example/', block_processing: true }, { search }).request,
    ).toMatchObject({
      callback_url: 'http://b.example/',
      block_processing: true,
    });
    expect(parse({ rules: {}, callback_url: null, block_processing: null }, { search }).request).toMatchObject({
      callback_url: 'http://q.example/',
      block_processing: false,
    });
  });

  it('may have no rules', () => expect(rulesOf({})).toEqual([]));

  it('keeps rules in the order in which they were written, also those that look like numbers', () => {
    const body = '{"rules":{"b":{"jobs":[]},"10":{"jobs":[]},"2":{"jobs":[]},"a":{"jobs":[]},"b":{"jobs":[]}}}';
    expect(parseConditional(submission(body)).request.rules.map((rule) => rule.id)).toEqual(['b', '10', '2', 'a']);
  });

  it('takes any text for the id of a rule', () => {
    const ids = ['', ' ', 'r <1>', '"', '__proto__', 'constructor', 'toString', 'é\u2028'];
    const body = `{"rules":{${ids.map((one) => `${JSON.stringify(one)}:{"conditions":{"constructor":1},"jobs":[]}`).join()}}}`;
    const { request } = parseConditional(submission(body));
    expect(request.rules.map((rule) => rule.id)).toEqual(ids);
    expect(StoredRequest.parse(JSON.parse(JSON.stringify(request)))).toEqual(request);
  });

  it('ignores a rule that slipped into another, as in the published example', () => {
    expect(
      rulesOf({ r1: { conditions: { a: 1 }, jobs: [ocr], r2: { conditions: { a: 2 }, jobs: [classify] } } }),
    ).toHaveLength(1);
  });

  it('may write a rule as the list of its entries, each with the conditions of the rule', () => {
    const asList = [
      { ...ocr, conditions: { a: 1, b: { $gt: 2 } } },
      { ...classify, conditions: { b: [{ $gt: 2 }], a: [1] } },
    ];
    expect(rulesOf({ r: asList })).toEqual(
      rulesOf({ r: { conditions: { a: 1, b: { $gt: 2 } }, jobs: [ocr, classify] } }),
    );
    expect(rulesOf({ r: [ocr, classify] })).toEqual(rulesOf({ r: { jobs: [ocr, classify] } }));
  });

  it('warns of conditions that test nothing, and of headers in the query', () => {
    expect(
      parse({ rules: { r: { conditions: { a: [{}] }, jobs: [] } } }, { search: 'callback_headers=x' }).warnings,
    ).toEqual([
      'query callback_headers was ignored: only a body can carry it',
      'rules["r"].conditions["a"] tests nothing and always holds',
    ]);
  });

  it('keeps parameters as they are', () => {
    const params = fc.dictionary(
      fc.string().filter((one) => !/__proto__|constructor|prototype|\0/.test(one)),
      fc.jsonValue(),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(params, (model_params) => {
        fc.pre(
          !JSON.stringify(model_params).includes('\\u0000') &&
            !/"(?:__proto__|constructor|prototype)"/.test(JSON.stringify(model_params)),
        );
        const body = JSON.stringify({ rules: { r: { jobs: [{ ...classify, model_params }] } } });
        const stored = StoredRequest.parse(JSON.parse(JSON.stringify(parseConditional(submission(body)).request)));
        expect(stored.kind === 'conditional' && stored.rules[0]?.jobs[0]).toMatchObject({
          model_params: JSON.parse(JSON.stringify(model_params)),
        });
      }),
    );
  });

  it('is the same submission in whatever order its rules and conditions come', () => {
    const hash = (text: string) => text;
    const rules = { r1: { conditions: { a: 1, b: 2 }, jobs: [ocr] }, r2: { conditions: {}, jobs: [classify] } };
    const turned = { r2: rules.r2, r1: { jobs: [ocr], conditions: { b: 2, a: 1 } } };
    expect(fingerprint(parse({ rules }).request, hash)).toBe(fingerprint(parse({ rules: turned }).request, hash));
    expect(fingerprint(parse({ rules }).request, hash)).not.toBe(
      fingerprint(parse({ rules: { r1: rules.r1 } }).request, hash),
    );
  });
});

describe('an entry', () => {
  it.each([
    [
      { job_type: 'JobTypes.APPLY_MODEL', model_id: 'short-name' },
      { kind: 'apply', model_id: 'short-name', document_ids: [] },
    ],
    [
      { job_type: 'TRANSFORM', output_type: 'OutputTypes.TEXT_TREE' },
      'rules["r1"].jobs[2].job_type: expected one of apply_model, transform',
    ],
    [
      { job_type: 'X.TRANSFORM', output_type: 'OutputTypes.TEXT_TREE' },
      { kind: 'transform', output_type: 'text_tree', document_ids: [] },
    ],
    [
      { ...ocr, document_ids: null, tag: null, transform_params: null },
      { kind: 'transform', output_type: 'text', document_ids: [] },
    ],
    [
      { ...ocr, input_tag: 'in', output_tag: 'out', page_range: '0,2:5', unknown: 1 },
      {
        kind: 'transform',
        output_type: 'text',
        document_ids: [],
        input_tag: 'in',
        output_tag: 'out',
        page_range: '0,2:5',
      },
    ],
    [
      { ...classify, execute_after_id: id(1), block_processing: true },
      { kind: 'apply', model_id: MODEL, document_ids: [] },
    ],
    [
      {
        ...classify,
        format_type: 'FormatTypes.CLASSIFICATION',
        save_result: true,
        priority: 3,
        document_ids: [id(1), id(1)],
        callback_url: 'https://c.example/',
        callback_headers: { A: 1 },
      },
      {
        kind: 'apply',
        model_id: MODEL,
        format_type: 'classification',
        save_result: true,
        priority: 3,
        document_ids: [id(1), id(1)],
        callback_url: 'https://c.example/',
        callback_headers: { A: '1' },
      },
    ],
  ] as [Json, unknown][])('%j', (entry, expected) => {
    if (typeof expected === 'string') expect(() => onEntry(entry)).toThrow(expected);
    else expect(onEntry(entry)).toEqual(expected);
  });
});

describe('what cannot be used is refused, by rule, entry and field:', () => {
  const bad = (entry: Json) => () => onEntry(entry);
  it.each([
    ['no job_type', bad({}), 'rules["r1"].jobs[2].job_type: expected one of apply_model, transform'],
    [
      'a job_type of jobs, not of entries',
      bad({ job_type: 'predict' }),
      'rules["r1"].jobs[2].job_type: expected one of',
    ],
    ['no model_id', bad({ job_type: 'apply_model' }), 'rules["r1"].jobs[2].model_id: expected an id or name'],
    [
      'no output_type',
      bad({ job_type: 'transform' }),
      'rules["r1"].jobs[2].output_type: expected one of text, text_tree',
    ],
    ['an unknown output_type', bad({ ...ocr, output_type: 'pdf' }), 'rules["r1"].jobs[2].output_type: expected one of'],
    [
      'an unknown format_type',
      bad({ ...classify, format_type: 'list' }),
      'rules["r1"].jobs[2].format_type: expected one of classification',
    ],
    [
      'a bad page_range',
      bad({ ...ocr, page_range: '1;2' }),
      'rules["r1"].jobs[2].page_range: expected pages and slices',
    ],
    [
      'a page_range that is a number',
      bad({ ...ocr, page_range: 1 }),
      'rules["r1"].jobs[2].page_range: expected a string',
    ],
    [
      'document_ids that are no list',
      bad({ ...ocr, document_ids: DOCUMENT }),
      'rules["r1"].jobs[2].document_ids: expected a list of at most 10 ids',
    ],
    [
      'an id that is none',
      bad({ ...ocr, document_ids: [DOCUMENT, 'a/b'] }),
      'rules["r1"].jobs[2].document_ids[1]: expected an id',
    ],
    [
      'too many documents',
      bad({ ...ocr, document_ids: Array(11).fill(DOCUMENT) }),
      'rules["r1"].jobs[2].document_ids: expected a list of at most 10',
    ],
    [
      'a tag with several documents',
      bad({ ...ocr, tag: 't', document_ids: [id(1), id(2)] }),
      'rules["r1"].jobs[2].document_ids: expected at most one document id beside a tag',
    ],
    ['two tags', bad({ ...ocr, tag: 't', input_tag: 'u' }), 'rules["r1"].jobs[2].input_tag: expected the same as tag'],
    [
      'params that are no object',
      bad({ ...classify, model_params: [] }),
      'rules["r1"].jobs[2].model_params: expected an object',
    ],
    [
      'params that reach into prototypes',
      () =>
        parseConditional(
          submission(
            `{"rules":{"r1":{"jobs":[{"job_type":"apply_model","model_id":"m","model_params":{"__proto__":1}}]}}}`,
          ),
        ),
      'rules["r1"].jobs[0].model_params: expected no key',
    ],
    [
      'a callback that is no URL',
      bad({ ...ocr, callback_url: 'x' }),
      'rules["r1"].jobs[2].callback_url: expected an absolute http or https URL',
    ],
    [
      'headers that are ours',
      bad({ ...ocr, callback_headers: { Host: 'x' } }),
      'rules["r1"].jobs[2].callback_headers.Host: expected a header other than Host',
    ],
    ['an entry that is no object', bad('transform'), 'rules["r1"].jobs[2]: expected a job entry: an object'],
    [
      'an unknown operator',
      () => rulesOf({ r1: { conditions: { a: { $like: 1 } }, jobs: [] } }),
      'rules["r1"].conditions["a"]: expected operators among',
    ],
    [
      'a rule without jobs',
      () => rulesOf({ r1: { conditions: {} } }),
      'rules["r1"].jobs: expected a list of job entries',
    ],
    ['a rule that is no rule', () => rulesOf({ r1: null }), 'rules["r1"].jobs: expected a list of job entries'],
    ['a bad entry in a list', () => rulesOf({ r1: [ocr, {}] }), 'rules["r1"][1].job_type: expected one of'],
    [
      'a list whose entries disagree',
      () => rulesOf({ r1: [{ ...ocr, conditions: { a: 1 } }, ocr] }),
      'rules["r1"][1].conditions: expected the same conditions in all entries',
    ],
    ['rules in a list', () => rulesOf([{ jobs: [] }]), 'rules: expected an object of rules by their ids'],
    ['rules in a text', () => rulesOf('{}'), 'rules: expected an object'],
    ['null for rules', () => rulesOf(null), 'rules: expected an object'],
    ['no body', () => parseConditional(submission('')), 'rules: expected an object'],
    ['a body that is no JSON', () => parseConditional(submission('{')), 'body: expected JSON'],
    [
      'too many entries',
      () => parse({ rules: { a: { jobs: [ocr, ocr] }, b: { jobs: [ocr] } } }, { maxEntries: 2 }),
      'rules: expected at most 2 job entries',
    ],
    [
      'too many rules',
      () => parse({ rules: { a: { jobs: [] }, b: { jobs: [] }, c: null } }, { maxEntries: 2 }),
      'rules: expected at most 2 rules',
    ],
    [
      'too many tests',
      () => parse({ rules: { a: { conditions: { a: [1, 2, 3, 4, 5, 6] }, jobs: [] } } }, { maxEntries: 1 }),
      'rules: expected at most 5 tests',
    ],
    [
      'a prerequisite that is no id',
      () => parse({ rules: {} }, { params: { execute_after_id: 'a,b' } }),
      'execute_after_id: expected an id',
    ],
    ['blocking that is neither', () => parse({ rules: {}, block_processing: 'maybe' }), 'block_processing: expected'],
  ])('%s', (_what, act, message) => {
    expect(act).toThrow(BadInput);
    expect(act).toThrow(message);
  });

  it('in messages of bearable length', () => {
    const body = { rules: { ['r'.repeat(5000)]: { jobs: [{}] } } };
    expect(() => parse(body)).toThrow(/^.{1,250}$/);
  });
});

describe('a dry run', () => {
  it('tells of every malformed rule, and keeps the others', () => {
    const rules = { good: { jobs: [ocr] }, bad: { jobs: [{}] }, worse: 1 };
    const { request, malformed } = parseLeniently(submission(JSON.stringify({ rules })));
    expect(request.rules.map((rule) => rule.id)).toEqual(['good']);
    expect(malformed.map(({ rule, error }) => [rule, error.field])).toEqual([
      ['bad', 'rules["bad"].jobs[0].job_type'],
      ['worse', 'rules["worse"].jobs'],
    ]);
  });
});
