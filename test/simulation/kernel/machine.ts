// The machine that a run is on. A run takes time, chance and timers from its seed; whatever asks the machine for them
// instead escapes the seed, and is found out here.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';

export type Machine = {
  /** What has asked it since the last look, each once: the name of what was asked for, and by which line. */
  asked(): string[];
};

const sources: [holder: object, name: string, keys: string[]][] = [
  [Math, 'Math', ['random']],
  [performance, 'performance', ['now']],
  [AbortSignal, 'AbortSignal', ['timeout']],
  [globalThis, 'globalThis', ['setTimeout', 'setInterval', 'setImmediate']],
  [Crypto.prototype, 'crypto', ['getRandomValues', 'randomUUID']],
  [crypto, 'node:crypto', ['randomBytes', 'randomFillSync', 'randomFill', 'randomInt', 'randomUUID']],
  // Its `setImmediate` is how the scheduler lets whatever can go on go on.
  [timers, 'node:timers', ['setTimeout', 'setInterval']],
  [timersPromises, 'node:timers/promises', ['setTimeout', 'setInterval', 'setImmediate']],
  [process, 'process', ['hrtime', 'uptime']],
];

/** Has everything in this thread that was not loaded yet ask a machine that listens. */
export const listeningMachine = (): Machine => {
  const asked = new Set<string>();
  const note = (what: string): void => {
    const caller = callerOf(new Error().stack);
    if (!harmless.test(caller)) asked.add(`${what} ${caller}`);
  };
  for (const [holder, of, keys] of sources) for (const key of keys) listenTo(holder, key, () => note(`${of}.${key}`));
  globalThis.Date = listeningDate(note);
  syncBuiltinESMExports();
  return {
    asked: () => {
      const found = [...asked];
      asked.clear();
      return found;
    },
  };
};

const listenTo = (holder: object, key: string, note: () => void): void => {
  const real: unknown = Reflect.get(holder, key);
  if (typeof real !== 'function') throw new Error(`there is no ${key}`);
  const heard = new Proxy(real, {
    apply: (target, self, args) => {
      note();
      return Reflect.apply(target as () => unknown, self === heard ? target : self, args);
    },
  });
  Object.defineProperty(holder, key, { value: heard, configurable: true, writable: true });
};

const listeningDate = (note: (what: string) => void): DateConstructor => {
  listenTo(Date, 'now', () => note('Date.now'));
  return new Proxy(Date, {
    construct: (target, args, made) => {
      if (args.length === 0) note('new Date()');
      return Reflect.construct(target, args, made);
    },
    apply: (target, self, args) => {
      note('Date()');
      return Reflect.apply(target, self, args);
    },
  });
};

/** JSONata notes when it began, for an expression that asks `$now()`; the state machine's do not. */
const harmless = /node_modules\/jsonata\//;

const root = new URL('../../../', import.meta.url).href;

/** The first line of a stack that is not this file's, from the root of the repository. */
const callerOf = (stack = ''): string =>
  stack
    .split('\n')
    .slice(1)
    .find((line) => !line.includes('kernel/machine.ts'))
    ?.trim()
    .replace(root, '') ?? '';
