import type * as z from 'zod';
import type { CallbackRule as CallbackRuleSchema, HookInput, HookName } from './hook-requests.ts';
import { hooksPath } from './hook-requests.ts';
import type { Fault } from './http/faults.ts';
import type { LoggedRequest, RequestKind } from './http/request-log.ts';
import type { CallbackLogEntry } from './rules/callbacks.ts';
import type { ForcedChange } from './rules/force.ts';
import type { Job } from './rules/model.ts';
import type { Hiding } from './rules/world.ts';
import type { Script } from './worker/scripted.ts';

export type CallbackRule = z.input<typeof CallbackRuleSchema>;

/** A job as LEIA keeps it, hidden ones included. Times are milliseconds; `visible_at` null: until revealed. */
export type RawJob = Omit<Job, 'visible_at'> & { visible_at: number | null };

/** What a test can do to a running local LEIA, from any process. */
export type LeiaHooks = {
  clock: {
    /** LEIA's time stands still until it is stepped or released. */
    hold(): Promise<void>;
    step(ms: number): Promise<void>;
    release(): Promise<void>;
    now(): Promise<number>;
  };
  /** Puts a job into any state; a finished one calls back unless `callback` is false. */
  forceJob(id: string, change: ForcedChange): Promise<void>;
  /** LEIA no longer knows the job: 404 from now on, and in no list. */
  forgetJob(id: string): Promise<void>;
  /** Sends the job's callback once more, as the job is now. */
  callBack(id: string): Promise<void>;
  /** Ends the live tokens of one application, or all. */
  expireTokens(apiKey?: string): Promise<void>;
  callbackRule(rule: CallbackRule): Promise<void>;
  clearCallbackRules(): Promise<void>;
  callbackLog(): Promise<CallbackLogEntry[]>;
  fault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  /** How the worker treats matching jobs; later scripts are asked after earlier ones. */
  script(script: Script): Promise<void>;
  clearScripts(): Promise<void>;
  /** New jobs stay READY while this is on. */
  holdJobs(on: boolean): Promise<void>;
  /** Off: every connection but those to the hooks is reset. */
  setAvailable(on: boolean): Promise<void>;
  /** Off: `callback_url` is null in every answer and callback. Default on. */
  echoCallbackUrl(on: boolean): Promise<void>;
  /** The next `times` submissions are accepted, but their jobs exist only after `ms` (null: once revealed). */
  hideSubmissions(hiding: Hiding): Promise<void>;
  revealJobs(): Promise<void>;
  counts(): Promise<Record<RequestKind, number>>;
  requests(): Promise<LoggedRequest[]>;
  /** Empties counts and request log. */
  resetCounts(): Promise<void>;
  jobs(): Promise<RawJob[]>;
  /** Undoes every rule, fault, script and switch, releases the clock, empties the logs. Jobs and documents stay. */
  reset(): Promise<void>;
};

/** The hooks of the local LEIA at `url`, its base URL or any other URL of it. */
export const leiaHooks = (url: string): LeiaHooks => {
  const call = async <N extends HookName>(name: N, input: HookInput<N>): Promise<unknown> => {
    const response = await fetch(new URL(`${hooksPath}/${name}`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    if (!response.ok) throw new Error(`hook ${name}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const act = async <N extends HookName>(name: N, input: HookInput<N>): Promise<void> => {
    await call(name, input);
  };
  // Both ends are one program: what a hook answers has the type that its server side gave it.
  const ask = async <T>(name: HookName): Promise<T> => (await call(name, {} as HookInput<HookName>)) as T;

  return {
    clock: {
      hold: () => act('clock/hold', {}),
      step: (ms) => act('clock/step', { ms }),
      release: () => act('clock/release', {}),
      now: () => ask('clock/now'),
    },
    forceJob: (id, change) => act('force-job', { id, change }),
    forgetJob: (id) => act('forget-job', { id }),
    callBack: (id) => act('call-back', { id }),
    expireTokens: (apiKey) => act('expire-tokens', { apiKey }),
    callbackRule: (rule) => act('callback-rule', rule),
    clearCallbackRules: () => act('clear-callback-rules', {}),
    callbackLog: () => ask('callback-log'),
    fault: (fault) => act('fault', fault),
    clearFaults: () => act('clear-faults', {}),
    script: (script) => act('script', script),
    clearScripts: () => act('clear-scripts', {}),
    holdJobs: (on) => act('hold-jobs', { on }),
    setAvailable: (on) => act('set-available', { on }),
    echoCallbackUrl: (on) => act('echo-callback-url', { on }),
    hideSubmissions: (hiding) => act('hide-submissions', hiding),
    revealJobs: () => act('reveal-jobs', {}),
    counts: () => ask('counts'),
    requests: () => ask('requests'),
    resetCounts: () => act('reset-counts', {}),
    jobs: () => ask('jobs'),
    reset: () => act('reset', {}),
  };
};
