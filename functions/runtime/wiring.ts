// The real adapters behind each function's dependencies, made of its settings. A function's bundle holds what it calls
// here and no more, and it reads no setting that lib/ does not give it.
import { randomBytes } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { defaultCallbacks } from '../acts/default-callbacks.ts';
import type { Deps } from '../acts/deps.ts';
import { listSnapshots } from '../acts/list-jobs.ts';
import type { SweepDeps } from '../acts/sweep.ts';
import { withMemory } from '../adapters/access-memory.ts';
import { accessTable } from '../adapters/access-table.ts';
import { callbackKeys } from '../adapters/callback-keys.ts';
import { callbacksQueue, putOff } from '../adapters/callbacks-queue.ts';
import { callers } from '../adapters/callers.ts';
import { chainAnswers, chainRuns, chainWatch } from '../adapters/chains.ts';
import { documentClient } from '../adapters/document-client.ts';
import { eventBridge } from '../adapters/event-bridge.ts';
import { lambdaFunctions } from '../adapters/functions.ts';
import { jobTable } from '../adapters/job-table.ts';
import { largeAnswers } from '../adapters/large-answers.ts';
import { leiaForKey } from '../adapters/leia-for-key.ts';
import { rareEventBus } from '../adapters/rare-event-bus.ts';
import { secretStore } from '../adapters/secrets.ts';
import { submissionsQueue } from '../adapters/submissions-queue.ts';
import { allowListOf } from '../jobs/callback-address.ts';
import { authentication } from './authentication.ts';
import { settings } from './env.ts';
import { count, fail, leiaListeners, warn } from './log.ts';

const now = Date.now;
const day = 86_400;

let sharedClient: ReturnType<typeof documentClient> | undefined;

/** One for each container: connections that one part has opened serve the others. */
const tableClient = () => {
  sharedClient ??= documentClient();
  return sharedClient;
};

const mirror = () => {
  const its = settings('TABLE_NAME', 'BUCKET_NAME', 'INDEX_SHARDS', 'RETENTION_DAYS', 'REFUSAL_MEMORY_SECONDS');
  return jobTable({
    documentClient: tableClient(),
    tableName: its.TABLE_NAME,
    bucketName: its.BUCKET_NAME,
    shards: its.INDEX_SHARDS,
    retentionSeconds: its.RETENTION_DAYS * day,
    refusalMemorySeconds: its.REFUSAL_MEMORY_SECONDS,
    now,
  });
};

const access = () => {
  const table = { documentClient: tableClient(), tableName: settings('TABLE_NAME').TABLE_NAME };
  return withMemory(accessTable(table), now);
};

