// All 194 requests that LEIA's own SDKs sent, sent again to the real handlers: each is routed, understood as its call
// means it, and answered in a way that its SDK decodes (contract §7) and the OpenAPI description has. A table of SDK × operation ends the output.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectDescribed } from '../openapi/described.ts';
import { operationOf } from './operations.ts';
import { decode } from './sdks/decode.ts';
import { isUnmendable } from './sdks/python.ts';
import type { Kind, Reply } from './sdks/reply.ts';
import { type Scene, type Stage, startStage, type Whose } from './stage.ts';
import { D1, D2, everyKey, J, type Vector, vectors } from './vectors.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});

/** SDK × operation: how many vectors, how many of them passed. */
const table = new Map<string, { sdk: string; operation: string; vectors: number; passed: number }>();
const count = ({ sdk }: Vector, operation: string, passed: number): void => {
  const row = table.get(`${sdk} ${operation}`) ?? { sdk, operation, vectors: 0, passed: 0 };
  table.set(`${sdk} ${operation}`, { ...row, vectors: row.vectors + 1, passed: row.passed + passed });
};
afterAll(async () => {
  await stage.close();
  const rows = [...table.values()];
  console.table(pivot(rows));
  const passed = rows.reduce((sum, row) => sum + row.passed, 0);
  console.log(`conformance: ${passed} of ${vectors.requests.length} vectors passed`);
});

/** A line for each operation, a column for each SDK: `passed/vectors`. */
const pivot = (rows: { sdk: string; operation: string; vectors: number; passed: number }[]) => {
  const names = [...new Set(rows.map(({ operation }) => operation))].toSorted();
  const cells = (name: string) => rows.filter(({ operation }) => operation === name);
  const line = (name: string) =>
    Object.fromEntries(cells(name).map(({ sdk, vectors, passed }) => [sdk, `${passed}/${vectors}`]));
  return Object.fromEntries(names.map((name) => [name, line(name)]));
};

/**
 * The status that this API answers. The capture server took whatever it was sent; this one refuses a conditional job
 * without rules (contract §8 row 35) and a tag beside several documents (§3.6), and a list of the third page of one job
 * is empty (§2.3). It never gives a job with 400 or 500: what it has to say of one, it says.
 */
const expectedStatus = (vector: Vector): number => {
  const { raw_target_after_base: target, body_text, fake_server_status: status } = vector;
  if (target.includes('/job/conditional/') && body_text === '') return 400;
  if (isTagBesideSeveral(vector)) return 400;
  if (target.includes('offset=20')) return 404;
  return status === 400 || status === 500 ? 200 : status;
};

const isTagBesideSeveral = ({ path_decoded: path, raw_target_after_base: target }: Vector): boolean =>
  path.includes(`${D1},${D2}`) && /[?&](?:input_)?tag=/.test(target);

const whoseJob: Partial<Record<number, Whose>> = { 403: 'foreign', 404: 'absent' };

const success: Record<number, true> = { 200: true, 204: true };

describe.each(vectors.requests.map((vector) => ({ vector, id: vector.id, call: vector.call })))(
  '$id $call',
  ({ vector }) => {
    it('is routed, understood and answered', async () => {
      const operation = operationOf(vector);
      count(vector, operation.name, 0);
      const scene = await sceneFor(vector);
      try {
        const token = vector.fake_server_status === 401 ? 'a-token-that-has-ended' : scene.client.token;
        const reply = await scene.send(vector, { token });
        expect([reply.status, reply.text]).toEqual([expectedStatus(vector), expect.any(String)]);
        checkDecoded(vector, operation.kind, reply);
        expectDescribed(vector.method, vector.path_decoded, reply);
        if (success[reply.status] || operation.kind === 'jobs') await operation.understood(vector, reply, scene);
        if (isTagBesideSeveral(vector)) await checkWithOneDocument(vector, scene);
      } finally {
        await scene.close();
      }
      const row = table.get(`${vector.sdk} ${operation.name}`);
      if (row) row.passed += 1;
    });
  },
);

const sceneFor = async (vector: Vector): Promise<Scene> => {
  const operation = operationOf(vector);
  const isLogin = operation.kind === 'login';
  const scene = await stage.scene(isLogin ? 'own' : (whoseJob[vector.fake_server_status] ?? 'own'));
  await stage.leia.hooks.forceJob(J, operation.job ?? { status: 'READY' });
  // A list shows what the mirror has.
  if (operation.kind === 'jobs' && vector.fake_server_status === 200) await scene.client.get(`/job/${J}`);
  return scene;
};

/** What stays undecodable whatever a server says is no fault of the answer (contract §3.11). */
const checkDecoded = (vector: Vector, kind: Kind, reply: Reply): void => {
  const decoded = decode(vector.sdk, kind, reply);
  const outcome = 'error' in decoded ? decoded.error : 'decoded';
  if (success[reply.status]) {
    if (!isUnmendable(decoded)) expect(outcome).toBe('decoded');
    checkComplete(kind, reply);
    return;
  }
  const isEmptyPage = vector.sdk === 'node-0.7.2' && kind === 'jobs' && reply.status === 404;
  if (isEmptyPage) expect(decoded).toEqual({ ok: { contentRange: { offset: 0, limit: 0, total: 0 }, jobs: [] } });
  else expect(outcome).not.toBe('decoded');
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(reply.text)).toEqual({
    type: 'about:blank',
    title: expect.any(String),
    status: reply.status,
    detail: expect.any(String),
  });
};

const checkComplete = (kind: Kind, { text }: Reply): void => {
  const jobs: object[] = kind === 'job' ? [JSON.parse(text)] : kind === 'jobs' ? JSON.parse(text) : [];
  for (const job of jobs) expect(Object.keys(job).toSorted()).toEqual(everyKey);
};

const checkWithOneDocument = async (vector: Vector, scene: Scene): Promise<void> => {
  const target = vector.raw_target_after_base.replace(new RegExp(`(?:,|%2C)${D2}`), '');
  const reply = await scene.send(vector, { target });
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  checkDecoded(vector, 'job', reply);
  await operationOf(vector).understood(vector, reply, scene);
};
