// The callback secret is replaced while LEIA calls back: no callback is refused, whichever container takes it in and
// whatever that one remembers (D9, D10). The real handler, store and keys of many containers, over one secret.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callbackKeys } from '../../functions/adapters/callback-keys.ts';
import { secretStore } from '../../functions/adapters/secrets.ts';
import { callbackRoutes } from '../../functions/receive-callback.ts';
import { httpFunction } from '../../functions/runtime/http.ts';
import { logger } from '../../functions/runtime/log.ts';
import { cannedAws } from '../support/canned-aws.ts';
import { send } from '../support/gateway.ts';
import { aBoundJob, id, seconds, T0 } from '../support/jobs.ts';
import { memoryMirror } from '../support/memory-mirror.ts';

vi.spyOn(logger, 'info').mockReturnValue();
// The store's memory goes by this clock.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: T0 }));
afterEach(() => void vi.useRealTimers());
const pass = (count: number): void => void vi.setSystemTime(Date.now() + seconds(count));

const nothing = (): void => {};
const secretOf = (number: number): string => `callback-secret-number-${number}`;
const callback = JSON.stringify({
  id: id(0xaaa),
  application_id: id(7),
  submitter_id: id(7),
  creation_time: '2026-01-01T00:00:00.000Z',
  document_ids: [],
  job_type: 'image-text',
  status: 'PROCESSING',
});

/** A deployment whose secret can be rotated as the runbook says. Containers are made by using them. */
const deployment = async () => {
  const state = { rotations: 0, fetches: 0 };
  const client = new SecretsManagerClient(
    cannedAws(() => {
      state.fetches += 1;
      const { rotations } = state;
      const generated = { applications: [], callback_secret: secretOf(0) };
      const rotated = { current: secretOf(rotations), previous: secretOf(rotations - 1) };
      return {
        SecretString: JSON.stringify(rotations === 0 ? generated : { ...generated, callback_secrets: rotated }),
      };
    }),
  );
  const mirror = memoryMirror();
  await mirror.create(aBoundJob({ id: id(1) }));
  const now = () => Date.now();
  const container = () => {
    const secrets = secretStore({ client, secretName: 'keys', maxAgeSeconds: 300, now });
    const keys = callbackKeys({ secrets, baseUrl: 'https://api.test' });
    const lambda = httpFunction('receive-callback', callbackRoutes, {
      mirror,
      callbackKeys: keys,
      now,
      count: nothing,
      warn: nothing,
    });
    const receive = async (url: string): Promise<number> =>
      (await send(lambda, { method: 'POST', path: new URL(url).pathname, body: callback })).status;
    return { receive, callbackUrl: () => keys.callbackUrl(id(1)) };
  };
  return { state, container };
};

const forged = `https://api.test/callbacks/${id(1)}/${'f'.repeat(64)}`;

describe('a rotation of the callback secret', () => {
  it('refuses no callback, whatever containers remember', async () => {
    const someContainer = fc.nat({ max: 3 });
    const step = fc.record({
      sender: someContainer,
      receiver: someContainer,
      rotate: fc.boolean(),
      wait: fc.nat({ max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { state, container } = await deployment();
        const containers = Array.from({ length: 4 }, container);
        const urls: { url: string; signedWith: number }[] = [];
        let rotatedAt = Number.NEGATIVE_INFINITY;
        for (const { sender, receiver, rotate, wait } of steps) {
          // As the runbook says: five minutes after the last one at the earliest, when the jobs from before have ended.
          if (rotate && Date.now() > rotatedAt + seconds(300)) {
            state.rotations += 1;
            rotatedAt = Date.now();
          }
          // For five minutes a container may sign with the secret that it remembers.
          const signedWith = Date.now() > rotatedAt + seconds(300) ? state.rotations : state.rotations - 1;
          urls.push({ url: (await containers[sender]?.callbackUrl()) ?? '', signedWith });
          pass(wait);
          const inFlight = urls.filter(({ signedWith }) => signedWith >= state.rotations - 1);
          for (const { url } of inFlight) expect(await containers[receiver]?.receive(url)).toBe(204);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is heard of by the first callback that is signed with the new secret', async () => {
    const { state, container } = await deployment();
    const old = container();
    const before = await old.callbackUrl();
    state.rotations = 1;
    const after = await container().callbackUrl();
    expect(await old.receive(after)).toBe(204);
    expect(await old.receive(before)).toBe(204);
    expect(state.fetches).toBe(3);
  });

  it('refuses the callbacks of a leaked secret once it was done twice', async () => {
    const { state, container } = await deployment();
    const old = container();
    const leaked = await old.callbackUrl();
    state.rotations = 2;
    expect(await container().receive(leaked)).toBe(404);
    pass(301);
    expect(await old.receive(leaked)).toBe(404);
  });
});

describe('forged callbacks', () => {
  it('are refused, and make a container read the secret no more often than every ten seconds', async () => {
    const { state, container } = await deployment();
    const flooded = container();
    for (let second = 0; second < 60; second += 1) {
      for (let each = 0; each < 20; each += 1) expect(await flooded.receive(forged)).toBe(404);
      pass(1);
    }
    expect(state.fetches).toBeLessThanOrEqual(1 + 6);
  });

  it('delay the news of a rotation by those ten seconds at most', async () => {
    const { state, container } = await deployment();
    const flooded = container();
    await flooded.receive(forged);
    state.rotations = 1;
    const url = await container().callbackUrl();
    pass(10);
    expect(await flooded.receive(forged)).toBe(404);
    expect(await flooded.receive(url)).toBe(204);
  });
});
