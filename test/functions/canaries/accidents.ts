// Adapters that fail, each in every way that it may.
import { HEADER, RESULT, UNKNOWN_TOKEN } from './secrets.ts';

/** Errors as they come: the SDK hangs items on its own, and a parser quotes what it reads. */
const accidents = {
  aws: () =>
    Object.assign(new Error('The table does not answer'), {
      $metadata: { requestId: 'aws-1' },
      request: { Item: { result: RESULT, task_token: HEADER } },
      CancellationReasons: [{ Item: { result: RESULT } }],
      cause: Object.assign(new Error('connection lost'), { headers: { token: UNKNOWN_TOKEN } }),
    }),
  parser: () => new SyntaxError(`Unexpected token 'c', "${RESULT}" is not valid JSON`),
};
let broken: { method: string; by: keyof typeof accidents } | undefined;
/** These give an iterable at once rather than a promise. */
const iterated = new Set(['lane', 'listed']);

/** The adapter, one method of which may fail. */
export const fragile = <T extends object>(adapter: T): T =>
  new Proxy(adapter, {
    get: (target, name, receiver) => {
      if (broken?.method !== name) return Reflect.get(target, name, receiver);
      const accident = accidents[broken.by]();
      return () => {
        if (iterated.has(String(name))) throw accident;
        return Promise.reject(accident);
      };
    },
  });

/** Every method of mirror, access, queue and event bus that a function may call. */
const methods = [
  ...['job', 'jobs', 'jobByLeiaId', 'result', 'request', 'create', 'createChild', 'change', 'children', 'dependents'],
  ...['lane', 'oldestInLane', 'listed', 'session', 'slideSession', 'openSession', 'closeSession', 'application'],
  ...[
    'saveApplication',
    'applicationIds',
    'keyHashOf',
    'breaker',
    'changeBreaker',
    'absence',
    'takeLease',
    'watermarks',
  ],
  ...['publish', 'put'],
];

/** Does it once for every accident that may befall it. */
export const despiteAccidents = async (act: () => Promise<unknown>): Promise<void> => {
  for (const method of methods)
    for (const by of ['aws', 'parser'] as const) {
      broken = { method, by };
      await act().catch(() => undefined);
      broken = undefined;
    }
};
