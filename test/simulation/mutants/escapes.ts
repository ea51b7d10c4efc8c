// Code that asks the machine for time, chance or a timer, which a run has from its seed.
import type { Mutant } from './mutants.ts';

/** By how `listeningMachine` names it. */
const asking = {
  'Date.now': 'Date.now()',
  'new Date()': 'new Date()',
  'performance.now': 'performance.now()',
  'process.hrtime': 'process.hrtime()',
  'Math.random': 'Math.random()',
  'crypto.randomUUID': 'crypto.randomUUID()',
  'crypto.getRandomValues': 'crypto.getRandomValues(new Uint8Array(1))',
  'node:crypto.randomUUID': "process.getBuiltinModule('node:crypto').randomUUID()",
  'node:crypto.randomBytes': "process.getBuiltinModule('node:crypto').randomBytes(1)",
  'AbortSignal.timeout': 'AbortSignal.timeout(1000)',
  'globalThis.setTimeout': 'setTimeout(() => {}, 1)',
  'globalThis.setInterval': 'setInterval(() => {}, 1000).unref()',
  'globalThis.setImmediate': 'setImmediate(() => {})',
  'node:timers/promises.setTimeout': "process.getBuiltinModule('node:timers/promises').setTimeout(1)",
};

/** Where every run comes by. */
const publishing = 'return deps.events.publish(';

export const escapes: Record<string, Mutant> = Object.fromEntries(
  Object.entries(asking).map(([name, code]) => [
    name,
    {
      what: `code asks the machine for ${name}`,
      file: 'functions/acts/follow.ts',
      from: publishing,
      to: `${code};\n      ${publishing}`,
    },
  ]),
);
