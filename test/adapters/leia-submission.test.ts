import { describe, expect, it } from 'vitest';
import type { Submission } from '../../functions/adapters/leia-api.ts';
import type { JobRequest } from '../../functions/jobs/request.ts';
import { askedLeia } from '../support/asked-leia.ts';
import { aRequest, DOCUMENT, id, MODEL } from '../support/jobs.ts';
import { aLeiaJob } from '../support/leia-jobs.ts';
import { anApplication, json, problem } from '../support/scripted-leia.ts';

const CALLBACK = 'https://example.com/callbacks/000000000000000000000001/0123abcd';
const apply: JobRequest = {
  kind: 'apply',
  model_id: MODEL,
  document_ids: [DOCUMENT, id(2), DOCUMENT],
  tag: 'réçu & co',
  format_type: 'classification',
  model_params: { threshold: 0.5, nested: { list: [1, null, 'x'] } },
  save_result: true,
  priority: 3,
  execute_after_id: id(7),
  page_range: '0,2:5,-2:-1',
  callback_url: 'https://caller.example/hook?a=1&b=2',
  callback_headers: { authorization: 'secret of the caller' },
  block_processing: true,
};
const transform: JobRequest = {
  kind: 'transform',
  output_type: 'text_tree',
  document_ids: [DOCUMENT],
  input_tag: 'in',
  output_tag: 'out',
  transform_params: { use_google_vision: true },
  execute_after_id: id(7),
  page_range: '0',
  callback_url: 'https://caller.example/hook',
  callback_headers: {},
  block_processing: false,
};

const train: JobRequest = {
  kind: 'train',
  model_module: 'leia.models.v1',
  documents_tag: 'my tag',
  model_name: 'n',
  short_name: 's',
  description: 'a & b\nc',
  ttl: -1,
  allowed_application_ids: [id(8)],
  allow_all_applications: false,
  tags: ['é', 'b c'],
  model_params: { rate: 0.5 },
  execute_after_id: id(7),
  document_ids: [],
  block_processing: false,
};

const { leia, client } = askedLeia();

const submit = (given: Partial<Submission>) =>
  client().submit({
    request: aRequest(),
    callbackUrl: CALLBACK,
    blockProcessing: false,
    ...given,
  });

describe('what LEIA is sent', () => {
  it('for an apply: ids in the path, everything optional in the body, our callback and prerequisite, not the caller’s', async () => {
    leia.answers(json(200, aLeiaJob()));
    await submit({ request: apply, executeAfterLeiaId: id(0xbbb), blockProcessing: true });
    const [request] = leia.received;
    expect(request).toMatchObject({
      method: 'POST',
      query: 'priority=3',
      headers: { token: 'token-1', 'content-type': 'application/json' },
    });
    expect(request?.path).toBe(`/leia/1.0.0/model/${MODEL}/apply/${DOCUMENT}%2C${id(2)}%2C${DOCUMENT}`);
    expect(JSON.parse(String(request?.body))).toEqual({
      tag: 'réçu & co',
      format_type: 'classification',
      model_params: { threshold: 0.5, nested: { list: [1, null, 'x'] } },
      save_result: true,
      execute_after_id: id(0xbbb),
      page_range: '0,2:5,-2:-1',
      callback_url: CALLBACK,
      block_processing: true,
    });
  });

  it('for a transform', async () => {
    leia.answers(json(200, aLeiaJob()));
    await submit({ request: transform });
    expect(leia.received[0]?.path).toBe(`/leia/1.0.0/document/${DOCUMENT}/transform/text_tree`);
    expect(JSON.parse(String(leia.received[0]?.body))).toEqual({
      input_tag: 'in',
      output_tag: 'out',
      transform_params: { use_google_vision: true },
      page_range: '0',
      callback_url: CALLBACK,
      block_processing: false,
    });
  });

  it('for a training: what LEIA’s body has in the body, the rest in the query; nothing of blocking', async () => {
    leia.answers(json(200, aLeiaJob()));
    await submit({ request: train, executeAfterLeiaId: id(0xbbb), blockProcessing: true });
    const [request] = leia.received;
    expect(request?.path).toBe('/leia/1.0.0/model/leia.models.v1/train/my%20tag');
    expect([...new URLSearchParams(request?.query)]).toEqual([
      ['short_name', 's'],
      ['description', 'a & b\nc'],
      ['ttl', '-1'],
      ['allow_all_applications', 'false'],
      ['allowed_application_ids', id(8)],
      ['tags', 'é'],
      ['tags', 'b c'],
    ]);
    expect(JSON.parse(String(request?.body))).toEqual({
      model_name: 'n',
      model_params: { rate: 0.5 },
      execute_after_id: id(0xbbb),
      callback_url: CALLBACK,
    });
  });

  it.each([
    [apply, `/model/${MODEL}/apply/`],
    [transform, `/document/${DOCUMENT}/transform/text_tree`],
    [train, '/model/leia.models.v1/train/my%20tag'],
  ])('by an admin for another application goes the admin’s way: %#', async (request, path) => {
    leia.answers(json(200, aLeiaJob()));
    await submit({ request: { ...request, owner: id(9) } });
    expect(leia.received[0]?.path.startsWith(`/leia/1.0.0/admin/${id(9)}${path}`)).toBe(true);
    expect(String(leia.received[0]?.body)).not.toContain(id(9));
  });

  it('has each segment encoded, and nothing is sent where a name leads elsewhere', async () => {
    leia.answers(json(200, aLeiaJob()));
    await submit({ request: { ...apply, model_id: 'a/b?c#d' } });
    expect(leia.received[0]?.path).toContain('/model/a%2Fb%3Fc%23d/apply/');
    expect(await submit({ request: { ...apply, model_id: '..' } })).toMatchObject({
      outcome: 'refused',
      refusal: { status: 404 },
    });
    expect(leia.received).toHaveLength(1);
  });
});

describe('a 401 right after a login', () => {
  it.each([train, { ...transform, owner: id(9) }])(
    'says of what LEIA keeps for admins that this application is none: %#',
    async (request) => {
      leia.answers(problem(401, 'Not logged in'));
      expect(await submit({ request })).toMatchObject({ outcome: 'refused', refusal: { status: 401 } });
      expect(leia.received).toHaveLength(2);
    },
  );

  it.each([train, { ...transform, owner: id(9) }])(
    'says nothing of what is asked when the login told that we are an admin, as its token may have ended: %#',
    async (request) => {
      leia.answersLogins(json(200, { token: 'a', application: { ...anApplication, application_type: 'admin' } }));
      leia.answers(problem(401, 'Not logged in'));
      expect(await submit({ request })).toMatchObject({ outcome: 'unsent', denied: true });
    },
  );

  it('says of anything else that LEIA refuses our key', async () => {
    leia.answers(problem(401, 'Not logged in'));
    expect(await submit({ request: transform })).toMatchObject({ outcome: 'unsent', denied: true });
  });
});
