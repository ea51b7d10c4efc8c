// The bundle's times as its settings have them by default, for what runs in the bench's own process.
import { type Settings, settingsOf } from '../../lib/config.ts';

const hour = 3600;

export const defaults: Settings = settingsOf({ leiaUrl: 'https://leia.example' });

export const defaultTimes = {
  sending: {
    claimSeconds: defaults.claimSeconds,
    retryFirstSeconds: defaults.retryFirstSeconds,
    retryMaxSeconds: defaults.retryMaxSeconds,
    giveUpSeconds: defaults.giveUpHours * hour,
  },
  breaker: { failuresToOpen: defaults.breakerFailures, openSeconds: defaults.breakerOpenSeconds },
  ages: { firstSeconds: defaults.sweepAgeFirstSeconds, thenSeconds: defaults.sweepAgeThenSeconds },
  leaseSeconds: defaults.sweepLeaseSeconds,
  statusBatch: defaults.statusBatch,
  absenceConfirmSeconds: defaults.absenceConfirmSeconds,
  followUpOverdueSeconds: defaults.followUpOverdueSeconds,
  watchSeconds: defaults.watchSeconds,
  discoveryIntervalSeconds: defaults.discoveryIntervalSeconds,
  adoptHistorySeconds: defaults.adoptHistoryDays * 24 * hour,
};
