// What a held job names is looked for at LEIA before its client gets an id (D5).
import { expect, it } from 'vitest';
import { type AcceptDeps, acceptSubmission } from '../../functions/acts/accept-submission.ts';
import type { Leia } from '../../functions/adapters/leia-api.ts';
import type { ConditionalRequest } from '../../functions/jobs/request.ts';
import { aCaller } from '../support/callers.ts';
import { APPLICATION, aBoundJob, DOCUMENT, id, MODEL, T0, times } from '../support/jobs.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

const TRIGGER = id(0xaaa);
/** Both are looked for at once. */
const request: ConditionalRequest = {
  kind: 'conditional',
  execute_after_id: TRIGGER,
  rules: [
    {
      id: 'all',
      conditions: [],
      jobs: [{ kind: 'apply', model_id: MODEL, document_ids: [DOCUMENT] }],
    },
  ],
  block_processing: false,
};

const sceneOf = async (given: Pick<Leia, 'document' | 'model'>) => {
  const mirror = memoryMirror();
  await mirror.create(aBoundJob({ id: TRIGGER, status: 'PROCESSING' }));
  const told: unknown[] = [];
  const deps: Partial<AcceptDeps> = {
    mirror,
    leiaForKey: async () => given as Leia,
    now: () => T0,
    sending: times,
    count: (metric) => void told.push(metric),
    warn: (_message, about) => void told.push(about.submitter),
    maxChainDepth: 50,
    random: (bytes) => new Uint8Array(bytes),
  };
  const submitted = acceptSubmission(deps as AcceptDeps, { caller: aCaller(), headers: {} }, request);
  let settled = false;
  const answer = submitted.finally(() => {
    settled = true;
  });
  answer.catch(() => {});
  return { answer, told, isSettled: () => settled };
};

const refusal = { outcome: 'refused', status: 404, detail: 'Document not found' } as const;

it('a refusal waits for what else LEIA was asked: nothing floats when the function answers', async () => {
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Leia['model']>>>();
  const scene = await sceneOf({ document: async () => refusal, model: () => promise });
  await new Promise(setImmediate);
  expect(scene.isSettled()).toBe(false);
  resolve({ outcome: 'unavailable', cause: 'late' });
  await expect(scene.answer).rejects.toMatchObject({ status: 404 });
});

it('a LEIA that does not answer is told of with whose job it was', async () => {
  const away = { outcome: 'unavailable', cause: 'away' } as const;
  const scene = await sceneOf({ document: async () => away, model: async () => away });
  await expect(scene.answer).resolves.toMatchObject({ status: 200 });
  expect(scene.told).toContain('LeiaUnavailable');
  expect(scene.told).toContain(APPLICATION);
});
