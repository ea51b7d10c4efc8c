// What each function depends on, of the real adapters. A function’s bundle holds what it calls here and no more, and it
// reads no setting that lib/ does not give it.
import { randomBytes } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { defaultCallbacks } from '../acts/default-callbacks.ts';
import { listSnapshots } from '../acts/list-jobs.ts';
import type { SweepDeps } from '../acts/sweep.ts';
import { putOff } from '../adapters/callbacks-queue.ts';
import { callers } from '../adapters/callers.ts';
import { chainAnswers } from '../adapters/chains.ts';
import { eventBridge } from '../adapters/event-bridge.ts';
import { lambdaFunctions } from '../adapters/functions.ts';
import { rareEventBus } from '../adapters/rare-event-bus.ts';
import { settings } from './env.ts';
import {
  access,
  allowed,
  answers,
  authenticated,
  breaker,
  busName,
  callbacks,
  drivenChains,
  history,
  jobDeps,
  leia,
  loud,
  mirror,
  now,
  ownCallbacks,
  queue,
  secrets,
  sending,
  sizes,
  watchedChains,
} from './real-adapters.ts';

export const sendDeps = () => ({ ...jobDeps(), sending: sending(), breaker: breaker() });

export const submitDeps = () => {
  const keys = secrets();
  const deps = { ...jobDeps(keys), sending: sending(), breaker: breaker() };
  const limits = { ...sizes(), maxChainDepth: settings('MAX_CHAIN_DEPTH').MAX_CHAIN_DEPTH };
  const submitting = { ...limits, allowedCallbacks: allowed(), random: randomBytes };
  return { ...deps, ...answers(), ...authenticated(keys, deps.access), ...submitting };
};

/** What looks after the jobs of whoever calls. */
const callerDeps = () => {
  const keys = secrets();
  const deps = jobDeps(keys);
  return { ...deps, ...authenticated(keys, deps.access) };
};

export const controlDeps = () => ({ ...callerDeps(), ...answers() });

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
