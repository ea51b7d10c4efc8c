// The bundle on adapters that may fail, before a LEIA that may: with a job that has ended and a chain that runs, both with
// all that is secret in them.
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import * as z from 'zod';
import type { SweepDeps } from '../../../functions/acts/sweep.ts';
import { callbackKeys } from '../../../functions/adapters/callback-keys.ts';
import { eventBus } from '../../../functions/adapters/event-bus.ts';
import { type Fetch, keptConnections } from '../../../functions/adapters/leia-connection.ts';
import { leiaForKey } from '../../../functions/adapters/leia-for-key.ts';
import { submissionsQueue } from '../../../functions/adapters/submissions-queue.ts';
import type { JobRecord } from '../../../functions/jobs/job.ts';
import { sha256 } from '../../../functions/runtime/hash.ts';
import { count, fail, leiaListeners, warn } from '../../../functions/runtime/log.ts';
import { wired } from '../../../functions/runtime/wired.ts';
import { atLeia, awaitStatus, type Client, call, eventually, logIn } from '../../flow/support/ground.ts';
import { type LocalLeia, startLeia } from '../../leia/server.ts';
import { type Bundle, startBundle } from '../../support/bundle.ts';
import { cannedAws } from '../../support/canned-aws.ts';
import { memoryAccess } from '../../support/memory-access.ts';
import { memoryMirror } from '../../support/memory-mirror.ts';
import { fragile } from './accidents.ts';
import { API_KEY, CALLBACK_SECRET, CONTENT, HEADER, note, RESULT, secrets, URL_TOKEN } from './secrets.ts';

export type Stage = {
  leia: LocalLeia;
  bundle: Bundle;
  deps: Bundle['deps'];
  client: Client;
  document: string;
  /** Has ended. */
  job: string;
  /** Behind it: one of its steps runs. */
  chain: string;
};

/** LEIA's token and key go over this wire. */
const listeningFetch: Fetch = (target, asked) => {
  const { token } = asked.headers;
  if (token) secrets.set(token, 'a token of LEIA');
  return keptConnections(target, asked);
};

const adaptersFor =
  (leia: LocalLeia) =>
  (memory: SweepDeps): Partial<SweepDeps> => {
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

/** Starts it, and makes what is in it. */
export const setStage = async (): Promise<Stage> => {
  const leia = await startLeia();
  secrets.set(leia.apiKey, 'LEIA’s API key');
  const bundle = await startFragile(leia);
  const deps = Object.assign(bundle.deps, { fail });
  secrets.set(bundle.webhookSecret ?? '', 'a webhook secret');
  await leia.hooks.script({ result_type: 'object', result: { text: RESULT } });
  const client = await logIn(bundle.baseUrl, API_KEY);
  secrets.set(client.token, 'a token');
  const stage = { leia, bundle, deps, client, ...(await submitAll(leia, bundle, client)) };
  await noteMade(stage);
  return stage;
};

const behindTheScenes = new Set(['follow-mirror', 'send-job', 'deliver-callback']);

const startFragile = (leia: LocalLeia): Promise<Bundle> =>
  startBundle({
    leiaUrl: leia.url,
    leiaApiKey: leia.apiKey,
    apiKey: API_KEY,
    mirror: fragile(memoryMirror()),
    access: fragile(memoryAccess()),
    adapters: adaptersFor(leia),
    // As Lambda would: what fails is logged, and comes again some time.
    around: (name, act) => {
      const run = name === 'run-chain' || behindTheScenes.has(name) ? wired(() => act)() : act();
      return behindTheScenes.has(name) ? run.catch(() => undefined as never) : run;
    },
  });

const submitAll = async (
  leia: LocalLeia,
  bundle: Bundle,
  client: Client,
): Promise<Pick<Stage, 'document' | 'job' | 'chain'>> => {
  const uploaded = await call(`${bundle.baseUrl}/document?filename=a.txt`, {
    method: 'POST',
    headers: { token: client.token },
    body: CONTENT,
  });
  const document = String(uploaded.json.id);
  const callback_url = `https://client.test/?token=${URL_TOKEN}`;
  const callback_headers = { authorization: HEADER };
  const submitted = await client.post(`/document/${document}/transform/text`, { callback_url, callback_headers });
  const job = String(submitted.json.id);
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
  const chain = String(conditional.json.id);
  await eventually('the first step to be at LEIA', async () => (await stepOf(bundle, chain))?.leia_id);
  return { document, job, chain };
};

export const stepOf = async ({ mirror }: Bundle, chain: string): Promise<JobRecord | undefined> =>
  (await mirror.children(chain))[0];

/** Notes the secrets that are made on the way. */
export const noteMade = async ({ leia, bundle }: Pick<Stage, 'leia' | 'bundle'>): Promise<void> => {
  for (const { callback_url } of await leia.hooks.jobs()) {
    const mac = /\/callbacks\/\w+\/(\w+)$/.exec(callback_url ?? '')?.[1];
    if (mac) secrets.set(mac, 'the MAC of a callback URL');
  }
  for (const { task_token } of bundle.mirror.snapshot().jobs) if (task_token) secrets.set(task_token, 'a task token');
};

const leiaFaults = [
  { answer: 401 },
  { answer: 403 },
  { answer: 500 },
  { answer: 429 },
  { answer: 'garbage' },
  { answer: 'refuse' },
] as const;

/** Does it once for every way in which LEIA may fail. */
export const despiteLeia = async ({ leia, bundle }: Stage, act: () => Promise<unknown>): Promise<void> => {
  for (const fault of leiaFaults) {
    await leia.hooks.fault({ ...fault, times: null });
    await act().catch(() => undefined);
    await leia.hooks.clearFaults();
    await bundle.pass(10);
  }
};
