// The dependencies of every function, as a container has them: the adapters in memory, each request a trip.
import { defaultCallbacks } from '../../../functions/acts/default-callbacks.ts';
import { listSnapshots } from '../../../functions/acts/list-jobs.ts';
import type { SweepDeps } from '../../../functions/acts/sweep.ts';
import { withMemory } from '../../../functions/adapters/access-memory.ts';
import { callbackKeys } from '../../../functions/adapters/callback-keys.ts';
import { leiaForKey } from '../../../functions/adapters/leia-for-key.ts';
import type { DeliveryDeps } from '../../../functions/deliver-callback.ts';
import { authentication } from '../../../functions/runtime/authentication.ts';
import type { StateMachine } from '../../support/state-machine.ts';
import type { Container } from '../kernel/lambda.ts';
import { timerIn } from '../kernel/timer.ts';
import { LEIA_URL } from '../leia/network.ts';
import { chainsIn } from './chains.ts';
import type { GroundParts, Store } from './ground.ts';
import type { Queue } from './queue.ts';
import { secretsIn } from './secrets.ts';
import { leiaTimeoutSeconds, settings } from './settings.ts';

/** Root of the bundle's own URLs. */
export const BUNDLE_URL = 'https://bundle.test';

/** What is made of the functions, and what they use none the less. */
export type Later = { machine: () => StateMachine; submissions: () => Queue; callbacks: () => Queue };

export type Makers = ReturnType<typeof makersOf>;

export const makersOf = ({ scheduler, chance, faults, network, secret }: GroundParts, store: Store, later: Later) => {
  const depsIn = (container: Container): SweepDeps & typeof settings => {
    const secrets = secretsIn(container, secret);
    const toQueue = container.tripTo('queue');
    const toBus = container.tripTo('bus');
    return {
      ...settings,
      mirror: store.mirror.by(container.tripTo('table')),
      access: withMemory(store.access.by(container.tripTo('table')), container.now),
      leiaForKey: leiaForKey(secrets, {
        url: LEIA_URL,
        timeoutSeconds: leiaTimeoutSeconds,
        fetch: network.fetchIn(container),
        timer: timerIn(container, scheduler, chance),
      }),
      callbackKeys: callbackKeys({ secrets, baseUrl: BUNDLE_URL }),
      submissions: {
        put: (ids) =>
          toQueue(`put [${ids}]`, () => {
            for (const id of ids) later.submissions().put(JSON.stringify({ job_id: id }));
          }),
      },
      callbacks: {
        put: (ids) =>
          toQueue(`put callbacks of [${ids}]`, () => {
            for (const id of ids) later.callbacks().put(JSON.stringify({ job_id: id }));
          }),
      },
      chains: chainsIn(container, later.machine),
      events: {
        publish: (events) =>
          toBus(`publish [${events.map(({ id }) => id)}]`, () => {
            store.published.push(...events.map(({ id, job, to }) => ({ id, job: job.id, to })));
          }),
      },
      now: container.now,
      count: (metric, value = 1) => {
        store.counted[metric] = (store.counted[metric] ?? 0) + value;
      },
      warn: (message, about) => scheduler.note(() => `${container.call} warns: ${message} ${JSON.stringify(about)}`),
    };
  };
  const httpDepsIn = (container: Container) => {
    const deps = depsIn(container);
    return {
      ...deps,
      authenticate: authentication({ ...deps, secrets: secretsIn(container, secret) }),
      largeAnswers: { keep: async () => Promise.reject(new Error('no answer of a run is so large')) },
      lists: listSnapshots({ maxAgeSeconds: 30, now: container.now }),
      random: chance.bytes,
      randomToken: () => chance.hex(43),
      fail: (message: string, error: unknown) =>
        scheduler.note(() => `${container.call} fails: ${message}: ${String(error)}`),
    };
  };
  const deliveryDepsIn = (container: Container): DeliveryDeps => {
    const toCaller = container.tripTo('caller');
    return {
      ...depsIn(container),
      secrets: secretsIn(container, secret),
      defaultCallbacks: defaultCallbacks({ maxAgeSeconds: 60, now: container.now }),
      putOff: (handle, seconds) =>
        container.tripTo('queue')(`put off ${handle}`, () => later.callbacks().putOff(handle, seconds)),
      callers: {
        post: async ({ url, headers, body }) => {
          const post = () => {
            const acknowledged = !faults.strikes('caller-fails');
            store.told.push({ id: headers['webhook-id'] ?? '', url, body, acknowledged });
            return acknowledged;
          };
          // Whatever becomes of it is an answer.
          const acknowledged = await toCaller(`POST ${url}`, post).catch(() => false);
          return acknowledged
            ? { outcome: 'acknowledged', answer: 'HTTP 204' }
            : { outcome: 'failed', answer: 'HTTP 503' };
        },
      },
      fail: (message, error) => scheduler.note(() => `${container.call} fails: ${message}: ${String(error)}`),
    };
  };
  return { depsIn, httpDepsIn, deliveryDepsIn };
};
