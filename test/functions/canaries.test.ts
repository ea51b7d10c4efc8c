// Secrets and documents stay where they belong (D9, D14): every function is led down its error paths with secrets that
// are known here, and then none of these lies in a log line, metric, event, message, state of a chain or error answer.
import process from 'node:process';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { SweepDeps } from '../../functions/acts/sweep.ts';
import { callbackKeys } from '../../functions/adapters/callback-keys.ts';
import { eventBus } from '../../functions/adapters/event-bus.ts';
import { attributesOf, jobKey } from '../../functions/adapters/job-items.ts';
import { type Fetch, keptConnections } from '../../functions/adapters/leia-connection.ts';
import { leiaForKey } from '../../functions/adapters/leia-for-key.ts';
import { submissionsQueue } from '../../functions/adapters/submissions-queue.ts';
import { type CallbackRecord, deliverOne } from '../../functions/deliver-callback.ts';
import { followBatch } from '../../functions/follow-mirror.ts';
import type { JobRecord } from '../../functions/jobs/job.ts';
import { repairJobs } from '../../functions/repair-jobs.ts';
import { ChainTask, runChain } from '../../functions/run-chain.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { count, fail, leiaListeners, logger, publishMetrics, warn } from '../../functions/runtime/log.ts';
import { fullPath, type HttpFunction, type Route, routes } from '../../functions/runtime/routes.ts';
import { wired } from '../../functions/runtime/wired.ts';
import { sendBatch } from '../../functions/send-job.ts';
import { sweepJobs } from '../../functions/sweep-jobs.ts';
import { atLeia, awaitStatus, type Client, call, eventually, logIn } from '../flow/support/ground.ts';
import { type LocalLeia, startLeia } from '../leia/server.ts';
import { type Bundle, startBundle } from '../support/bundle.ts';
import { findSecrets, type Place } from '../support/canaries.ts';
import { cannedAws } from '../support/canned-aws.ts';
import { lambdaContext } from '../support/gateway.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

// Before the log is made: it says all that it can ever say.
vi.hoisted(() => {
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'DEBUG');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'leia-jobs');
});

const API_KEY = 'canary-api-key-5uq0z7h1';
const UNKNOWN_KEY = 'canary-unknown-key-8k2v4n9x';
const UNKNOWN_TOKEN = 'canary-unknown-token-w3e5r7t9';
const CALLBACK_SECRET = 'canary-callback-secret-p0o9i8u7';
const CONTENT = 'canary-content-of-a-document-a1s2d3f4';
const RESULT = 'canary-result-of-a-job-z9x8c7v6';
const HEADER = 'canary-callback-header-q1w2e3r4';
const URL_TOKEN = 'canary-in-a-callback-url-m5n6b7v8';
const secrets = new Map<string, string>([
  [API_KEY, 'an API key'],
  [UNKNOWN_KEY, 'an API key that nobody knows'],
  [UNKNOWN_TOKEN, 'a token that nobody knows'],
  [CALLBACK_SECRET, 'the callback secret'],
  [CONTENT, 'a document'],
  [RESULT, 'a result'],
  [HEADER, 'a callback header'],
  [URL_TOKEN, 'a caller’s callback URL'],
]);

const places: Place[] = [];
const note = (channel: string, value: unknown): void =>
  void places.push({ channel, text: typeof value === 'string' ? value : JSON.stringify(value) });
const textsOf = (channel: string): string[] =>
  places.filter((place) => place.channel === channel).map(({ text }) => text);

/** Errors as they come: the SDK hangs items on its own, and a parser quotes what it reads. */
const accidents = {
  aws: () =>
    Object.assign(new Error('The table does not answer'), {
      $metadata: { requestId: 'aws-1' },
      request: { Item: { result: RESULT, task_token: HEADER } },
      CancellationReasons: [{ Item: { result: RESULT } }],
      cause: Object.assign(new Error('connection lost'), { headers: { token: UNKNOWN_TOKEN } }),
    }),
  parser: () => new SyntaxError(`Unexpected token 'c', "${RESULT}" is not valid JSON`),
};
let broken: { method: string; by: keyof typeof accidents } | undefined;
/** These give an iterable at once rather than a promise. */
const iterated = new Set(['lane', 'listed']);

/** The adapter, one method of which may fail. */
const fragile = <T extends object>(adapter: T): T =>
  new Proxy(adapter, {
    get: (target, name, receiver) => {
      if (broken?.method !== name) return Reflect.get(target, name, receiver);
      const accident = accidents[broken.by]();
      return () => {
        if (iterated.has(String(name))) throw accident;
        return Promise.reject(accident);
      };
    },
  });