const secrets = () => {
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

const leia = (keys: Secrets) => {
  const its = settings('LEIA_URL', 'LEIA_TIMEOUT_SECONDS');
  return leiaForKey(keys, {
    url: its.LEIA_URL,
    timeoutSeconds: its.LEIA_TIMEOUT_SECONDS,
    passTimeoutSeconds: PASS_TIMEOUT_SECONDS,
    ...leiaListeners,
  });
};

const ownCallbacks = (keys: Secrets) =>
  callbackKeys({ secrets: keys, baseUrl: settings('CALLBACK_BASE_URL').CALLBACK_BASE_URL });

const sending = () => {
  const its = settings('CLAIM_SECONDS', 'RETRY_FIRST_SECONDS', 'RETRY_MAX_SECONDS', 'GIVE_UP_SECONDS');
  return {
    claimSeconds: its.CLAIM_SECONDS,
    retryFirstSeconds: its.RETRY_FIRST_SECONDS,
    retryMaxSeconds: its.RETRY_MAX_SECONDS,
    giveUpSeconds: its.GIVE_UP_SECONDS,
  };
};

const breaker = () => {
  const its = settings('BREAKER_FAILURES', 'BREAKER_OPEN_SECONDS');
  return { failuresToOpen: its.BREAKER_FAILURES, openSeconds: its.BREAKER_OPEN_SECONDS };
};

const authenticated = (keys: Secrets, sessions: Deps['access']) => ({
  authenticate: authentication({
    access: sessions,
    secrets: keys,
    now,
    sessionSeconds: settings('SESSION_SECONDS').SESSION_SECONDS,
  }),
});

const busName = () => settings('EVENT_BUS_NAME').EVENT_BUS_NAME;
const queue = () =>
  submissionsQueue({ sqs: new SQSClient({}), queueUrl: settings('SUBMISSIONS_QUEUE_URL').SUBMISSIONS_QUEUE_URL });

const callbacks = () =>
  callbacksQueue({ sqs: new SQSClient({}), queueUrl: settings('CALLBACKS_QUEUE_URL').CALLBACKS_QUEUE_URL });
const loud = { now, count, warn, fail };

/** What follows from changes: executions begin, go on, and end. */
const drivenChains = () => {
  const client = new SFNClient({});
  return { ...chainAnswers(client), ...chainRuns(client, settings('STATE_MACHINE_ARN').STATE_MACHINE_ARN) };
};

const watchedChains = () => ({
  ...drivenChains(),
  ...chainWatch(new SFNClient({}), settings('STATE_MACHINE_ARN').STATE_MACHINE_ARN),
});

/** What talks to LEIA about jobs of the mirror. */
const jobDeps = (keys: Secrets = secrets()) => ({
  ...loud,
  mirror: mirror(),
  access: access(),
  leiaForKey: leia(keys),
  callbackKeys: ownCallbacks(keys),
});

/** Answers with jobs, of whatever size. */
const answers = () => {
  const { BUCKET_NAME, LARGE_ANSWER_SECONDS } = settings('BUCKET_NAME', 'LARGE_ANSWER_SECONDS');
  return { largeAnswers: largeAnswers({ bucketName: BUCKET_NAME, addressSeconds: LARGE_ANSWER_SECONDS }) };
};

export const sendDeps = () => ({ ...jobDeps(), sending: sending(), breaker: breaker() });

export const submitDeps = () => {
  const keys = secrets();
  const deps = { ...jobDeps(keys), sending: sending(), breaker: breaker() };
  const limits = { ...sizes(), maxChainDepth: settings('MAX_CHAIN_DEPTH').MAX_CHAIN_DEPTH };
  const submitting = { ...limits, allowedCallbacks: allowed(), random: randomBytes };
  return { ...deps, ...answers(), ...authenticated(keys, deps.access), ...submitting };
};

const sizes = () => {
  const its = settings('MAX_DOCUMENT_IDS', 'MAX_CHAIN_ENTRIES');
  return { maxDocumentIds: its.MAX_DOCUMENT_IDS, maxChainEntries: its.MAX_CHAIN_ENTRIES };
};

/** What looks after the jobs of whoever calls. */
const callerDeps = () => {
  const keys = secrets();
  const deps = jobDeps(keys);
  return { ...deps, ...authenticated(keys, deps.access) };
};

export const controlDeps = () => ({ ...callerDeps(), ...answers() });

const history = () => ({ adoptHistorySeconds: settings('ADOPT_HISTORY_DAYS').ADOPT_HISTORY_DAYS * day });

export const readDeps = () => {
  const its = settings('MAX_DOCUMENT_IDS', 'LIST_SNAPSHOT_SECONDS');
  return {
    ...controlDeps(),
    ...history(),
    maxDocumentIds: its.MAX_DOCUMENT_IDS,
    lists: listSnapshots({ maxAgeSeconds: its.LIST_SNAPSHOT_SECONDS, now }),
  };
};

export const explainDeps = () => ({ ...callerDeps(), ...sizes(), allowedCallbacks: allowed() });

/** The tasks of a chain ask LEIA for nothing: what they record, others send. */
export const chainDeps = () => ({
  ...loud,
  mirror: mirror(),
  submissions: queue(),
  chains: chainAnswers(new SFNClient({})),
});

export const callbackDeps = () => ({ ...loud, mirror: mirror(), callbackKeys: ownCallbacks(secrets()) });

const allowed = () => allowListOf(settings('CALLBACK_ALLOW_LIST').CALLBACK_ALLOW_LIST);

export const deliverDeps = () => {
  const its = settings(
    'CALLBACKS_QUEUE_URL',
    'CALLBACK_TIMEOUT_SECONDS',
    'CALLBACK_TRIES',
    'CALLBACK_RETRY_FIRST_SECONDS',
    'CALLBACK_RETRY_MAX_SECONDS',
    'CALLBACK_DEFAULT_MAX_AGE_SECONDS',
  );
  const keys = secrets();
  return {
    ...loud,
    mirror: mirror(),
    access: access(),
    leiaForKey: leia(keys),
    secrets: keys,
    callers: callers({ timeoutSeconds: its.CALLBACK_TIMEOUT_SECONDS, allowed: allowed() }),
    defaultCallbacks: defaultCallbacks({ maxAgeSeconds: its.CALLBACK_DEFAULT_MAX_AGE_SECONDS, now }),
    callbackTimes: {
      tries: its.CALLBACK_TRIES,
      retryFirstSeconds: its.CALLBACK_RETRY_FIRST_SECONDS,
      retryMaxSeconds: its.CALLBACK_RETRY_MAX_SECONDS,
    },
    putOff: putOff({ sqs: new SQSClient({}), queueUrl: its.CALLBACKS_QUEUE_URL }),
  };
};

export const sweepDeps = (): SweepDeps => {
  const its = settings(
    'SWEEP_AGE_FIRST_SECONDS',
    'SWEEP_AGE_THEN_SECONDS',
    'SWEEP_LEASE_SECONDS',
    'STATUS_BATCH',
    'ABSENCE_CONFIRM_SECONDS',
    'FOLLOW_UP_OVERDUE_SECONDS',
    'WATCH_SECONDS',
    'DISCOVERY_INTERVAL_SECONDS',
  );
  return {
    ...sendDeps(),
    submissions: queue(),
    callbacks: callbacks(),
    chains: watchedChains(),
    // Only what was to follow and did not for minutes is told by a sweep.
    events: rareEventBus(busName()),
    ages: { firstSeconds: its.SWEEP_AGE_FIRST_SECONDS, thenSeconds: its.SWEEP_AGE_THEN_SECONDS },
    leaseSeconds: its.SWEEP_LEASE_SECONDS,
    statusBatch: its.STATUS_BATCH,
    absenceConfirmSeconds: its.ABSENCE_CONFIRM_SECONDS,
    followUpOverdueSeconds: its.FOLLOW_UP_OVERDUE_SECONDS,
    watchSeconds: its.WATCH_SECONDS,
    discoveryIntervalSeconds: its.DISCOVERY_INTERVAL_SECONDS,
    ...history(),
  };
};

export const followDeps = () => ({
  ...loud,
  mirror: mirror(),
  submissions: queue(),
  callbacks: callbacks(),
  chains: drivenChains(),
  events: eventBridge(busName()),
});

export const sessionDeps = () => {
  const keys = secrets();
  const sessions = access();
  return {
    ...loud,
    ...authenticated(keys, sessions),
    access: sessions,
    leiaForKey: leia(keys),
    randomToken: () => randomBytes(32).toString('base64url'),
    sessionSeconds: settings('SESSION_SECONDS').SESSION_SECONDS,
  };
};

export const proxyDeps = () => {
  const keys = secrets();
  const sessions = access();
  return { ...loud, ...authenticated(keys, sessions), access: sessions, leiaForKey: leia(keys) };
};

/** What a person asks for. What is resubmitted, others send. */
export const repairDeps = () => ({
  ...loud,
  mirror: mirror(),
  access: access(),
  leiaForKey: leia(secrets()),
  submissions: queue(),
});

/** One attempt: a submission whose answer got lost must not be submitted twice. */
export const rerouteDeps = () => ({
  functions: lambdaFunctions(new LambdaClient({ maxAttempts: 1 }), settings('FUNCTION_NAMES').FUNCTION_NAMES),
});
