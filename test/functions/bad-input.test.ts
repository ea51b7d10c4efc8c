// Whatever is wrong with a request: 4xx that names what was at fault, nothing recorded, nothing asked of LEIA.

import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { listSnapshots } from '../../functions/acts/list-jobs.ts';
import { controlRoutes } from '../../functions/control-job.ts';
import { allowListOf } from '../../functions/jobs/callback-address.ts';
import { readRoutes } from '../../functions/read-jobs.ts';
import { callbackRoutes } from '../../functions/receive-callback.ts';
import { httpFunction } from '../../functions/runtime/http.ts';
import { logger } from '../../functions/runtime/log.ts';
import { submitRoutes } from '../../functions/submit-job.ts';
import { aCaller, TOKEN } from '../support/callers.ts';
import { type Sent, send } from '../support/gateway.ts';
import { DOCUMENT, id, MODEL, T0, times } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryAnswers } from '../support/memory-answers.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

vi.spyOn(logger, 'info').mockReturnValue();
const logged = vi.spyOn(logger, 'error').mockReturnValue();

const leiaForKey = vi.fn(async () => undefined);
let mirror = memoryMirror();
beforeEach(() => {
  mirror = memoryMirror();
  vi.clearAllMocks();
});

const api = () => {
  const deps = {
    mirror,
    access: memoryAccess(),
    leiaForKey,
    callbackKeys: {
      callbackUrl: async (jobId: string) => `https://api.example.test/callbacks/${jobId}/mac`,
      verify: async (_id: string, mac: string) => mac === 'good',
      jobIdOf: async () => undefined,
    },
    largeAnswers: memoryAnswers('https://answers.example.test'),
    now: () => T0,
    random: randomBytes,
    count: vi.fn(),
    warn: vi.fn(),
    fail: vi.fn(),
    sending: times,
    breaker: { failuresToOpen: 5, openSeconds: 30 },
    maxChainDepth: 5,
    maxChainEntries: 1000,
    maxDocumentIds: 3,
    allowedCallbacks: allowListOf([]),
    lists: listSnapshots({ maxAgeSeconds: 30, now: () => T0 }),
    adoptHistorySeconds: 86_400,
    authenticate: async (token: string) => (token === TOKEN ? aCaller() : undefined),
  };
  return {
    submit: httpFunction('submit-job', submitRoutes, deps),
    control: httpFunction('control-job', controlRoutes, deps),
    read: httpFunction('read-jobs', readRoutes, deps),
    callback: httpFunction('receive-callback', callbackRoutes, deps),
  };
};

type Name = keyof ReturnType<typeof api>;
const ask = (name: Name, { path, ...sent }: Sent) => {
  const full = name === 'callback' ? path : `/leia/1.0.0${path}`;
  return send(api()[name], { ...sent, path: full, headers: { token: TOKEN, ...sent.headers } });
};

const apply = (given: Partial<Sent> = {}): [Name, Sent] => [
  'submit',
  { method: 'POST', path: `/model/${MODEL}/apply/${DOCUMENT}`, ...given },
];
const transform = (given: Partial<Sent> = {}): [Name, Sent] => [
  'submit',
  { method: 'POST', path: `/document/${DOCUMENT}/transform/text`, ...given },
];
const conditional = (body: unknown): [Name, Sent] => [
  'submit',
  { method: 'POST', path: `/job/conditional/${id(1)}`, body: JSON.stringify(body) },
];
const anEntry = { job_type: 'transform', output_type: 'text' };
const json = (body: unknown) => ({ body: JSON.stringify(body) });
const megabyte = 1_048_576;

type Case = [what: string, status: number, field: RegExp, request: [Name, Sent]];