let leia: LocalLeia;
let bundle: Bundle;
let deps: Bundle['deps'];
let client: Client;
let job = '';
let chain = '';
let document = '';

/** LEIA's token and key go over this wire. */
const listeningFetch: Fetch = (target, asked) => {
  const { token } = asked.headers;
  if (token) secrets.set(token, 'a token of LEIA');
  return keptConnections(target, asked);
};

const adapters = (memory: SweepDeps): Partial<SweepDeps> => {
  const sqs = new SQSClient(
    cannedAws((_operation, input) => {
      note('message', input);
      return {};
    }),
  );
  const queue = submissionsQueue({ sqs, queueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/submissions' });
  const client = new EventBridgeClient(
    cannedAws((_operation, input) => {
      note('event', input);
      const { Entries } = z.object({ Entries: z.array(z.unknown()) }).parse(input);
      return { Entries: Entries.map((_, index) => ({ EventId: String(index) })) };
    }),
  );
  const keys = {
    keyByHash: async (hash: string) => (hash === sha256(API_KEY) ? { leia_api_key: leia.apiKey } : undefined),
  };
  const root = 'http://callbacks.test';
  return {
    count,
    warn,
    events: fragile(eventBus({ client, busName: 'default' })),
    submissions: fragile({
      put: async (ids) => {
        await queue.put(ids);
        await memory.submissions.put(ids);
      },
    }),
    leiaForKey: leiaForKey(keys, { url: leia.url, timeoutSeconds: 0.5, fetch: listeningFetch, ...leiaListeners }),
    callbackKeys: callbackKeys({
      secrets: { callbackSecrets: async () => ({ current: CALLBACK_SECRET }) },
      baseUrl: root,
    }),
  };
};

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      note('log', String(chunk));
      return true;
    });
  leia = await startLeia();
  secrets.set(leia.apiKey, 'LEIA’s API key');
  const behindTheScenes = new Set(['follow-mirror', 'send-job', 'deliver-callback']);
  bundle = await startBundle({
    leiaUrl: leia.url,
    leiaApiKey: leia.apiKey,
    apiKey: API_KEY,
    mirror: fragile(memoryMirror()),
    access: fragile(memoryAccess()),
    adapters,
    // As Lambda would: what fails is logged, and comes again some time.
    around: (name, act) => {
      const run = name === 'run-chain' || behindTheScenes.has(name) ? wired(() => act)() : act();
      return behindTheScenes.has(name) ? run.catch(() => undefined as never) : run;
    },
  });
  deps = Object.assign(bundle.deps, { fail });
  secrets.set(bundle.webhookSecret ?? '', 'a webhook secret');
  await leia.hooks.script({ result_type: 'object', result: { text: RESULT } });
  client = await logIn(bundle.baseUrl, API_KEY);
  secrets.set(client.token, 'a token');
  await submitAll();
});

/** A job that has ended, a conditional job behind it one of whose steps runs, both with all that is secret in them. */
const submitAll = async (): Promise<void> => {
  const uploaded = await call(`${bundle.baseUrl}/document?filename=a.txt`, {
    method: 'POST',
    headers: { token: client.token },
    body: CONTENT,
  });
  document = String(uploaded.json.id);
  const callback_url = `https://client.test/?token=${URL_TOKEN}`;
  const callback_headers = { authorization: HEADER };
  const submitted = await client.post(`/document/${document}/transform/text`, { callback_url, callback_headers });
  job = String(submitted.json.id);
  await eventually(
    'the job to end at LEIA',
    async () => (await atLeia(bundle, job))[0]?.status === 'PROCESSED' || undefined,
  );
  await bundle.pass(2);
  await bundle.sweep();
  expect((await awaitStatus(client, job)).status).toBe('PROCESSED');
  await leia.hooks.holdJobs(true);
  const entry = { job_type: 'transform', output_type: 'text', callback_url, callback_headers };
  const rules = { all: { conditions: {}, jobs: [entry] } };
  const conditional = await client.post(`/job/conditional/${job}`, { rules, callback_headers });
  chain = String(conditional.json.id);
  await eventually('the first step to be at LEIA', async () => (await stepOf(chain))?.leia_id);
  await noteMade();
};

const stepOf = async (id: string): Promise<JobRecord | undefined> => (await bundle.mirror.children(id))[0];

/** Secrets that are made on the way. */
const noteMade = async (): Promise<void> => {
  for (const { callback_url } of await leia.hooks.jobs()) {
    const mac = /\/callbacks\/\w+\/(\w+)$/.exec(callback_url ?? '')?.[1];
    if (mac) secrets.set(mac, 'the MAC of a callback URL');
  }
  for (const { task_token } of bundle.mirror.snapshot().jobs) if (task_token) secrets.set(task_token, 'a task token');
};

afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await bundle.close();
  await leia.close();
});

/** Every method of mirror, access, queue and event bus that a function may call. */
const methods = [
  ...['job', 'jobs', 'jobByLeiaId', 'result', 'request', 'create', 'createChild', 'change', 'children', 'dependents'],
  ...['lane', 'oldestInLane', 'listed', 'session', 'slideSession', 'openSession', 'closeSession', 'application'],
  ...[
    'saveApplication',
    'applicationIds',
    'keyHashOf',
    'breaker',
    'changeBreaker',
    'absence',
    'takeLease',
    'watermarks',
  ],
  ...['publish', 'put'],
];

/** Does it once for every accident that may befall it. */
const despiteAccidents = async (act: () => Promise<unknown>): Promise<void> => {
  for (const method of methods)
    for (const by of ['aws', 'parser'] as const) {
      broken = { method, by };
      await act().catch(() => undefined);
      broken = undefined;
    }
};

const leiaFaults = [
  { answer: 401 },
  { answer: 403 },
  { answer: 500 },
  { answer: 429 },
  { answer: 'garbage' },
  { answer: 'refuse' },
] as const;
const despiteLeia = async (act: () => Promise<unknown>): Promise<void> => {
  for (const fault of leiaFaults) {
    await leia.hooks.fault({ ...fault, times: null });
    await act().catch(() => undefined);
    await leia.hooks.clearFaults();
    await bundle.pass(10);
  }
};

const ids = (): Record<string, string> => ({
  job_id: job,
  job_ids: `${job},${chain}`,
  execute_after_id: job,
  document_id: document,
  document_ids: document,
  api_key: UNKNOWN_KEY,
  mac: '0'.repeat(64),
  output_type: 'text',
});
const pathOf = (route: Route): string =>
  fullPath(route).replaceAll(/\{(\w+)\}/g, (_, name: string) => ids()[name] ?? document);
const root = (): string => bundle.baseUrl.replace(/\/leia\/1\.0\.0$/, '');

type Asking = { query?: string; headers?: Record<string, string>; body?: string };
const ask = async (route: Route, { query = '', headers = {}, body }: Asking): Promise<void> => {
  const url = `${root()}${pathOf(route)}${query}`;
  const sendsBody = route.method === 'POST' || route.method === 'PATCH';
  const reply = await call(url, { method: route.method, headers, ...(sendsBody ? { body: body ?? '{}' } : {}) });
  if (reply.status >= 400) note('error answer', `${reply.status} ${JSON.stringify([...reply.headers])} ${reply.text}`);
  if (route.path === '/login' && reply.status === 200) secrets.set(String(reply.json.token), 'a token');
};

const wellMeant = (): Asking => ({
  headers: { token: client.token, 'cache-control': 'no-cache', 'content-type': 'application/json' },
  body: JSON.stringify({ api_key: API_KEY, callback_headers: { authorization: HEADER }, rules: {} }),
});

/** Not the end of the session that all of them need. */
const asked = routes.filter(({ method, path }) => method !== 'HEAD' && path !== '/logout');
/** One path stands for all that are passed through. */
const handled = asked.filter(({ by, path }) => by !== 'proxy-leia' || path === '/document/{document_id}');

