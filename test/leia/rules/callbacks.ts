import type { Status } from './model.ts';

/** What happens to a callback on its way out. Rules are tried in order of arrival; the first that matches decides. */
export type CallbackRule = {
  action: 'drop' | 'delay' | 'duplicate' | 'reorder';
  /** Applies to this many callbacks, then it is spent. Default: for ever. */
  times?: number | undefined;
  /** Applies to this share of them, 0 to 1, by a generator seeded with `seed`. */
  probability?: number | undefined;
  seed?: number | undefined;
  /** Only for this job, or for URLs with this text in them. */
  jobId?: string | undefined;
  urlIncludes?: string | undefined;
  /** delay: milliseconds of LEIA's clock. */
  delayMs?: number | undefined;
  /** duplicate: how often it is sent in all. */
  copies?: number | undefined;
  /** reorder: this many are gathered, then sent one after another, last first. */
  among?: number | undefined;
};

/** A callback to be sent: POST of `body` to `url` once LEIA's clock shows `at`. */
export type Callback = {
  id: number;
  jobId: string;
  status: Status;
  url: string;
  headers: Record<string, string>;
  body: string;
  at: number;
  attempt: number;
  /** Callbacks of one group go out one at a time, in order. */
  group: number | undefined;
};

export type CallbackLogEntry = {
  time: number;
  jobId: string;
  status: Status;
  url: string;
  attempt: number;
  /** The receiver's HTTP status, or why there is none. */
  outcome: number | 'dropped' | 'unreachable';
};

type ActiveRule = CallbackRule & { left: number; random: () => number };

/** Callbacks waiting, the rules over them and what became of them. */
export type CallbackQueue = {
  rules: ActiveRule[];
  pending: Callback[];
  gathered: Callback[];
  sending: Map<number, Callback>;
  log: CallbackLogEntry[];
  nextId: number;
};

/** Waits before the second and the third try (contract §4.7 leaves them open). */
const backoffMs = [1_000, 4_000];

/** Mulberry32: a small seeded generator, so that a probability repeats with its seed. */
const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const callbackQueue = (): CallbackQueue => ({
  rules: [],
  pending: [],
  gathered: [],
  sending: new Map(),
  log: [],
  nextId: 1,
});

export const addCallbackRule = (queue: CallbackQueue, rule: CallbackRule): void => {
  queue.rules.push({ ...rule, left: rule.times ?? Number.POSITIVE_INFINITY, random: seeded(rule.seed ?? 1) });
};

/** Rules end; callbacks gathered for reordering go out, last first. */
export const clearCallbackRules = (queue: CallbackQueue, now: number): void => {
  queue.rules = [];
  releaseGathered(queue, now);
};

const matchingRule = (queue: CallbackQueue, callback: Callback): ActiveRule | undefined => {
  const rule = queue.rules.find(
    ({ left, jobId, urlIncludes, probability, random }) =>
      left > 0 &&
      (jobId === undefined || jobId === callback.jobId) &&
      (urlIncludes === undefined || callback.url.includes(urlIncludes)) &&
      (probability === undefined || random() < probability),
  );
  if (rule) rule.left -= 1;
  return rule;
};

const logged = (queue: CallbackQueue, callback: Callback, time: number, outcome: CallbackLogEntry['outcome']): void => {
  const { jobId, status, url, attempt } = callback;
  queue.log.push({ time, jobId, status, url, attempt, outcome });
};

const releaseGathered = (queue: CallbackQueue, now: number): void => {
  const group = queue.nextId++;
  queue.pending.push(...queue.gathered.reverse().map((callback) => ({ ...callback, at: now, group })));
  queue.gathered = [];
};

/** Puts a callback in line, as the rules allow. */
export const enqueueCallback = (
  queue: CallbackQueue,
  now: number,
  told: Pick<Callback, 'jobId' | 'status' | 'url' | 'headers' | 'body'>,
): void => {
  const callback: Callback = { ...told, id: queue.nextId++, at: now, attempt: 1, group: undefined };
  const rule = matchingRule(queue, callback);
  switch (rule?.action) {
    case 'drop':
      logged(queue, callback, now, 'dropped');
      return;
    case 'delay':
      queue.pending.push({ ...callback, at: now + (rule.delayMs ?? 0) });
      return;
    case 'duplicate':
      for (let copy = 0; copy < (rule.copies ?? 2); copy += 1) queue.pending.push({ ...callback, id: queue.nextId++ });
      return;
    case 'reorder':
      queue.gathered.push(callback);
      if (queue.gathered.length >= (rule.among ?? 2)) releaseGathered(queue, now);
      return;
    case undefined:
      queue.pending.push(callback);
  }
};

const blocked = (queue: CallbackQueue, callback: Callback): boolean =>
  callback.group !== undefined &&
  [...queue.sending.values(), ...queue.pending.slice(0, queue.pending.indexOf(callback))].some(
    ({ group }) => group === callback.group,
  );

/** Takes out what is to be sent now. Each one must be settled by `settleCallback`. */
export const takeDueCallbacks = (queue: CallbackQueue, now: number): Callback[] => {
  const due = queue.pending.filter((callback) => callback.at <= now && !blocked(queue, callback));
  queue.pending = queue.pending.filter((callback) => !due.includes(callback));
  for (const callback of due) queue.sending.set(callback.id, callback);
  return due;
};

/** Notes how a try ended. Only 200 and 204 acknowledge; there are three tries; the job never changes (contract §4.7). */
export const settleCallback = (
  queue: CallbackQueue,
  now: number,
  callback: Callback,
  outcome: number | 'unreachable',
): void => {
  queue.sending.delete(callback.id);
  logged(queue, callback, now, outcome);
  const wait = backoffMs[callback.attempt - 1];
  if (outcome === 200 || outcome === 204 || wait === undefined) return;
  // A retry leaves its group: the others have waited for its first try only.
  queue.pending.push({ ...callback, at: now + wait, attempt: callback.attempt + 1, group: undefined });
};