const bodies: Case[] = [
  ['a body that is no JSON', 400, /^body: expected JSON/, apply({ body: 'threshold=1' })],
  ['a body in no known alphabet', 400, /^body: expected UTF-8/, apply({ body: Uint8Array.of(0x7b, 0xff, 0x7d) })],
  ['an array as body', 400, /^body: expected a JSON object/, apply({ body: '[]' })],
  ['a megabyte of nesting', 400, /^body: expected at most 64 levels/, apply({ body: '['.repeat(megabyte) })],
  ['a megabyte of nested objects', 400, /^body: expected at most 64/, apply({ body: '{"a":'.repeat(megabyte / 5) })],
  ['a body too large', 400, /^body: expected at most 1048576/, apply({ body: `{"a":"${'x'.repeat(megabyte)}"}` })],
  [
    '__proto__ in a body',
    400,
    /^body: expected no key/,
    apply({ body: '{"model_params":{"__proto__":{"admin":true}}}' }),
  ],
  ['constructor in a body', 400, /^body: expected no key/, transform({ body: '{"constructor":{"prototype":{}}}' })],
  ['NUL in a body', 400, /^body: expected text without NUL/, apply({ body: '{"tag":"a\\u0000"}' })],
  ['a number as tag', 400, /^tag: expected a string/, apply(json({ tag: 1 }))],
  ['text as block_processing', 400, /^block_processing: expected `true`/, apply(json({ block_processing: 'true' }))],
  ['a list as model_params', 400, /^model_params: expected an object/, apply(json({ model_params: [] }))],
  [
    'text as transform_params',
    400,
    /^transform_params: expected an object/,
    transform(json({ transform_params: '{}' })),
  ],
  ['a number as page_range', 400, /^page_range: expected a string/, apply(json({ page_range: 0, tag: 't' }))],
  ['an unknown format', 400, /^format_type: expected one of classification/, apply(json({ format_type: 'prose' }))],
  ['a line break in a tag', 400, /^tag: expected 1 to 255/, apply(json({ tag: 'a\nb' }))],
  ['headers as text', 400, /^callback_headers: expected an object/, apply(json({ callback_headers: 'Host: x' }))],
  ['a header of ours', 400, /^callback_headers.Webhook-Id: /, apply(json({ callback_headers: { 'Webhook-Id': '1' } }))],
  ['a header with a line break', 400, /^callback_headers: /, apply(json({ callback_headers: { h: 'a\r\nb: c' } }))],
  [
    'a bomb of headers',
    400,
    /^callback_headers: expected at most 50/,
    apply(json({ callback_headers: Object.fromEntries(Array.from({ length: 10_000 }, (_, nth) => [`h${nth}`, 'x'])) })),
  ],
];

const queries: Case[] = [
  ['an unknown format', 400, /^format_type: /, apply({ query: 'format_type=FormatTypes.PROSE' })],
  ['a boolean that is none', 400, /^block_processing: /, apply({ query: 'block_processing=yes' })],
  ['an empty tag', 400, /^tag: /, apply({ query: 'tag=' })],
  ['NUL in a tag', 400, /^tag: /, apply({ query: 'tag=a%00' })],
  ['a tag without end', 400, /^tag: /, apply({ query: `tag=${'x'.repeat(256)}` })],
  ['__proto__ as a key', 400, /^query: expected no key/, apply({ query: '__proto__=1' })],
  ['__proto__ within parameters', 400, /^model_params: /, apply({ query: 'model_params={"__proto__":{"a":1}}' })],
  ['nesting within parameters', 400, /^model_params: /, apply({ query: `model_params={"a":${'['.repeat(5000)}` })],
  ['NUL in a parameter', 400, /^threshold: /, apply({ query: 'threshold=%00' })],
  ['a prerequisite that is no id', 400, /^execute_after_id: /, apply({ query: 'execute_after_id=a/b' })],
  ['a callback to nowhere', 400, /^callback_url: /, apply({ query: 'callback_url=/relative' })],
  ['a callback by FTP', 400, /^callback_url: /, apply({ query: 'callback_url=ftp://cb.example/' })],
  ['a callback with a password', 400, /^callback_url: /, apply(json({ callback_url: 'http://a:b@cb.example/' }))],
  ['a callback to metadata', 400, /^callback_url: /, apply({ query: 'callback_url=http://169.254.169.254/' })],
  ['a callback to this machine', 400, /^callback_url: /, apply(json({ callback_url: 'http://0x7f.1:9001/' }))],
  [
    'a callback of a training to the neighbours',
    400,
    /^callback_url: expected the URL of a public address/,
    ['submit', { method: 'POST', path: '/model/module/train/tag', query: 'callback_url=http://10.0.0.1/' }],
  ],
  [
    'a callback of a conditional job to a mapped address',
    400,
    /^callback_url: expected the URL of a public address/,
    conditional({ rules: {}, callback_url: 'http://[::ffff:127.0.0.1]/' }),
  ],
  [
    'a callback of an entry to this machine',
    400,
    /^rules\["a"\]\.jobs\[1\]\.callback_url: expected the URL of a public address/,
    conditional({
      rules: { a: { conditions: {}, jobs: [anEntry, { ...anEntry, callback_url: 'http://localhost./' }] } },
    }),
  ],
  [
    'an endless callback URL',
    400,
    /^callback_url: /,
    apply({ query: `callback_url=http://cb.example/${'x'.repeat(2048)}` }),
  ],
  ['a bad page range', 400, /^page_range: /, apply({ query: 'tag=t&page_range=1-3' })],
  ['a page range of step 0', 400, /^page_range: /, transform({ query: 'input_tag=t&page_range=::0' })],
  ['a page range over nothing', 400, /^page_range: expected execute_after_id or tag/, apply({ query: 'page_range=0' })],
];

