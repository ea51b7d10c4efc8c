// The bundle's secret as each container remembers it, and its rotation.
import type { CallbackSecrets, Secrets } from '../../../functions/adapters/secrets.ts';
import { sha256 } from '../../../functions/runtime/hash.ts';
import type { Container } from '../kernel/lambda.ts';

export type SecretValue = {
  applications: { api_key: string; leia_api_key: string }[];
  callback_secrets: CallbackSecrets;
};

/** Seconds of `secretMaxAgeSeconds`, and the shortest time between two looks at what a caller doubts. */
const maxAge = 300;
const refresh = 10;

/** As `secretStore`: remembers the secret, and looks again for a key or MAC that it does not know. */
export const secretsIn = (container: Container, current: () => SecretValue): Secrets => {
  const trip = container.tripTo('secrets');
  let known: { value: SecretValue; at: number } | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;

  const read = async (force = false): Promise<SecretValue> => {
    if (known && !force && container.now() - known.at < maxAge * 1000) return known.value;
    const value = await trip('read the secret', () => structuredClone(current()));
    known = { value, at: container.now() };
    return value;
  };
  const refreshed = async (): Promise<SecretValue> => {
    const now = container.now();
    if (now - refreshedAt < refresh * 1000) return read();
    const value = await read(true);
    refreshedAt = now;
    return value;
  };
  const keyIn = ({ applications }: SecretValue, hash: string) =>
    applications.find(({ api_key }) => sha256(api_key) === hash);

  return {
    keyByHash: async (hash) => keyIn(await read(), hash) ?? keyIn(await refreshed(), hash),
    // A delivery is told by its id; its signature has tests of its own.
    webhookSecrets: async () => [],
    keyHashes: async () => (await read()).applications.map(({ api_key }) => sha256(api_key)),
    callbackSecrets: async ({ fresh } = { fresh: false }) => (await (fresh ? refreshed() : read())).callback_secrets,
  };
};