describe('functions that answer HTTP', () => {
  it('are asked by who may not', async () => {
    for (const route of asked) {
      await ask(route, {});
      await ask(route, { headers: { token: UNKNOWN_TOKEN } });
      await ask(route, { ...wellMeant(), query: `?api_key=${API_KEY}` });
      await ask(route, { headers: { ...wellMeant().headers, api_key: API_KEY } });
    }
  });

  it('are asked for what makes no sense', async () => {
    const headers = { token: client.token, 'content-type': 'application/json' };
    const nonsense = [
      `${CONTENT} is no JSON {"api_key": "${UNKNOWN_KEY}"`,
      JSON.stringify({
        api_key: { key: UNKNOWN_KEY },
        callback_headers: [HEADER],
        rules: CONTENT,
        page_range: CONTENT,
      }),
      JSON.stringify({
        callback_headers: { host: HEADER },
        callback_url: `file:///${URL_TOKEN}`,
        rules: { a: { jobs: CONTENT } },
      }),
      JSON.stringify({ api_key: UNKNOWN_KEY, callback_headers: { 'x y': HEADER, a: `b\r\n${HEADER}` } }),
    ];
    for (const route of asked) {
      for (const body of nonsense) await ask(route, { headers, body });
      await ask(route, {
        ...wellMeant(),
        query: `?callback_url=ftp://x/${URL_TOKEN}&page_range=${CONTENT}`,
      });
    }
    await ask({ method: 'POST', path: `//login//${API_KEY}//nowhere`, by: 'session' }, {});
    await ask({ method: 'PATCH', path: `/login/${API_KEY}`, by: 'session' }, {});
  });

  it('fail in every adapter', async () => {
    for (const route of handled) await despiteAccidents(() => ask(route, wellMeant()));
    const [made] = await atLeia(bundle, job);
    const mac = (made?.callback_url ?? '').split('/').at(-1) ?? '';
    const shown = (await client.get(`/job/${job}`)).json;
    const callback = JSON.stringify({ ...shown, id: made?.id });
    const receive = () => call(`${root()}/callbacks/${job}/${mac}`, { method: 'POST', body: callback });
    await despiteAccidents(async () => note('error answer', (await receive()).text));
    await call(`${root()}/callbacks/${job}/${mac}`, { method: 'POST', body: RESULT });
  });

  it('meet a LEIA that fails', async () => {
    for (const route of handled) await despiteLeia(() => ask(route, wellMeant()));
  }, 120_000);
});

describe('functions that nobody waits for', () => {
  it('sweep-jobs', async () => {
    const sweep = () => wired(() => () => sweepJobs(deps, 'canary'))();
    const pass = async (): Promise<void> => {
      await bundle.pass(10);
      await sweep();
    };
    await despiteAccidents(pass);
    await despiteLeia(pass);
  }, 120_000);

  it('send-job', async () => {
    const send = wired(() => sendBatch(deps));
    const message = (body: string): SQSEvent =>
      ({ Records: [{ messageId: 'm-1', body }] }) as Partial<SQSEvent> as SQSEvent;
    const { json } = await client.post(`/document/${document}/transform/text`, { callback_headers: { a: HEADER } });
    const unsent = (await bundle.mirror.job(String(json.id)))?.id ?? '';
    for (const body of [JSON.stringify({ job_id: unsent }), JSON.stringify({ job_id: 'f'.repeat(24) })]) {
      await despiteAccidents(() => send(message(body), lambdaContext()));
      await despiteLeia(() => send(message(body), lambdaContext()));
    }
    await send(message(`${RESULT} is no JSON`), lambdaContext()).catch(() => undefined);
    await send(message(JSON.stringify({ job: RESULT })), lambdaContext()).catch(() => undefined);
  });

  it('deliver-callback', async () => {
    const deliver = wired(() => (record: CallbackRecord) => deliverOne(record, deps));
    const message = (body: string, tries = 1): CallbackRecord =>
      ({ body, receiptHandle: 'r-1', attributes: { ApproximateReceiveCount: String(tries) } }) as CallbackRecord;
    await despiteAccidents(() => deliver(message(JSON.stringify({ job_id: job }))));
    for (const tries of [1, 3]) await deliver(message(JSON.stringify({ job_id: job }), tries)).catch(() => undefined);
    await deliver(message(`${RESULT} is no JSON`)).catch(() => undefined);
  });

  it('follow-mirror', async () => {
    const follow = wired(() => (records: DynamoDBRecord[]) => followBatch(records, deps));
    const image = (record: JobRecord, given: object = {}) =>
      marshall({ ...attributesOf(record, 1), ...jobKey(record.id), ...given }, { removeUndefinedValues: true });
    const record = (before: JobRecord, after: JobRecord, given: object = {}): DynamoDBRecord[] => [
      {
        eventID: 'e-1',
        dynamodb: {
          SequenceNumber: '1',
          Keys: marshall(jobKey(after.id)),
          OldImage: image(before),
          NewImage: image(after, given),
        },
      } as DynamoDBRecord,
    ];
    const step = await stepOf(chain);
    if (!step) throw new Error('no step');
    const ended: JobRecord = {
      ...step,
      status: 'PROCESSED',
      result: RESULT,
      result_type: 'object',
      follow_up_due: step.observed_at,
    };
    await despiteAccidents(() => follow(record(step, ended)));
    for (const given of [{ status: RESULT }, { task_token: 1, result: RESULT }, { request: RESULT, version: RESULT }])
      await follow(record(step, ended, given)).catch(() => undefined);
  });

  it('run-chain', async () => {
    const run = wired(() => (task: unknown) => runChain(ChainTask.parse(task), deps));
    const [token] = [...secrets].find(([, what]) => what === 'a task token') ?? [''];
    const step = { job_id: chain, rule: 0, entry: 0, task_token: token };
    const tasks: unknown[] = [
      { action: 'evaluate', job_id: chain },
      { action: 'run-step', ...step },
      { action: 'run-step', ...step, entry: 7 },
      { action: 'complete', job_id: chain },
      { action: 'run-step', ...step, rule: RESULT },
      { action: RESULT, ...step },
    ];
    for (const task of tasks) {
      await despiteAccidents(() => run(task));
      await run(task).catch(() => undefined);
    }
    await despiteAccidents(() => run({ action: 'execution-ended', job_id: chain }));
  });

  it('run-chain, on a result that is broken', async () => {
    const { json } = await client.post(`/job/conditional/${job}`, { rules: { a: { conditions: { x: 1 }, jobs: [] } } });
    const torn = { ...deps, mirror: { ...deps.mirror, result: async () => `{"text": "${RESULT}` } };
    await wired(() => () => runChain({ action: 'evaluate', job_id: String(json.id) }, torn))().catch(() => undefined);
  });

  it('repair-jobs', async () => {
    const repair = async (action: 'cancel' | 'resubmit'): Promise<void> =>
      note('answer of a repair', await wired(() => () => repairJobs({ action, job_ids: [chain, job] }, deps))());
    await despiteAccidents(() => repair('resubmit'));
    await despiteLeia(() => repair('cancel'));
  });
});

