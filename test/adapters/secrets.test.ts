import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { secretStore } from '../../functions/adapters/secrets.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { cannedAws } from '../support/canned-aws.ts';
import { seconds, T0 } from '../support/jobs.ts';

const callback_secrets = { current: 'current-0123456789', previous: 'previous-0123456789' };

/** A store over a secret that tests can change, and how often that was fetched. */
const storeOf = (secret: unknown, { maxAgeSeconds = 300 } = {}) => {
  const state = { secret, now: T0, fetches: 0, fails: false };
  const answer = () => {
    state.fetches += 1;
    if (state.fails) throw new Error('Secrets Manager is down');
    return { SecretString: typeof state.secret === 'string' ? state.secret : JSON.stringify(state.secret) };
  };
  const client = new SecretsManagerClient(cannedAws(answer));
  const store = secretStore({ client, secretName: 'keys', maxAgeSeconds, now: () => state.now });
  return { store, state };
};

const twoKeys = { applications: [{ api_key: 'a' }, { api_key: 'b', leia_api_key: 'leia-b' }], callback_secrets };

describe('the secret’s API keys', () => {
  it('are found by their hash, with the LEIA key that they stand for', async () => {
    const { store } = storeOf(twoKeys);
    expect(await store.keyByHash(sha256('a'))).toEqual({ api_key: 'a', leia_api_key: 'a' });
    expect(await store.keyByHash(sha256('b'))).toEqual({ api_key: 'b', leia_api_key: 'leia-b' });
    expect(await store.keyHashes()).toEqual([sha256('a'), sha256('b')]);
  });

  it('are fetched once for many questions', async () => {
    const { store, state } = storeOf(twoKeys);
    for (const key of ['a', 'b', 'a']) await store.keyByHash(sha256(key));
    expect(state.fetches).toBe(1);
  });

  it('work from the moment they are added', async () => {
    const { store, state } = storeOf({ applications: [], callback_secrets });
    await store.keyHashes();
    state.secret = twoKeys;
    expect(await store.keyByHash(sha256('a'))).toBeDefined();
  });

  it('that nobody knows make it look again only every ten seconds', async () => {
    const { store, state } = storeOf(twoKeys);
    for (const key of ['x', 'y', 'z']) expect(await store.keyByHash(sha256(key))).toBeUndefined();
    expect(state.fetches).toBe(2);
    state.now += seconds(10);
    await store.keyByHash(sha256('x'));
    expect(state.fetches).toBe(3);
  });

  it('of one application sign side by side, and none of another', async () => {
    const applications = [
      { api_key: 'a', leia_api_key: 'leia-1', webhook_secret: 'whsec_1' },
      { api_key: 'b', leia_api_key: 'leia-1', webhook_secret: 'whsec_2' },
      { api_key: 'c', leia_api_key: 'leia-1', webhook_secret: 'whsec_1' },
      { api_key: 'd', leia_api_key: 'leia-1' },
      { api_key: 'e', leia_api_key: 'leia-2', webhook_secret: 'whsec_3' },
      { api_key: 'f' },
    ];
    const { store } = storeOf({ applications, callback_secrets });
    for (const key of ['a', 'b', 'd']) expect(await store.webhookSecrets(sha256(key))).toEqual(['whsec_1', 'whsec_2']);
    expect(await store.webhookSecrets(sha256('e'))).toEqual(['whsec_3']);
    for (const key of ['f', 'unknown']) expect(await store.webhookSecrets(sha256(key))).toEqual([]);
  });

  it('that were removed are gone once the secret has its maximum age', async () => {
    const { store, state } = storeOf(twoKeys, { maxAgeSeconds: 0 });
    await store.keyHashes();
    state.secret = { applications: [{ api_key: 'a' }], callback_secrets };
    expect(await store.keyByHash(sha256('b'))).toBeUndefined();
  });
});

describe('the secret’s callback secrets', () => {
  it('are the ones given', async () => {
    expect(await storeOf(twoKeys).store.callbackSecrets()).toEqual(callback_secrets);
  });

  it('are the generated one until somebody replaces it, and then it counts as the previous one', async () => {
    const { store, state } = storeOf({ applications: [], callback_secret: 'generated-0123456789' });
    expect((await store.callbackSecrets()).current).toBe('generated-0123456789');
    state.secret = {
      ...twoKeys,
      callback_secret: 'generated-0123456789',
      callback_secrets: { current: callback_secrets.current },
    };
    const replaced = await store.callbackSecrets({ fresh: true });
    expect(replaced).toEqual({ current: callback_secrets.current, previous: 'generated-0123456789' });
  });
});

describe('a second look at the secret', () => {
  it('that failed is made again at once: what is remembered is not the secret of now', async () => {
    const { store, state } = storeOf(twoKeys);
    await store.callbackSecrets();
    state.secret = { ...twoKeys, callback_secrets: { current: 'the-next-0123456789' } };
    state.fails = true;
    await expect(store.callbackSecrets({ fresh: true })).rejects.toThrow();
    state.fails = false;
    expect(await store.callbackSecrets({ fresh: true })).toEqual({ current: 'the-next-0123456789' });
  });

  it('is one for all who want it at the same time', async () => {
    const { store, state } = storeOf(twoKeys);
    await store.callbackSecrets();
    state.secret = { ...twoKeys, callback_secrets: { current: 'the-next-0123456789' } };
    const looks = await Promise.all([store.callbackSecrets({ fresh: true }), store.callbackSecrets({ fresh: true })]);
    for (const look of looks) expect(look).toEqual({ current: 'the-next-0123456789' });
    expect(state.fetches).toBe(2);
  });
});

describe('a secret that is not as it should be', () => {
  it.each([
    ['is not JSON', '{"applications": [{"api_key": "s3cret', 'the whole'],
    ['lacks an API key', { applications: [{ leia_api_key: 's3cret' }], callback_secrets }, 'applications.0.api_key'],
    ['lacks callback secrets', { applications: [{ api_key: 's3cret' }] }, 'callback_secrets.current'],
    [
      'has a callback secret to guess',
      { applications: [], callback_secrets: { current: 's3cret' } },
      'callback_secrets.current',
    ],
  ])('because it %s: the error names the place and shows nothing of it', async (_why, secret, place) => {
    const failure = await storeOf(secret)
      .store.keyHashes()
      .catch((error: unknown) => error);
    expect(String(failure)).toContain(place);
    expect(String(failure)).not.toContain('s3cret');
  });
});
