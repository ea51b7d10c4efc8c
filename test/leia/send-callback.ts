import pLimit from 'p-limit';
import type { SendCallback } from './engine.ts';

const timeoutMs = 10_000;

/** So many are on their way at once, as from a service with a few senders; the others wait for their turn. */
const senders = 8;

/** What sends callbacks, in turn. */
export const createSender = (): SendCallback => {
  const turn = pLimit(senders);
  return (callback) => turn(() => sendOnce(callback));
};

/** One try of a callback: POST of the Job, redirects not followed, 10 s (contract §4.7). */
const sendOnce: SendCallback = async ({ url, headers, body }) => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    // A refused connection, a timeout or a URL that is none: all the same to LEIA.
    return 'unreachable';
  }
};