describe('of all that was secret', () => {
  const Line = z.looseObject({ message: z.string().optional(), route: z.string().optional() });

  it('the error paths were met: every function failed, and said so', () => {
    const lines = textsOf('log').flatMap((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => Line.parse(JSON.parse(line))),
    );
    const failed = (message: string) => lines.filter((line) => line.message === message);
    const byRoute = new Map(routes.map((route) => [`${route.method} ${route.path}`, route.by]));
    const failedOverHttp = new Set(failed('unexpected error').map(({ route }) => byRoute.get(route ?? '')));
    const overHttp: HttpFunction[] = [
      'submit-job',
      'control-job',
      'read-jobs',
      'explain-job',
      'session',
      'proxy-leia',
      'receive-callback',
    ];
    expect([...failedOverHttp].toSorted()).toEqual(overHttp.toSorted());
    expect(failed('the function failed').length).toBeGreaterThan(100);
    expect(failed('a change of a job could not be followed').length).toBeGreaterThan(5);
    expect(failed('a released job could not be sent').length).toBeGreaterThan(5);
    expect(failed('a callback could not be tried').length).toBeGreaterThan(2);
    expect(failed('LEIA does not answer').length).toBeGreaterThan(5);
    expect(failed('LEIA refuses our key').length).toBeGreaterThan(5);
  });

  it('everything that could show it was seen', async () => {
    publishMetrics();
    await noteMade();
    for (const name of [job, chain]) note('state of a chain', bundle.machine.history(name));
    for (const channel of ['log', 'event', 'message', 'state of a chain', 'error answer', 'answer of a repair'])
      expect([channel, textsOf(channel).length > 0]).toEqual([channel, true]);
    expect(textsOf('log').some((text) => text.includes('CloudWatchMetrics'))).toBe(true);
    const kinds = ['a token', 'a token of LEIA', 'LEIA’s API key', 'the MAC of a callback URL', 'a task token'];
    expect([...secrets.values()]).toEqual(expect.arrayContaining(kinds));
  });

  it('nothing lies anywhere', () => {
    const withoutOwnToken = (text: string): string => text.replaceAll(/"task_token":"[^"]*"/g, '""');
    // A step is called with its token: that is Step Functions' own way, and the only place for it.
    const seen = places.map(({ channel, text }) => ({
      channel,
      text: channel === 'state of a chain' ? withoutOwnToken(text) : text,
    }));
    expect(findSecrets(secrets, seen)).toEqual([]);
  });

  it.each([
    ...new Set(secrets.values()),
    'a webhook secret',
    'a token',
    'a token of LEIA',
    'the MAC of a callback URL',
    'a task token',
  ])('a leak of %s would be seen, however it is written', (what) => {
    const before = places.length;
    const [secret = ''] = [...secrets].find(([, each]) => each === what) ?? [];
    logger.warn('planted', { secret });
    logger.debug('planted', { deeper: { url: `https://x.test/?key=${encodeURIComponent(secret)}` } });
    logger.error('planted', new Error(`could not read ${secret}`));
    note('message', { body: Buffer.from(`{"a":"${secret}","b":1}`).toString('base64') });
    const found = findSecrets(secrets, places.splice(before));
    expect(found.filter(({ secret: named }) => named === what).length).toBeGreaterThanOrEqual(4);
  });
});
