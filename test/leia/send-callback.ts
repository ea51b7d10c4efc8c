import type { SendCallback } from './engine.ts';

const timeoutMs = 10_000;

/** One try of a callback: POST of the Job, redirects not followed, 10 s (contract §4.7). */
export const sendCallback: SendCallback = async ({ url, headers, body }) => {
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