const paths: Case[] = [
  ['too many ids', 400, /^document_ids: expected at most 3/, apply({ path: `/model/${MODEL}/apply/a,b,c,d` })],
  ['an empty id', 400, /^document_ids: /, apply({ path: `/model/${MODEL}/apply/a,,b` })],
  ['an id with a dot', 400, /^document_ids: /, apply({ path: `/model/${MODEL}/apply/a.b` })],
  ['NUL in an id', 400, /^path: expected no control/, apply({ path: `/model/${MODEL}/apply/a%00` })],
  ['an id without end', 400, /^document_ids: /, apply({ path: `/model/${MODEL}/apply/${'x'.repeat(65)}` })],
  ['a model that is no name', 400, /^model_id: /, apply({ path: `/model/a,b/apply/${DOCUMENT}` })],
  ['a model above', 400, /^path: /, apply({ path: `/model/../apply/${DOCUMENT}` })],
  [
    'an unknown transformation',
    400,
    /^output_type: expected one of text/,
    transform({ path: `/document/${DOCUMENT}/transform/x` }),
  ],
  [
    'a tag beside two documents',
    400,
    /^tag: expected exactly one/,
    apply({ path: `/model/${MODEL}/apply/a,b`, query: 'tag=t' }),
  ],
  [
    'an input tag beside two',
    400,
    /^input_tag: /,
    transform({ path: '/document/a,b/transform/text', query: 'input_tag=t' }),
  ],
  ['a job id that is none', 400, /^job_id: /, ['read', { path: '/job/a.b' }]],
  ['a job to cancel that is none', 400, /^job_id: /, ['control', { method: 'DELETE', path: '/job/a.b' }]],
  ['a job to start that is none', 400, /^job_id: /, ['control', { method: 'POST', path: '/job/a b/start' }]],
  ['a list of jobs with a hole', 400, /^job_ids: /, ['read', { path: '/job/a,/status' }]],
  ['too many jobs', 400, /^job_ids: expected at most 3/, ['read', { path: '/job/a,b,c,d/status' }]],
  ['an offset below 0', 400, /^offset: /, ['read', { path: '/job', query: 'offset=-1' }]],
  ['a limit of 0', 400, /^limit: /, ['read', { path: '/job', query: 'limit=0' }]],
  ['a limit that is no number', 400, /^limit: /, ['read', { path: '/job', query: 'limit=1e2' }]],
  ['an order by nothing', 400, /^sort: expected names of submitter_id/, ['read', { path: '/job', query: 'sort=id' }]],
  ['a status that is none', 400, /^status: /, ['read', { path: '/job', query: 'status=Statuses.DONE' }]],
  ['a day without a time', 400, /^created_after: /, ['read', { path: '/job', query: 'created_after=2026-01-01' }]],
  ['a callback id that is none', 400, /^job_id: /, ['callback', { method: 'POST', path: '/callbacks/a.b/good' }]],
  [
    'a callback of nonsense',
    400,
    /^body: /,
    ['callback', { method: 'POST', path: `/callbacks/${id(1)}/good`, body: '[' }],
  ],
];

const edges: Case[] = [
  ['an unknown path', 404, /nothing at this path/, ['submit', { method: 'POST', path: '/nothing' }]],
  ['another method', 405, /expected POST/, apply({ method: 'DELETE' })],
  ['a missing token', 401, /token/, apply({ headers: { token: '' } })],
  ['a dead token', 401, /token/, apply({ headers: { token: 'dead' } })],
  ['a key beyond ASCII', 400, /^Idempotency-Key: /, apply({ headers: { 'idempotency-key': 'é' } })],
  ['a key without end', 400, /^Idempotency-Key: /, apply({ headers: { 'idempotency-key': 'x'.repeat(256) } })],
  [
    'a forged callback',
    404,
    /callback/,
    ['callback', { method: 'POST', path: `/callbacks/${id(1)}/forged`, body: '{}' }],
  ],
];

describe.each([
  ['body', bodies],
  ['query', queries],
  ['path', paths],
  ['edge', edges],
])('bad input in the %s', (_where, cases) => {
  it.each(cases)('%s: %i', async (_what, status, field, [name, sent]) => {
    const answer = await ask(name, sent);
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' } });
    expect(answer.json()).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: expect.stringMatching(field),
    });
    expect(answer.text).not.toMatch(/node_modules|\.ts:|a-token-of-ours/);
    expect(mirror.snapshot()).toEqual({ jobs: [], requests: {}, dependents: {} });
    expect(leiaForKey).not.toHaveBeenCalled();
    expect(logged).not.toHaveBeenCalled();
  });
});

it('a good request, sent the same way, is recorded', async () => {
  const [name, sent] = apply({ query: 'tag=t', body: '{}' });
  expect((await ask(name, sent)).status).toBe(200);
  expect(mirror.snapshot().jobs).toHaveLength(1);
});
