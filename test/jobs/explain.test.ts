import { describe, expect, it } from 'vitest';
import { parseConditional, parseLeniently } from '../../functions/jobs/conditional-request.ts';
import {
  causesOf,
  DryRun,
  Explanation,
  explainDryRun,
  explainJob,
  type Relatives,
} from '../../functions/jobs/explain.ts';
import { explainRules, type RuleFacts } from '../../functions/jobs/explain-rules.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import type { Json } from '../../functions/jobs/json-body.ts';
import { aBoundJob, aJob, id, MODEL, T0 } from '../support/jobs.ts';

const input = (rules: Json) => ({
  params: { execute_after_id: id(1) },
  query: new URLSearchParams(),
  body: new TextEncoder().encode(JSON.stringify({ rules })),
  maxDocumentIds: 10,
});
const ocr = { job_type: 'transform', output_type: 'text' };
const predict = { job_type: 'apply_model', model_id: MODEL };
const request = parseConditional(
  input({
    invoice: { conditions: { category: 'INVOICE', accuracy: [{ $gte: 0.5 }] }, jobs: [ocr, predict] },
    other: { conditions: { category: { $ne: 'INVOICE' }, lost: [{}] }, jobs: [predict] },
    never: { conditions: { accuracy: { $gt: 5, $lt: 3 } }, jobs: [] },
  }),
).request;

const invoice = {
  result_type: 'classification' as const,
  result: '{"category":"INVOICE","accuracy":0.91,"score":1.0}',
};
const processed = { id: id(1), status: 'PROCESSED' } as const;
const facts = (given: Partial<RuleFacts> = {}): RuleFacts => ({
  request,
  trigger: processed,
  outcome: invoice,
  children: [],
  status: 'PROCESSING',
  ...given,
});
const rule = (name: string, given: Partial<RuleFacts> = {}) =>
  explainRules(facts(given)).find((one) => one.rule === name);
const child = (entry: number, status: JobRecord['status'], reason: string | null = null) => ({
  rule: 0,
  entry,
  child: { id: id(0x20 + entry), status, reason },
});

