// Stops hammering a LEIA that does not answer (D2): closed until some failures in a row, then open, then one probe at
// a time. Pure; times are epoch milliseconds.
import * as z from 'zod';

export const Breaker = z.object({
  /** Failures in a row. */
  failures: z.number().int(),
  /** No call before this instant; 0 while closed. Whoever moves it further holds the next probe. */
  open_until: z.number().int(),
});
export type Breaker = z.infer<typeof Breaker>;
export type BreakerTimes = { failuresToOpen: number; openSeconds: number };

export const closed: Breaker = { failures: 0, open_until: 0 };

/** `probe`: the breaker is open but its time is up; the call may be made by whoever writes `taken` first. */
export const mayCall = (breaker: Breaker, now: number): 'yes' | 'no' | 'probe' => {
  if (breaker.open_until === 0) return 'yes';
  return breaker.open_until > now ? 'no' : 'probe';
};

export const probeTaken = (breaker: Breaker, now: number, times: BreakerTimes): Breaker | undefined =>
  mayCall(breaker, now) === 'probe' ? { ...breaker, open_until: now + times.openSeconds * 1000 } : undefined;

export const afterFailure = (breaker: Breaker, now: number, times: BreakerTimes): Breaker => {
  const failures = breaker.failures + 1;
  const opens = failures >= times.failuresToOpen;
  return { failures, open_until: opens ? now + times.openSeconds * 1000 : breaker.open_until };
};

export const afterSuccess = (breaker: Breaker): Breaker | undefined => (breaker.failures === 0 ? undefined : closed);
