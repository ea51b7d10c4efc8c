// Settings of the deployment that is simulated: the defaults of lib/config.ts where time allows.
import { allowListOf } from '../../../functions/jobs/callback-address.ts';

export const settings = {
  sending: { claimSeconds: 60, retryFirstSeconds: 5, retryMaxSeconds: 300, giveUpSeconds: 4 * 3600 },
  breaker: { failuresToOpen: 5, openSeconds: 30 },
  ages: { firstSeconds: 60, thenSeconds: 3600 },
  leaseSeconds: 300,
  /** Few, so that a lane takes several requests. */
  statusBatch: 4,
  absenceConfirmSeconds: 60,
  followUpOverdueSeconds: 300,
  watchSeconds: 900,
  discoveryIntervalSeconds: 300,
  adoptHistorySeconds: 7 * 86_400,
  sessionSeconds: 600,
  maxDocumentIds: 1000,
  maxChainDepth: 5,
  maxChainEntries: 1000,
  allowedCallbacks: allowListOf(['caller.test']),
  callbackTimes: { tries: 10, retryFirstSeconds: 5, retryMaxSeconds: 600 },
};

export const leiaTimeoutSeconds = 5;
export const functionTimeoutSeconds = 29;
export const sweepTimeoutSeconds = 900;
export const sweepIntervalSeconds = 60;
/** Short, so that a run meets it. */
export const stepTimeoutSeconds = 1800;
