// Why a job stands where it stands, down to the root cause, out of the mirror.
import { describe, expect, it } from 'vitest';
import { type ExplainDeps, explain, explainConditional } from '../../functions/explain-job.ts';
import { allowListOf } from '../../functions/jobs/callback-address.ts';
import { DryRun, Explanation } from '../../functions/jobs/explain.ts';
import type { JobRecord } from '../../functions/jobs/job.ts';
import type { Entry } from '../../functions/jobs/request.ts';
import type { CallerRequest } from '../../functions/runtime/request.ts';
import { aCaller } from '../support/callers.ts';
import { anApply, aRule, aTransform, CHAIN, chainScene, stepId, TRIGGER } from '../support/chain-scene.ts';
import { aBoundJob, aJob, DOCUMENT, id, MODEL } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';
import type { MemoryMirror } from '../support/memory-mirror.ts';

const depsOf = (mirror: MemoryMirror): ExplainDeps => ({
  mirror,
  access: memoryAccess(),
  leiaForKey: async () => undefined,
  callbackKeys: { callbackUrl: async () => '', verify: async () => true, jobIdOf: async () => undefined },
  now: () => 0,
  count: () => {},
  warn: () => {},
  maxDocumentIds: 10,
  maxChainEntries: 10,
  allowedCallbacks: allowListOf([]),
});

const requestOf = (params: Record<string, string>, body?: object): CallerRequest => ({
  method: body ? 'POST' : 'GET',
  path: '/',
  params,
  query: new URLSearchParams(),
  rawQuery: '',
  headers: {},
  body: new TextEncoder().encode(body ? JSON.stringify(body) : ''),
  requestId: 'r',
  caller: aCaller(),
});

const explained = async (mirror: MemoryMirror, job_id: string): Promise<Explanation> => {
  const reply = await explain(requestOf({ job_id }), depsOf(mirror));
  return Explanation.parse(JSON.parse(String(reply.body)));
};
const namesOf = ({ failed_because }: Explanation): string[] => failed_because.map(({ job_id }) => job_id);

const failedAfter = (number: number, prerequisite: string, given: Partial<JobRecord> = {}): JobRecord =>
  aJob({
    id: id(number),
    execute_after_id: prerequisite,
    status: 'FAILED',
    stage: 'dropped',
    reason: `Job ${prerequisite} FAILED`,
    ...given,
  });

describe('the root cause of a failure', () => {
  const conditional = { job_type: 'conditional' } as const;

  it('is found through a row of prerequisites, conditional jobs among them', async () => {
    const { mirror } = await chainScene([]);
    await mirror.create(aBoundJob({ id: id(0x10), status: 'FAILED', reason: 'unreadable' }));
    await mirror.create(failedAfter(0x11, id(0x10), conditional));
    await mirror.create(failedAfter(0x12, id(0x11), conditional));
    await mirror.create(failedAfter(0x13, id(0x12)));
    const explanation = await explained(mirror, id(0x13));
    expect(namesOf(explanation)).toEqual([id(0x12), id(0x11), id(0x10)]);
    expect(explanation.root_cause).toEqual({
      job_id: id(0x10),
      job_type: 'image-text',
      status: 'FAILED',
      reason: 'unreadable',
    });
    expect(explanation.waits_for).toEqual({ job_id: id(0x12), status: 'FAILED', over: true });
  });

  it('is found through a conditional job’s child, with the place of that child in the rules', async () => {
    const rules = [aRule('fine', [aTransform('text')]), aRule('row', [anApply(), aTransform('text')])];
    const { mirror } = await chainScene(rules, { chain: { status: 'FAILED', reason: 'Rule "row" …' } });
    const child = (rule: number, entry: number, given: Partial<JobRecord>) =>
      aBoundJob({ id: stepId(rule, entry), parent_job_id: CHAIN, step: { rule, entry }, ...given });
    // The table makes no children of a chain that has ended.
    const withOpenChain = async (children: JobRecord[]): Promise<void> => {
      await mirror.change(CHAIN, (chain) => ({ ...chain, status: 'PROCESSING' }));
      for (const one of children) await mirror.createChild(one);
      await mirror.change(CHAIN, (chain) => ({ ...chain, status: 'FAILED' }));
    };
    await withOpenChain([child(0, 0, { status: 'PROCESSED' }), child(1, 0, { status: 'FAILED', reason: 'too dark' })]);
    await mirror.create(failedAfter(0x10, CHAIN));

    const explanation = await explained(mirror, id(0x10));
    expect(namesOf(explanation)).toEqual([CHAIN, stepId(1, 0)]);
    expect(explanation.root_cause).toMatchObject({ job_id: stepId(1, 0), reason: 'too dark' });

    const ofChain = await explained(mirror, CHAIN);
    expect(ofChain.root_cause).toMatchObject({ job_id: stepId(1, 0) });
    expect(ofChain.rules).toMatchObject([
      { rule: 'fine', jobs: [{ job_id: stepId(0, 0), status: 'PROCESSED' }] },
      {
        rule: 'row',
        jobs: [
          { job_id: stepId(1, 0), status: 'FAILED', reason: 'too dark' },
          { job_id: null, runs: 'no', why: 'entry 1 of 2 FAILED' },
        ],
      },
    ]);
  });

  it('is a child whose step timed out, even one that was PROCESSED after all', async () => {
    const rules = [aRule('row', [anApply(), aTransform('text')])];
    const { mirror } = await chainScene(rules);
    const given_up = { why: 'timed out', at: '2026-01-01T00:00:00.000Z' } as const;
    const place = { parent_job_id: CHAIN, step: { rule: 0, entry: 0 } };
    await mirror.createChild(aBoundJob({ id: stepId(0, 0), status: 'PROCESSED', given_up, ...place }));
    await mirror.change(CHAIN, (chain) => ({ ...chain, status: 'FAILED', reason: 'Rule "row" … timed out' }));
    const explanation = await explained(mirror, CHAIN);
    expect(namesOf(explanation)).toEqual([stepId(0, 0)]);
    expect(explanation.rules).toMatchObject([
      {
        jobs: [
          { job_id: stepId(0, 0), reason: 'its step timed out' },
          { runs: 'no', why: 'entry 1 of 2 timed out' },
        ],
      },
    ]);
  });

  it('is the job itself where it failed by itself', async () => {
    const { mirror } = await chainScene([]);
    await mirror.create(aBoundJob({ id: id(0x10), status: 'FAILED', reason: 'unreadable' }));
    const explanation = await explained(mirror, id(0x10));
    expect([namesOf(explanation), explanation.root_cause?.job_id]).toEqual([[], id(0x10)]);
    expect(explanation.now).toBe('FAILED: unreadable');
  });

  it('is the last that is known where the row of prerequisites is kept no longer, or goes in a circle', async () => {
    const { mirror } = await chainScene([]);
    await mirror.create(failedAfter(0x11, id(0x10)));
    await mirror.create(failedAfter(0x12, id(0x11)));
    expect(namesOf(await explained(mirror, id(0x12)))).toEqual([id(0x11)]);
    await mirror.create(failedAfter(0x20, id(0x21)));
    await mirror.create(failedAfter(0x21, id(0x20)));
    expect(namesOf(await explained(mirror, id(0x20))).length).toBeLessThanOrEqual(2);
  });

  it('is none of a job that has not failed', async () => {
    const { mirror } = await chainScene([]);
    expect(await explained(mirror, TRIGGER)).toMatchObject({ root_cause: null, failed_because: [], waits_for: null });
  });
});

