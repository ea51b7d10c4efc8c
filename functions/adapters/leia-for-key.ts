// LEIA for whoever holds one of the bundle's API keys (D9).
import { type LeiaOptions, leiaClient } from './leia.ts';
import type { Leia, LeiaForKey } from './leia-api.ts';

/** What this needs of the secret. */
export type Keys = { keyByHash(hash: string): Promise<{ leia_api_key: string } | undefined> };

/**
 * One client for each of LEIA's keys, kept for the container's life; keys that share a LEIA key share its token. The
 * secret is asked each time: a key that left it gets no client, one whose LEIA key changed gets the new one's.
 */
export const leiaForKey = (keys: Keys, options: LeiaOptions): LeiaForKey => {
  const clients = new Map<string, Leia>();
  return async (keyHash) => {
    const apiKey = (await keys.keyByHash(keyHash))?.leia_api_key;
    if (apiKey === undefined) return undefined;
    const client = clients.get(apiKey) ?? leiaClient({ ...options, apiKey });
    clients.set(apiKey, client);
    return client;
  };
};
