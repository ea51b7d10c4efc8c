// For each route that the SDKs call: what its answer is to an SDK, what must be there before, and how it shows that the
// request was understood as it was meant.
import { expect } from 'vitest';
import { listQueryOf } from '../../functions/jobs/list-query.ts';
import { routeOf } from '../../functions/runtime/route-match.ts';
import { basePath, keyOf } from '../../functions/runtime/routes.ts';
import { askedList, askedRequest } from './asked.ts';
import type { Kind, Reply } from './sdks/reply.ts';
import { isAlive, type Scene, type ShownAs } from './stage.ts';
import { APPLICATION, D1, D2, J, type Vector } from './vectors.ts';

export type Operation = {
  /** As SDK authors call it. */
  name: string;
  kind: Kind;
  /** How LEIA shows J; the default is READY. */
  job?: ShownAs;
  /** Asserts, of a successful answer, that the call's arguments arrived. */
  understood(vector: Vector, reply: Reply, scene: Scene): Promise<void> | void;
};

/** Numbers as LEIA writes floats (contract §0.10). */
const CLASSIFIED: ShownAs = {
  status: 'PROCESSED',
  result_type: 'classification',
  resultText: '{"category": "AUTRE", "accuracy": 1.0, "score": 0.910}',
};
const document = { id: D2, application_id: APPLICATION, creation_time: '2018-11-07T16:02:29.761Z', filename: 'mydoc' };
const IMAGES: ShownAs = {
  status: 'PROCESSED',
  result_type: 'list[document]',
  result: [document],
  // Between the bounds of the calls with dates.
  creation_time: Date.parse('2018-10-11T01:00:00Z'),
};

const jobIn = ({ text }: Reply): Record<string, unknown> => JSON.parse(text);

const submission = (name: string): Operation => ({
  name,
  kind: 'job',
  understood: async (vector, reply, { bundle }) => {
    const job = await bundle.mirror.job(String(jobIn(reply).id));
    expect(job && (await bundle.mirror.request(job))).toEqual(askedRequest(vector));
    expect(job).toMatchObject({ submitter_id: APPLICATION, application_id: APPLICATION });
  },
});
const reading = (name: string, job: ShownAs): Operation => ({
  name,
  kind: 'job',
  job,
  understood: (_vector, reply) => {
    expect(jobIn(reply)).toMatchObject({ id: J, submitter_id: APPLICATION, document_ids: [D1] });
  },
});
const list = (name: string): Operation => ({
  name,
  kind: 'jobs',
  job: IMAGES,
  understood: (vector, { headers, text }) => {
    const [path = '', query = ''] = vector.raw_target_after_base.split('?');
    const admin = path.startsWith('/admin/');
    expect(listQueryOf(new URLSearchParams(query), { admin })).toEqual(askedList(vector));
    if (text.startsWith('[')) {
      expect(JSON.parse(text)).toMatchObject([{ id: J, result: [{ id: D2 }] }]);
      expect(headers).toMatchObject({ 'content-range': '0-1/1', 'accept-range': 'job 100' });
    } else expect(headers).toMatchObject({ 'content-range': '0-0/0' });
  },
});
const statuses = (name: string): Operation => ({
  name,
  kind: 'statuses',
  job: { status: 'PROCESSING' },
  // D1 is no job.
  understood: (_vector, { text }) => expect(JSON.parse(text)).toEqual({ [J]: 'PROCESSING' }),
});
const start = (name: string): Operation => ({
  ...reading(name, { status: 'BLOCKED' }),
  understood: async (_vector, reply, { leia }) => {
    expect(jobIn(reply)).toMatchObject({ id: J, status: 'READY' });
    expect((await leia.hooks.jobs()).find(({ id }) => id === J)?.status).toBe('READY');
  },
});
const cancel = (name: string): Operation => ({
  name,
  kind: 'nothing',
  understood: async (_vector, { text }, { leia }) => {
    expect(text).toBe('');
    expect((await leia.hooks.jobs()).find(({ id }) => id === J)?.status).toBe('CANCELED');
  },
});
const login = (name: string): Operation => ({
  name,
  kind: 'login',
  understood: async (_vector, reply, scene) => {
    expect(await isAlive(scene, String(jobIn(reply).token))).toBe(true);
    expect(jobIn(reply)).toMatchObject({ application: { id: APPLICATION } });
  },
});

const operations: Record<string, Operation> = {
  'POST /login': login('login'),
  'GET /login/{api_key}': login('login (GET)'),
  'GET /whoami': {
    name: 'whoami',
    kind: 'application',
    understood: (_vector, reply) => expect(jobIn(reply)).toMatchObject({ id: APPLICATION }),
  },
  'GET /logout': {
    name: 'logout',
    kind: 'nothing',
    understood: async (_vector, _reply, scene) => expect(await isAlive(scene, scene.client.token)).toBe(false),
  },
  'POST /model/{model_id}/apply/{document_ids}': submission('apply'),
  'POST /admin/{application_id}/model/{model_id}/apply/{document_ids}': submission('admin apply'),
  'POST /document/{document_ids}/transform/{output_type}': submission('transform'),
  'POST /admin/{application_id}/document/{document_ids}/transform/{output_type}': submission('admin transform'),
  'POST /job/conditional/{execute_after_id}': submission('conditional'),
  'POST /admin/{application_id}/job/conditional/{execute_after_id}': submission('admin conditional'),
  'POST /model/{model_module}/train/{documents_tag}': submission('train'),
  'GET /job/{job_id}': reading('get job', CLASSIFIED),
  'GET /admin/{submitter_id}/job/{job_id}': reading('admin get job', CLASSIFIED),
  'GET /job': list('list jobs'),
  'GET /admin/job': list('admin list jobs'),
  'GET /job/{job_ids}/status': statuses('statuses'),
  'GET /admin/{submitter_id}/job/{job_ids}/status': statuses('admin statuses'),
  'POST /job/{job_id}/start': start('start'),
  'POST /admin/{submitter_id}/job/{job_id}/start': start('admin start'),
  'DELETE /job/{job_id}': cancel('cancel'),
  'DELETE /admin/{submitter_id}/job/{job_id}': cancel('admin cancel'),
  'GET /worker': {
    name: 'workers',
    kind: 'workers',
    understood: (_vector, { text }) =>
      expect(JSON.parse(text)).toEqual(expect.arrayContaining([expect.objectContaining({ job_type: 'pdf-images' })])),
  },
  'POST /document': {
    name: 'upload',
    kind: 'document',
    understood: async (vector, reply, { client }) => {
      const query = new URLSearchParams(vector.raw_target_after_base.split('?')[1]);
      const { id } = jobIn(reply);
      expect((await client.get(`/document/${id}/file_contents`)).text).toBe('abc');
      expect((await client.get(`/document/${id}`)).json).toMatchObject({
        // The local LEIA keeps name and extension apart.
        filename: query.get('filename')?.replace(/\.\w+$/, ''),
        tags: query.getAll('tags'),
        expiration_time: expect.any(String),
      });
    },
  },
};

/** The operation behind a vector, by the route that its raw path takes. */
export const operationOf = ({ method, raw_target_after_base: target }: Vector): Operation => {
  const route = routeOf(method, basePath + decodeURIComponent(target.split('?')[0] ?? ''));
  const operation = route && operations[keyOf(route)];
  if (!operation) throw new Error(`no operation for ${method} ${target}`);
  return operation;
};
