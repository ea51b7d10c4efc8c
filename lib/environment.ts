// From the settings of a deployment to the environment of its functions (functions/runtime/env.ts): each name once.
import type { Settings as Environment } from '../functions/runtime/env.ts';
import type { Settings } from './config.ts';

/** Names that functions may read. */
export type EnvironmentName = keyof Environment;

/** Those that follow from the settings alone; the others come with the resource that they name. */
export const environmentOf = (settings: Settings) =>
  ({
    INDEX_SHARDS: settings.indexShards,
    SECRET_MAX_AGE_SECONDS: settings.secretMaxAgeSeconds,
    LEIA_URL: settings.leiaUrl,
    LEIA_TIMEOUT_SECONDS: settings.leiaTimeoutSeconds,
    CLAIM_SECONDS: settings.claimSeconds,
    RETRY_FIRST_SECONDS: settings.retryFirstSeconds,
    RETRY_MAX_SECONDS: settings.retryMaxSeconds,
    GIVE_UP_SECONDS: settings.giveUpHours * 3600,
    REFUSAL_MEMORY_SECONDS: settings.refusalMemorySeconds,
    BREAKER_FAILURES: settings.breakerFailures,
    BREAKER_OPEN_SECONDS: settings.breakerOpenSeconds,
    CALLBACK_TIMEOUT_SECONDS: settings.callbackTimeoutSeconds,
    CALLBACK_TRIES: settings.callbackTries,
    CALLBACK_RETRY_FIRST_SECONDS: settings.callbackRetryFirstSeconds,
    CALLBACK_RETRY_MAX_SECONDS: settings.callbackRetryMaxSeconds,
    CALLBACK_DEFAULT_MAX_AGE_SECONDS: settings.callbackDefaultMaxAgeSeconds,
    CALLBACK_ALLOW_LIST: JSON.stringify(settings.callbackAllowList ?? []),
    SESSION_SECONDS: settings.sessionSeconds,
    SWEEP_AGE_FIRST_SECONDS: settings.sweepAgeFirstSeconds,
    SWEEP_AGE_THEN_SECONDS: settings.sweepAgeThenSeconds,
    SWEEP_LEASE_SECONDS: settings.sweepLeaseSeconds,
    STATUS_BATCH: settings.statusBatch,
    ABSENCE_CONFIRM_SECONDS: settings.absenceConfirmSeconds,
    FOLLOW_UP_OVERDUE_SECONDS: settings.followUpOverdueSeconds,
    WATCH_SECONDS: settings.watchSeconds,
    DISCOVERY_INTERVAL_SECONDS: settings.discoveryIntervalSeconds,
    ADOPT_HISTORY_DAYS: settings.adoptHistoryDays,
    LIST_SNAPSHOT_SECONDS: settings.listSnapshotSeconds,
    LARGE_ANSWER_SECONDS: settings.largeAnswerSeconds,
    RETENTION_DAYS: settings.retentionDays,
    MAX_DOCUMENT_IDS: settings.maxDocumentIds,
    MAX_CHAIN_DEPTH: settings.maxChainDepth,
    MAX_CHAIN_ENTRIES: settings.maxChainEntries,
  }) satisfies Partial<Record<EnvironmentName, number | string>>;

export type SettingName = keyof ReturnType<typeof environmentOf>;