describe('a rule explained', () => {
  it('shows each condition with what it met', () => {
    expect(rule('invoice')).toMatchObject({
      matched: true,
      why: 'all conditions hold',
      never_matches: null,
      reads: ['category', 'accuracy'],
      conditions: [
        { field: 'category', operator: '$eq', expected: 'INVOICE', actual: 'INVOICE', held: true },
        { field: 'accuracy', operator: '$gte', expected: 0.5, actual: 0.91, held: true },
      ],
    });
  });

  it('says why it does not match', () => {
    expect(rule('other')).toMatchObject({
      matched: false,
      why: 'category is "INVOICE", not $ne "INVOICE"',
      always_hold: ['lost'],
      jobs: [
        {
          entry: 0,
          job_type: 'apply_model',
          model_id: MODEL,
          runs: 'no',
          why: 'its rule does not match',
          job_id: null,
        },
      ],
    });
    const outcome = { result_type: 'object' as const, result: '{}' };
    expect(rule('invoice', { outcome })).toMatchObject({
      why: 'category is missing; accuracy is missing',
      conditions: [
        { missing: true, held: false },
        { missing: true, held: false },
      ],
    });
    expect(rule('other', { outcome: { result_type: 'list[document]', result: '[]' } })?.why).toContain('not an object');
  });

  it('says that it can never match', () => {
    expect(rule('never')?.never_matches).toBe('accuracy: no value is both $gt 5 and $lt 3');
  });

  it('is undecided while the prerequisite runs, but says what it will read', () => {
    const { outcome: _none, ...early } = facts({ trigger: { id: id(1), status: 'PROCESSING' } });
    expect(explainRules(early)[0]).toMatchObject({
      matched: null,
      why: `decided once job ${id(1)}, now PROCESSING, is PROCESSED`,
      reads: ['category', 'accuracy'],
      conditions: [{ held: null }, { held: null }],
      jobs: [{ runs: 'undecided', why: null }, { runs: 'undecided' }],
    });
  });

  it('is not looked at behind a prerequisite that failed', () => {
    const { outcome: _none, ...lost } = facts({ trigger: { id: id(1), status: 'FAILED' }, status: 'FAILED' });
    expect(explainRules(lost)[0]).toMatchObject({
      matched: false,
      why: `job ${id(1)} FAILED: no rule is looked at`,
      jobs: [{ runs: 'no' }, { runs: 'no' }],
    });
  });

  it('is known to have matched by its children, also when the result is gone', () => {
    const { outcome: _gone, ...late } = facts({ children: [child(0, 'PROCESSED')], status: 'PROCESSED' });
    expect(explainRules(late)[0]).toMatchObject({ matched: true, why: `the result of job ${id(1)} is kept no longer` });
  });

  it('shows the child that each entry became, and those still to come', () => {
    expect(rule('invoice', { children: [child(0, 'PROCESSING')] })?.jobs).toEqual([
      {
        entry: 0,
        job_type: 'transform',
        output_type: 'text',
        runs: 'yes',
        why: null,
        job_id: id(0x20),
        status: 'PROCESSING',
        reason: null,
      },
      {
        entry: 1,
        job_type: 'apply_model',
        model_id: MODEL,
        runs: 'yes',
        why: null,
        job_id: null,
        status: null,
        reason: null,
      },
    ]);
  });

  it('says of an entry behind a failed one, or of a cancelled chain, that it does not run', () => {
    const behind = rule('invoice', { children: [child(0, 'FAILED', 'unreadable')] });
    expect(behind?.jobs).toMatchObject([{ reason: 'unreadable' }, { runs: 'no', why: 'entry 1 of 2 FAILED' }]);
    const cancelled = rule('invoice', { children: [child(0, 'PROCESSED')], status: 'CANCELED' });
    expect(cancelled?.jobs[1]).toMatchObject({ runs: 'no', why: 'the conditional job CANCELED before' });
  });

  it('shortens values that are long', () => {
    const outcome = {
      result_type: 'object' as const,
      result: JSON.stringify({ category: 'x'.repeat(100_000), accuracy: 1 }),
    };
    const [condition] = rule('invoice', { outcome })?.conditions ?? [];
    expect(condition).toMatchObject({ shortened: ['actual'], actual: expect.stringMatching(/^"x{198}…$/) });
  });
});

describe('a dry run', () => {
  const dry = (given: Partial<Parameters<typeof explainDryRun>[0]> = {}) =>
    explainDryRun({ request, trigger: processed, outcome: invoice, malformed: [], ...given });

  it('says what would run', () => {
    expect(dry()).toMatchObject({
      execute_after_id: id(1),
      decided: true,
      now: '1 of 3 rules match; jobs that would run: 2',
      malformed: [],
    });
  });

  it('before the prerequisite has ended says what it will read', () => {
    const answer = explainDryRun({ request, trigger: { id: id(1), status: 'WAITING' }, malformed: [] });
    expect(answer).toMatchObject({ decided: false, now: `job ${id(1)} is WAITING: its result will decide` });
    expect(answer.rules[0]?.reads).toEqual(['category', 'accuracy']);
  });

  it('behind a job that failed says that it would fail', () => {
    const answer = explainDryRun({ request, trigger: { id: id(1), status: 'CANCELED' }, malformed: [] });
    expect(answer).toMatchObject({ decided: true, now: `it would fail: job ${id(1)} CANCELED` });
  });

  it('tells which rules are not well-formed', () => {
    const { request: sound, malformed } = parseLeniently(
      input({ bad: { conditions: { a: { $in: 1 } }, jobs: [] }, good: { jobs: [] } }),
    );
    expect(dry({ request: sound, malformed })).toMatchObject({
      now: 'it would be refused: rules["bad"].conditions["a"].$in: expected an array',
      rules: [{ rule: 'good', why: 'it has no conditions' }],
      malformed: [{ rule: 'bad', error: 'rules["bad"].conditions["a"].$in: expected an array' }],
    });
  });

  it('is what its schema says', () => {
    for (const answer of [dry(), explainDryRun({ request, trigger: { id: id(1), status: 'READY' }, malformed: [] })]) {
      expect(DryRun.parse(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
    }
  });
});

describe('the way to the root of a failure', () => {
  const failed = (number: number, given: Partial<JobRecord> = {}) =>
    aJob({ id: id(number), status: 'FAILED', reason: `reason ${number}`, ...given });
  const known = new Map<string, Relatives>(
    [
      { job: failed(5, { execute_after_id: id(4) }), prerequisite: failed(4), children: [] },
      {
        job: failed(4, { job_type: 'conditional', execute_after_id: id(1) }),
        prerequisite: aBoundJob({ status: 'PROCESSED' }),
        children: [aBoundJob({ status: 'PROCESSED' }), failed(3)],
      },
      {
        job: failed(3, { execute_after_id: id(2) }),
        prerequisite: aJob({ id: id(2), status: 'PROCESSED' }),
        children: [],
      },
    ].map((one): [string, Relatives] => [one.job.id, one]),
  );

  it('leads over prerequisites and children', () => {
    expect(causesOf(id(5), known)).toEqual({
      causes: [expect.objectContaining({ id: id(4) }), expect.objectContaining({ id: id(3) })],
    });
  });

  it('says whose relatives are still to be read', () => {
    expect(causesOf(id(5), new Map())).toEqual({ causes: [], read: id(5) });
    const [first] = known;
    expect(causesOf(id(5), new Map(first && [first]))).toMatchObject({ read: id(4) });
  });

  it('ends at a job that was cancelled, at one that did not fail, and in no circle', () => {
    const cancelled = aJob({ id: id(4), status: 'CANCELED' });
    const one: Relatives = { job: failed(5), prerequisite: cancelled, children: [] };
    const relatives = new Map([
      [id(5), one],
      [id(4), { job: cancelled, prerequisite: failed(5), children: [] }],
    ]);
    expect(causesOf(id(5), relatives)).toEqual({ causes: [cancelled] });
    expect(
      causesOf(id(6), new Map([[id(6), { job: aJob({ id: id(6) }), prerequisite: cancelled, children: [] }]])),
    ).toEqual({ causes: [] });
    const circle = new Map([[id(5), { job: failed(5), prerequisite: failed(5), children: [] }]]);
    expect(causesOf(id(5), circle)).toEqual({ causes: [failed(5)] });
  });
});

describe('a job explained', () => {
  it('says what it waits for', () => {
    const prerequisite = aJob({ id: id(2), status: 'PROCESSING' });
    const job = aJob({ status: 'WAITING', execute_after_id: id(2), stage: 'held', held_for: id(2) });
    expect(explainJob({ job, prerequisite, causes: [] })).toMatchObject({
      now: `waits for job ${id(2)}, which is PROCESSING`,
      waits_for: { job_id: id(2), status: 'PROCESSING', over: false },
      failed_because: [],
      root_cause: null,
    });
    expect(explainJob({ job, causes: [] }).waits_for).toEqual({ job_id: id(2), status: null, over: false });
  });

  it('says why it failed, down to the root', () => {
    const job = aJob({ status: 'FAILED', reason: `Job ${id(2)} FAILED`, execute_after_id: id(2) });
    const [near, root] = [
      aJob({ id: id(2), status: 'FAILED', reason: 'x' }),
      aJob({ id: id(3), status: 'FAILED', reason: 'unreadable' }),
    ];
    const answer = explainJob({ job, prerequisite: near, causes: [near, root] });
    expect(answer.failed_because.map(({ job_id }) => job_id)).toEqual([id(2), id(3)]);
    expect(answer.root_cause).toEqual({
      job_id: id(3),
      job_type: 'image-text',
      status: 'FAILED',
      reason: 'unreadable',
    });
  });

  it('that failed by itself is its own root', () => {
    expect(explainJob({ job: aBoundJob({ status: 'FAILED', reason: 'unreadable' }), causes: [] })).toMatchObject({
      now: 'FAILED: unreadable',
      root_cause: { job_id: id(1), reason: 'unreadable' },
    });
  });

  it.each<[Partial<JobRecord>, string]>([
    [{ status: 'BLOCKED' }, 'waits for its start to be asked for'],
    [{ cancel_requested_at: instant(T0) }, 'its cancellation is under way'],
    [{ stage: 'bound', leia_id: id(9), status: 'PROCESSING' }, 'LEIA has it: PROCESSING'],
    [{ attempt: 3 }, 'waits until LEIA takes it; attempts so far: 3'],
    [{}, 'is about to be sent to LEIA'],
    [{ job_type: 'conditional', status: 'PROCESSING' }, 'runs the entries of the rules that match'],
    [{ status: 'CANCELED' }, 'CANCELED'],
  ])('%j: %s', (given, now) => {
    expect(explainJob({ job: aJob(given), causes: [] }).now).toBe(now);
  });

  it('is what its schema says', () => {
    const answer = explainJob({
      job: aJob({ job_type: 'conditional', status: 'PROCESSING' }),
      causes: [],
      rules: facts(),
    });
    expect(Explanation.parse(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
  });
});

describe('what a caller was told', () => {
  const explained = (given: Partial<JobRecord>) => Explanation.parse(explainJob({ job: aBoundJob(given), causes: [] }));
  it('is part of it', () => {
    const callback = { state: 'asked', tries: 2, at: instant(T0), answer: 'HTTP 503' } as const;
    expect(explained({ callback }).callback).toEqual(callback);
  });
  it('is null where nobody asked for it', () => expect(explained({}).callback).toBeNull());
});
