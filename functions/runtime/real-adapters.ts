// The real adapters, and what functions share of them, each made of its settings.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Deps } from '../acts/deps.ts';
import { withMemory } from '../adapters/access-memory.ts';
import { accessTable } from '../adapters/access-table.ts';
import { callbackKeys } from '../adapters/callback-keys.ts';
import { callbacksQueue } from '../adapters/callbacks-queue.ts';
import { chainAnswers, chainRuns, chainWatch } from '../adapters/chains.ts';
import { jobTable } from '../adapters/job-table.ts';
import { largeAnswers } from '../adapters/large-answers.ts';
import { leiaForKey } from '../adapters/leia-for-key.ts';
import { secretStore } from '../adapters/secrets.ts';
import { submissionsQueue } from '../adapters/submissions-queue.ts';
import { tableClient } from '../adapters/table-client.ts';
import { allowListOf } from '../jobs/callback-address.ts';
import { authentication } from './authentication.ts';
import { settings } from './env.ts';
import { count, fail, leiaListeners, warn } from './log.ts';

export const now = Date.now;
const day = 86_400;

let sharedClient: ReturnType<typeof tableClient> | undefined;

/** One for each container: connections that one part has opened serve the others. */
const client = () => {
  sharedClient ??= tableClient();
  return sharedClient;
};

export const mirror = () => {
  const its = settings('TABLE_NAME', 'BUCKET_NAME', 'INDEX_SHARDS', 'RETENTION_DAYS', 'REFUSAL_MEMORY_SECONDS');
  return jobTable({
    client: client(),
    tableName: its.TABLE_NAME,
    bucketName: its.BUCKET_NAME,
    shards: its.INDEX_SHARDS,
    retentionSeconds: its.RETENTION_DAYS * day,
    refusalMemorySeconds: its.REFUSAL_MEMORY_SECONDS,
    now,
  });
};

export const access = () => {
  const table = { client: client(), tableName: settings('TABLE_NAME').TABLE_NAME };
  return withMemory(accessTable(table), now);
};

export const secrets = () => {
  const its = settings('SECRET_NAME', 'SECRET_MAX_AGE_SECONDS');
  return secretStore({
    client: new SecretsManagerClient({}),
    secretName: its.SECRET_NAME,
    maxAgeSeconds: its.SECRET_MAX_AGE_SECONDS,
    now,
  });
};
type Secrets = ReturnType<typeof secrets>;

/** An upload or download takes as long as API Gateway waits; nothing else may. */
const PASS_TIMEOUT_SECONDS = 25;

export const leia = (keys: Secrets) => {
  const its = settings('LEIA_URL', 'LEIA_TIMEOUT_SECONDS');
  return leiaForKey(keys, {
    url: its.LEIA_URL,
    timeoutSeconds: its.LEIA_TIMEOUT_SECONDS,
    passTimeoutSeconds: PASS_TIMEOUT_SECONDS,
    ...leiaListeners,
  });
};

export const ownCallbacks = (keys: Secrets) =>
  callbackKeys({ secrets: keys, baseUrl: settings('CALLBACK_BASE_URL').CALLBACK_BASE_URL });

export const sending = () => {
  const its = settings('CLAIM_SECONDS', 'RETRY_FIRST_SECONDS', 'RETRY_MAX_SECONDS', 'GIVE_UP_SECONDS');
  return {
    claimSeconds: its.CLAIM_SECONDS,
    retryFirstSeconds: its.RETRY_FIRST_SECONDS,
    retryMaxSeconds: its.RETRY_MAX_SECONDS,
    giveUpSeconds: its.GIVE_UP_SECONDS,
  };
};

export const breaker = () => {
  const its = settings('BREAKER_FAILURES', 'BREAKER_OPEN_SECONDS');
  return { failuresToOpen: its.BREAKER_FAILURES, openSeconds: its.BREAKER_OPEN_SECONDS };
};

export const authenticated = (keys: Secrets, sessions: Deps['access']) => ({
  authenticate: authentication({
    access: sessions,
    secrets: keys,
    now,
    sessionSeconds: settings('SESSION_SECONDS').SESSION_SECONDS,
  }),
});

export const busName = () => settings('EVENT_BUS_NAME').EVENT_BUS_NAME;
export const queue = () =>
  submissionsQueue({ sqs: new SQSClient({}), queueUrl: settings('SUBMISSIONS_QUEUE_URL').SUBMISSIONS_QUEUE_URL });

export const callbacks = () =>
  callbacksQueue({ sqs: new SQSClient({}), queueUrl: settings('CALLBACKS_QUEUE_URL').CALLBACKS_QUEUE_URL });
export const loud = { now, count, warn, fail };

/** What follows from changes: executions begin, go on, and end. */
export const drivenChains = () => {
  const client = new SFNClient({});
  return { ...chainAnswers(client), ...chainRuns(client, settings('STATE_MACHINE_ARN').STATE_MACHINE_ARN) };
};

export const watchedChains = () => ({
  ...drivenChains(),
  ...chainWatch(new SFNClient({}), settings('STATE_MACHINE_ARN').STATE_MACHINE_ARN),
});

/** What talks to LEIA about jobs of the mirror. */
export const jobDeps = (keys: Secrets = secrets()) => ({
  ...loud,
  mirror: mirror(),
  access: access(),
  leiaForKey: leia(keys),
  callbackKeys: ownCallbacks(keys),
});

/** Answers with jobs, of whatever size. */
export const answers = () => {
  const { BUCKET_NAME, LARGE_ANSWER_SECONDS } = settings('BUCKET_NAME', 'LARGE_ANSWER_SECONDS');
  return { largeAnswers: largeAnswers({ bucketName: BUCKET_NAME, addressSeconds: LARGE_ANSWER_SECONDS }) };
};

export const sizes = () => {
  const its = settings('MAX_DOCUMENT_IDS', 'MAX_CHAIN_ENTRIES');
  return { maxDocumentIds: its.MAX_DOCUMENT_IDS, maxChainEntries: its.MAX_CHAIN_ENTRIES };
};

export const history = () => ({ adoptHistorySeconds: settings('ADOPT_HISTORY_DAYS').ADOPT_HISTORY_DAYS * day });

export const allowed = () => allowListOf(settings('CALLBACK_ALLOW_LIST').CALLBACK_ALLOW_LIST);
