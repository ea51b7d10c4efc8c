// A task token lets whoever holds it answer a step: it is with the child, and with Step Functions, and nowhere else.
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { type FollowDeps, follow } from '../../functions/acts/follow.ts';
import { chainAnswers } from '../../functions/adapters/chains.ts';
import { eventBus } from '../../functions/adapters/event-bus.ts';
import { explain } from '../../functions/explain-job.ts';
import { wireJob } from '../../functions/jobs/answer.ts';
import { allowListOf } from '../../functions/jobs/callback-address.ts';
import { effectsOf } from '../../functions/jobs/effects.ts';
import { ChainTask, runChain } from '../../functions/run-chain.ts';
import { jobReply } from '../../functions/runtime/job-reply.ts';
import { answerStep } from '../support/answer-step.ts';
import { aCaller } from '../support/callers.ts';
import { chainDefinition } from '../support/chain-definition.ts';
import { aRule, aTransform, CHAIN, chainScene, stepId } from '../support/chain-scene.ts';
import { DOCUMENT } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { stateMachine } from '../support/state-machine.ts';

const text = aTransform('text', { document_ids: [DOCUMENT] });

/** A chain from its first step to its end, one rule of which times out; `told`: all that leaves the house. */
const wholeChain = async () => {
  const scene = await chainScene([aRule('two', [text, text]), aRule('late', [text])]);
  const told: unknown[] = [];
  const tokens: string[] = [];
  const client = {
    send: async ({ input }: { input: { Entries: object[] } }) => {
      told.push(input);
      return { Entries: input.Entries.map(() => ({ EventId: 'e' })) };
    },
  } as unknown as EventBridgeClient;
  const deps: FollowDeps & typeof scene.deps = {
    ...scene.deps,
    chains: {
      answer: async (token, ok) => void answerStep(machine, token, ok),
      start: async () => {},
      stop: async () => {},
    },
    events: eventBus({ client, busName: 'default' }),
    callbacks: { put: async () => {} },
    warn: (...line) => void told.push(line),
  };
  const machine = stateMachine(chainDefinition(), {
    invoke: async (call) => {
      const task = ChainTask.parse(call);
      if (task.action === 'run-step') tokens.push(task.task_token);
      const reply = await runChain(task, deps);
      told.push(reply);
      return reply;
    },
  });
  scene.mirror.changes(({ before, after }) => void follow(deps, after, effectsOf(before, after)));
  machine.start(CHAIN, { job_id: CHAIN });
  await machine.settled();
  machine.fail((await scene.step(1, 0))?.task_token ?? '', 'States.Timeout');
  for (const entry of [0, 1]) {
    await scene.leiaSays(0, entry, 'PROCESSED');
    await machine.settled();
  }
  return { scene, machine, told, tokens };
};

describe('a task token', () => {
  it('is in no event, log, reply or output of a chain, nor in what the execution ends with', async () => {
    const { scene, machine, told, tokens } = await wholeChain();
    expect([tokens.length, machine.state(CHAIN), (await scene.chain())?.status]).toEqual([3, 'SUCCEEDED', 'FAILED']);
    expect(told.length).toBeGreaterThan(8);
    const seen = JSON.stringify([told, machine.output(CHAIN)]);
    for (const token of tokens) expect(seen).not.toContain(token);
  });

  it('is in no answer to a client', async () => {
    const { scene, tokens } = await wholeChain();
    // As it was until its end was followed: since then it has none.
    const task_token = tokens[0] ?? '';
    const child = (await scene.mirror.change(stepId(0, 0), (job) => ({ ...job, task_token })))?.after;
    if (!child) throw new Error('no child');
    expect(task_token).not.toBe('');
    const largeAnswers = { keep: async () => '' };
    const shown: unknown[] = [
      wireJob(child),
      await jobReply({ mirror: scene.mirror, largeAnswers, now: () => 0 }, child),
    ];
    const limits = { maxDocumentIds: 1, maxChainEntries: 1, allowedCallbacks: allowListOf([]) };
    const deps = { ...scene.deps, ...limits, access: memoryAccess(), leiaForKey: async () => undefined };
    const callbackKeys = { callbackUrl: async () => '', verify: async () => true, jobIdOf: async () => undefined };
    for (const job_id of [CHAIN, stepId(0, 0), stepId(1, 0)]) {
      const request = { params: { job_id }, query: new URLSearchParams(), caller: aCaller() };
      const given = request as unknown as Parameters<typeof explain>[0];
      shown.push((await explain(given, { ...deps, callbackKeys })).body);
    }
    for (const token of tokens) expect(JSON.stringify(shown)).not.toContain(token);
  });

  it('is in no error, which would be logged: of a call that cannot be read, or that AWS refuses', async () => {
    const task_token = 'AQC-secret-token';
    const call = { action: 'run-step', job_id: CHAIN, rule: -1, entry: 0, task_token };
    expect(String(ChainTask.safeParse(call).error)).not.toContain(task_token);
    const refusal = Object.assign(new Error(`Value '${task_token}' at 'taskToken' failed`), {
      name: 'ValidationException',
    });
    const client = { send: async () => Promise.reject(refusal) } as unknown as SFNClient;
    const error: unknown = await chainAnswers(client)
      .answer(task_token, true)
      .catch((one: unknown) => one);
    expect(error).toMatchObject({ name: 'ValidationException', message: "Value '(task token)' at 'taskToken' failed" });
    expect((error as Error).stack).not.toContain(task_token);
  });
});
