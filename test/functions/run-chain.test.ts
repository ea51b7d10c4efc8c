// The tasks of the state machine, and what happens when its execution dies (D6).
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { follow } from '../../functions/acts/follow.ts';
import { effectsOf } from '../../functions/jobs/effects.ts';
import { instant } from '../../functions/jobs/job.ts';
import { ChainTask, runChain } from '../../functions/run-chain.ts';
import { deployment, resources } from '../lib/support/stacks.ts';
import { chainDefinition } from '../support/chain-definition.ts';
import { aRule, aTransform, CHAIN, type ChainScene, chainScene, stepId } from '../support/chain-scene.ts';
import { DOCUMENT, T0 } from '../support/jobs.ts';
import { stateMachine } from '../support/state-machine.ts';

const text = aTransform('text', { document_ids: [DOCUMENT] });
const category = (expected: string) => [{ field: 'category', tests: [{ operator: '$eq' as const, expected }] }];
const rules = [
  aRule('letter', [text], category('letter')),
  aRule('invoice', [text, text], category('invoice')),
  aRule('empty', []),
  aRule('always', [text]),
];
const task = (given: object): ChainTask => ChainTask.parse({ job_id: CHAIN, ...given });

describe('evaluate', () => {
  it('gives the rules that match, by index, with the number of their entries; those without entries are done', async () => {
    const scene = await chainScene(rules);
    const matching = [
      { rule: 1, entries: 2 },
      { rule: 3, entries: 1 },
    ];
    expect(await runChain(task({ action: 'evaluate' }), scene.deps)).toEqual({ rules: matching });
    expect(await scene.chain()).toMatchObject({ matched: [1, 2, 3] });
  });

  it('decides once: asked again, it gives what it has given before', async () => {
    const scene = await chainScene(rules, { chain: { matched: [0] } });
    expect(await runChain(task({ action: 'evaluate' }), scene.deps)).toEqual({ rules: [{ rule: 0, entries: 1 }] });
    expect(await scene.chain()).toMatchObject({ matched: [0], version: 1 });
  });

  it.each(['CANCELED', 'FAILED'] as const)('gives none when the job is %s meanwhile', async (status) => {
    const scene = await chainScene(rules, { chain: { status } });
    expect(await runChain(task({ action: 'evaluate' }), scene.deps)).toEqual({ rules: [] });
  });
});

describe('a call that is none of the state machine’s', () => {
  it.each([
    { action: 'run-step', job_id: CHAIN, rule: 0, entry: 0 },
    { action: 'run-step', job_id: CHAIN, rule: -1, entry: 0, task_token: 't' },
    { action: 'evaluate' },
    { action: 'else', job_id: CHAIN },
  ])('is refused: %j', (call) => expect(ChainTask.safeParse(call).success).toBe(false));
});

describe('an execution that dies', () => {
  /** A chain of which the first step waits for LEIA. */
  const running = async () => {
    const scene = await chainScene([aRule('row', [text, text])]);
    const machine = stateMachine(chainDefinition(), { invoke: (call) => runChain(ChainTask.parse(call), scene.deps) });
    machine.start(CHAIN, { job_id: CHAIN });
    await machine.settled();
    await scene.leiaSays(0, 0, 'PROCESSING');
    return { scene, machine };
  };
  const followEnd = async ({ deps, chain }: ChainScene): Promise<void> => {
    const after = await chain();
    const chains = { ...deps.chains, start: async () => {}, stop: async () => {} };
    const elsewhere = { callbacks: { put: async () => {} }, events: { publish: async () => {} } };
    if (after) await follow({ ...deps, chains, ...elsewhere }, after, effectsOf(undefined, after));
  };

  it.each(['ABORTED', 'TIMED_OUT'] as const)('%s ends its job as FAILED by the event that tells of it', async (how) => {
    const { scene, machine } = await running();
    expect([machine.state(CHAIN), (await scene.chain())?.status]).toEqual(['RUNNING', 'PROCESSING']);
    machine.stop(CHAIN, how);
    await runChain(ChainTask.parse(eventTo(CHAIN)), scene.deps);
    expect(await scene.chain()).toMatchObject({
      status: 'FAILED',
      http_code: 500,
      reason: expect.stringContaining('execution'),
      finished_time: instant(T0),
      follow_up_due: instant(T0),
    });
    await followEnd(scene);
    expect(await scene.step(0, 0)).toMatchObject({ cancel_requested_at: instant(T0) });
    expect((await scene.mirror.children(CHAIN)).map(({ id }) => id)).toEqual([stepId(0, 0)]);
    expect(scene.counted).toEqual(['ChainDied']);
  });

  it('leaves a job alone that was cancelled before: that is why it was aborted', async () => {
    const scene = await chainScene(rules, { chain: { status: 'CANCELED' } });
    await runChain(ChainTask.parse(eventTo(CHAIN)), scene.deps);
    expect(await scene.chain()).toMatchObject({ status: 'CANCELED', version: 1 });
    expect(scene.counted).toEqual([]);
  });
});

/** What the rule on the event bus makes of the event that AWS sends when the execution of a job has ended. */
const eventTo = (name: string): unknown => {
  const { InputPathsMap, InputTemplate } = deaths.Targets[0].InputTransformer;
  expect(Object.values(InputPathsMap)).toEqual(['$.detail.name']);
  const [placeholder = ''] = Object.keys(InputPathsMap);
  return JSON.parse(InputTemplate.replace(`<${placeholder}>`, JSON.stringify(name)));
};

const Deaths = z.object({
  EventPattern: z.object({ detail: z.object({ status: z.array(z.string()) }) }),
  Targets: z.tuple([
    z.object({
      InputTransformer: z.object({ InputPathsMap: z.record(z.string(), z.string()), InputTemplate: z.string() }),
    }),
  ]),
});

/** The rule that hears of executions. */
const deaths = (() => {
  const all = [...resources(Template.fromStack(deployment().service), 'AWS::Events::Rule').values()];
  const [rule] = all.filter(({ Properties }) => JSON.stringify(Properties).includes('aws.states'));
  return Deaths.parse(rule?.Properties);
})();

it('the event bus tells of every way in which an execution can end but by its own end', () => {
  expect(deaths.EventPattern.detail.status.toSorted()).toEqual(['ABORTED', 'FAILED', 'TIMED_OUT']);
});
