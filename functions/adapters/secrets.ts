// The bundle's secret (D9): whose API keys are let in, as whom they go to LEIA, what callback URLs are signed with.
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { sha256 } from '../runtime/hash.ts';

export type ApplicationKey = { api_key: string; leia_api_key: string };
export type CallbackSecrets = { current: string; previous?: string | undefined };

/** All answers are at most the store's maximum age old. @throws Error that names what is wrong with the secret, never what is in it. */
export type Secrets = {
  /** The API key with this SHA-256, and the LEIA key it stands for. An unknown hash makes it look again. */
  keyByHash(hash: string): Promise<ApplicationKey | undefined>;
  /** SHA-256 of every API key. */
  keyHashes(): Promise<string[]>;
  /** What callbacks to the application of this key are signed with: one secret for each of its keys that has one. */
  webhookSecrets(hash: string): Promise<string[]>;
  /** `fresh`: look again, for a MAC that fits neither. */
  callbackSecrets(options?: { fresh: boolean }): Promise<CallbackSecrets>;
};

export type SecretStoreOptions = {
  client: SecretsManagerClient;
  /** Name or ARN. */
  secretName: string;
  maxAgeSeconds: number;
  /** Epoch milliseconds. */
  now: () => number;
};

const key = z.string().min(1);
/** A short one could be guessed, and with it every callback URL. */
const callbackSecret = z.string().min(16);

const Bundle = z
  .object({
    applications: z.array(z.object({ api_key: key, leia_api_key: key.nullish(), webhook_secret: key.nullish() })),
    /** What the deployment generates: CloudFormation can only put it here. Counts until `callback_secrets` is there. */
    callback_secret: callbackSecret.optional(),
    callback_secrets: z.object({ current: callbackSecret, previous: callbackSecret.nullish() }).optional(),
  })
  .transform(({ applications, callback_secret: generated, callback_secrets: given }, context) => {
    const current = given?.current ?? generated;
    if (current === undefined) {
      context.issues.push({
        code: 'custom',
        path: ['callback_secrets', 'current'],
        message: 'missing',
        input: undefined,
      });
      return z.NEVER;
    }
    const keys = applications.map(({ api_key, leia_api_key, webhook_secret }) => ({
      api_key,
      leia_api_key: leia_api_key ?? api_key,
      webhook_secret: webhook_secret ?? undefined,
    }));
    return {
      keys: new Map(keys.map((each) => [sha256(each.api_key), each])),
      callbackSecrets: { current, previous: given?.previous ?? generated },
    };
  });
type Bundle = z.infer<typeof Bundle>;

/** However many unknown keys and wrong MACs arrive, the secret is read no more often than this. */
const refreshMillis = 10_000;

/** The secret, kept in memory for `maxAgeSeconds`. Nothing of it is logged. */
export const secretStore = ({ client, secretName, maxAgeSeconds, now }: SecretStoreOptions): Secrets => {
  const provider = new SecretsProvider({ awsSdkV3Client: client });
  let parsed: { text: string; bundle: Bundle } | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let refresh: Promise<Bundle> | undefined;

  const bundle = async (forceFetch = false): Promise<Bundle> => {
    const value = await provider.get(secretName, { maxAge: maxAgeSeconds, forceFetch });
    const text = typeof value === 'string' ? value : '';
    if (parsed?.text === text) return parsed.bundle;
    parsed = { text, bundle: parse(secretName, text) };
    return parsed.bundle;
  };

  const lookAgain = async (): Promise<Bundle> => {
    const began = now();
    const found = await bundle(true);
    refreshedAt = began;
    return found;
  };
  /** Only a look that succeeded counts: what is old would be taken for the secret of now, and a right MAC for a wrong one. */
  const refreshed = (): Promise<Bundle> => {
    if (now() - refreshedAt < refreshMillis) return bundle();
    refresh ??= lookAgain().finally(() => {
      refresh = undefined;
    });
    return refresh;
  };

  return {
    keyByHash: async (hash) => (await bundle()).keys.get(hash) ?? (await refreshed()).keys.get(hash),
    webhookSecrets: async (hash) => {
      const keys = [...(await bundle()).keys.values()];
      const leiaKey = (await bundle()).keys.get(hash)?.leia_api_key;
      const own = keys.filter(({ leia_api_key }) => leia_api_key === leiaKey);
      return [...new Set(own.flatMap(({ webhook_secret }) => webhook_secret ?? []))];
    },
    keyHashes: async () => [...(await bundle()).keys.keys()],
    callbackSecrets: async ({ fresh } = { fresh: false }) => (await (fresh ? refreshed() : bundle())).callbackSecrets,
  };
};

/** Errors say where, not what: a parser's own would quote the secret. */
const parse = (secretName: string, text: string): Bundle => {
  const result = Bundle.safeParse(jsonOf(text));
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path }) => path.join('.') || 'the whole');
  throw new Error(`The secret ${secretName} is not as it should be: see ${[...new Set(places)].join(', ')}`);
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