describe('a dry run', () => {
  const ocr = { job_type: 'transform', output_type: 'text' };
  const predict = { job_type: 'apply_model', model_id: MODEL };
  const rules = {
    invoice: { conditions: { category: 'invoice', accuracy: { $gte: 0.5 } }, jobs: [ocr, predict] },
    letter: { conditions: { category: 'letter' }, jobs: [ocr] },
    odd: { conditions: { category: { $near: 1 } }, jobs: [ocr] },
  };
  const dry = async (mirror: MemoryMirror, body: object = { rules }): Promise<DryRun> => {
    const reply = await explainConditional(requestOf({ execute_after_id: TRIGGER }, body), depsOf(mirror));
    return DryRun.parse(JSON.parse(String(reply.body)));
  };

  it('says what would run and what is malformed, and changes nothing', async () => {
    const { mirror } = await chainScene([]);
    const before = mirror.snapshot();
    const { odd: _odd, ...wellFormed } = rules;
    expect(await dry(mirror, { rules: wellFormed })).toMatchObject({
      decided: true,
      now: '1 of 2 rules match; jobs that would run: 2',
      rules: [{ matched: true }, { matched: false, why: 'category is "invoice", not $eq "letter"' }],
      malformed: [],
    });
    expect((await dry(mirror)).malformed).toEqual([{ rule: 'odd', error: expect.stringContaining('rules["odd"]') }]);
    expect(mirror.snapshot()).toEqual(before);
  });

  it('says of which rules a callback URL would be refused, and refuses one of the conditional job itself', async () => {
    const { mirror } = await chainScene([]);
    const inside = { jobs: [ocr, { ...ocr, callback_url: 'http://169.254.169.254/latest' }] };
    const answer = await dry(mirror, { rules: { ...rules, inside }, callback_url: 'https://client.test/' });
    expect(answer.malformed.map(({ rule }) => rule)).toEqual(['odd', 'inside']);
    expect(answer.malformed[1]?.error).toContain('rules["inside"].jobs[1].callback_url');
    expect(answer.rules.map(({ rule }) => rule)).toEqual(['invoice', 'letter']);
    await expect(dry(mirror, { rules, callback_url: 'http://127.0.0.1/' })).rejects.toThrow('callback_url');
  });

  it('says which fields would be read while the prerequisite has not ended', async () => {
    const { mirror } = await chainScene([], { trigger: { status: 'PROCESSING' } });
    expect(await dry(mirror)).toMatchObject({
      decided: false,
      execute_after_status: 'PROCESSING',
      rules: [
        { matched: null, reads: ['category', 'accuracy'] },
        { matched: null, reads: ['category'] },
      ],
    });
  });
});

describe('the explanation of a conditional job', () => {
  it('shows what it waits for before its rules are looked at', async () => {
    const entries: Entry[] = [aTransform('text', { document_ids: [DOCUMENT] })];
    const { mirror } = await chainScene([aRule('any', entries)], {
      trigger: { status: 'PROCESSING' },
      chain: { stage: 'held', held_for: TRIGGER, status: 'WAITING' },
    });
    expect(await explained(mirror, CHAIN)).toMatchObject({
      now: `waits for job ${TRIGGER}, which is PROCESSING`,
      waits_for: { job_id: TRIGGER, status: 'PROCESSING', over: false },
      rules: [{ matched: null, jobs: [{ runs: 'undecided', output_type: 'text' }] }],
    });
  });

  it('is for whom the job belongs to', async () => {
    const { mirror } = await chainScene([], { chain: { submitter_id: id(0xbad) } });
    await expect(explained(mirror, CHAIN)).rejects.toMatchObject({ status: 403 });
  });
});
