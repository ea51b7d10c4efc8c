import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { secretStore } from '../../functions/adapters/secrets.ts';
import { authentication } from '../../functions/runtime/authentication.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { API_KEY, aCaller, anApplication, TOKEN } from '../support/callers.ts';
import { cannedAws } from '../support/canned-aws.ts';
import { APPLICATION, seconds, T0 } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';

const keyHash = sha256(API_KEY);
const sessionSeconds = 1000;

let now: number;
let keys: Set<string>;
let access: ReturnType<typeof memoryAccess>;

beforeEach(async () => {
  now = T0;
  keys = new Set([keyHash]);
  access = memoryAccess();
  await access.saveApplication(anApplication(), keyHash);
  await access.openSession(sha256(TOKEN), {
    application_id: APPLICATION,
    key_hash: keyHash,
    expires_at: T0 / 1000 + sessionSeconds,
  });
});

/** In one container. */
const warm = () =>
  authentication({
    access,
    secrets: { keyByHash: async (hash) => (keys.has(hash) ? {} : undefined) },
    now: () => now,
    sessionSeconds,
  });
const authenticate = (token: string) => warm()(token);

describe('a key that leaves the secret', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: T0 }));
  afterEach(() => void vi.useRealTimers());

  it('ends its sessions within five minutes, however busy they are', async () => {
    const secret = { applications: [{ api_key: API_KEY }], callback_secret: 'generated-0123456789' };
    const client = new SecretsManagerClient(cannedAws(() => ({ SecretString: JSON.stringify(secret) })));
    const secrets = secretStore({ client, secretName: 'keys', maxAgeSeconds: 300, now: Date.now });
    const authenticateNow = authentication({ access, secrets, now: Date.now, sessionSeconds });
    const lives = async () => (await authenticateNow(TOKEN)) !== undefined;
    expect(await lives()).toBe(true);
    secret.applications = [];
    let lived = 0;
    for (; (await lives()) && lived < 600; lived += 10) vi.advanceTimersByTime(seconds(10));
    expect(lived).toBeGreaterThan(0);
    expect(lived).toBeLessThanOrEqual(310);
  });
});

describe('a token', () => {
  it('tells its application and session', async () =>
    expect(await authenticate(TOKEN)).toEqual(aCaller({ session: expect.objectContaining({ key_hash: keyHash }) })));

  it.each(['', 'x', `${TOKEN} `, sha256(TOKEN), 'x'.repeat(100_000)])(
    'that nobody was given lets nobody in',
    async (token) => expect(await authenticate(token)).toBeUndefined(),
  );

  it('ends', async () => {
    now = T0 + seconds(sessionSeconds);
    expect(await authenticate(TOKEN)).toBeUndefined();
  });

  it('ends with its key', async () => {
    keys.clear();
    expect(await authenticate(TOKEN)).toBeUndefined();
  });

  it('needs an application that is known', async () => {
    await access.openSession(sha256('other'), { application_id: 'gone', key_hash: keyHash, expires_at: T0 });
    expect(await authenticate('other')).toBeUndefined();
  });

  it('of an active client never ends', async () => {
    for (let step = 0; step < 20; step += 1) {
      now += seconds(sessionSeconds * 0.9);
      expect(await authenticate(TOKEN)).toBeDefined();
    }
  });

  it('lets a caller in early whom the container has seen within a minute, and proves it by the table each time', async () => {
    const again = warm();
    const early = { early: true };
    expect((await again(TOKEN, early))?.proof).toBeUndefined();
    const caller = await again(TOKEN, early);
    expect(caller).toEqual({ ...(await again(TOKEN)), proof: expect.any(Promise) });
    await expect(caller?.proof).resolves.toBeUndefined();
    expect((await again(TOKEN))?.proof).toBeUndefined();
    now += seconds(61);
    expect((await again(TOKEN, early))?.proof).toBeUndefined();
  });

  it.each([
    ['was logged out', () => access.closeSession(sha256(TOKEN))],
    ['has lost its key', async () => keys.clear()],
  ])('that %s proves to have ended, and is not let in early again', async (_what, end) => {
    const again = warm();
    await again(TOKEN);
    await end();
    const caller = await again(TOKEN, { early: true });
    await expect(caller?.proof).rejects.toMatchObject({ status: 401 });
    expect(await again(TOKEN, { early: true })).toBeUndefined();
  });

  it('slides once for each half of its life, not with each request', async () => {
    const slide = vi.spyOn(access, 'slideSession');
    for (let step = 0; step < 100; step += 1) {
      now += seconds(sessionSeconds / 100);
      await authenticate(TOKEN);
    }
    expect(slide).toHaveBeenCalledTimes(1);
  });
});
