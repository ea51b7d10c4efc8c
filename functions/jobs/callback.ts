// Telling a caller of its job's end (contract §4.7, D11): who is told, and what became of it. Pure.
import { instant, isFinished, type JobRecord } from './job.ts';

/** `answer` says what came back, for people: `HTTP 503`, `timeout`, `ECONNREFUSED`, or why nothing was sent. */
export type CallbackTry = { outcome: 'acknowledged' | 'failed' | 'refused'; answer: string };

/** Whether the job came by us; LEIA calls back for one that it was sent by others. */
const isOurs = (job: JobRecord): boolean => job.fingerprint !== undefined || job.step !== undefined;

/** Whether the application's default URL stands in for one of the job's own: never for the steps of a chain. */
export const mayUseDefault = (job: JobRecord): boolean => isOurs(job) && job.step === undefined;

/** Whether somebody may have to be told of this job's end; with a default URL only the application at LEIA says. */
export const tellsCaller = (job: JobRecord): boolean =>
  job.refusal === undefined && isOurs(job) && (job.callback_url !== null || mayUseDefault(job));

/** Whether it has ended and nobody has been told yet. One that was given up may be told after all (runbook). */
export const mayBeTold = (job: JobRecord): boolean =>
  isFinished(job) && tellsCaller(job) && !isOver(job.callback?.state);

const isOver = (state: NonNullable<JobRecord['callback']>['state'] | undefined): boolean =>
  state === 'delivered' || state === 'refused' || state === 'none';

/** The headers of the request are needed until the caller has been told, also of a callback that was given up. */
export const needsHeaders = (job: JobRecord): boolean =>
  job.refusal === undefined && job.callback !== undefined && !isOver(job.callback.state);

/** The delivery's id (`webhook-id`): the same on every try and in the event of the same change. */
export const deliveryId = ({ id, status }: Pick<JobRecord, 'id' | 'status'>): string => `${id}/${status}`;

/** What a try leaves behind; nothing once it is settled. `last`: there is no other try. */
export const afterTry = (
  job: JobRecord,
  { outcome, answer }: CallbackTry,
  { last, now }: { last: boolean; now: number },
): JobRecord | undefined => {
  if (!mayBeTold(job)) return undefined;
  const state =
    outcome === 'acknowledged'
      ? 'delivered'
      : outcome === 'refused'
        ? 'refused'
        : last
          ? 'given_up'
          : (job.callback?.state ?? 'asked');
  return { ...job, callback: { state, tries: (job.callback?.tries ?? 0) + 1, at: instant(now), answer } };
};

/** There is no URL after all. */
export const nobodyToTell = (job: JobRecord, now: number): JobRecord | undefined =>
  job.callback === undefined || isOver(job.callback.state)
    ? undefined
    : { ...job, callback: { ...job.callback, state: 'none', at: instant(now) } };

export type CallbackTimes = { retryFirstSeconds: number; retryMaxSeconds: number; tries: number };

/** How long to wait after the so-manieth try: three times as long as before it, up to the longest. */
export const waitAfter = (tries: number, { retryFirstSeconds, retryMaxSeconds }: CallbackTimes): number =>
  Math.min(retryMaxSeconds, retryFirstSeconds * 3 ** Math.max(0, tries - 1));
