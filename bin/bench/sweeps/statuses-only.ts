// LEIA as far as a sweep goes in which nothing has changed: every job that it is asked about is READY. Its answers are
// made up once, so that making them does not count the next time.
import { setTimeout as pause } from 'node:timers/promises';
import { anApplication } from '../../../test/support/callers.ts';

export const statusesOnly = ({ millis, onRequest }: { millis: number; onRequest: () => void }) => {
  const answers = new Map<string, Buffer<ArrayBuffer>>();
  const answerTo = (target: string): Buffer<ArrayBuffer> => {
    const parts = new URL(target).pathname.split('/');
    const body = parts.at(-1) === 'login' ? { token: 'a-token', application: anApplication() } : statusesOf(parts);
    return Buffer.from(JSON.stringify(body));
  };
  const fetch: typeof globalThis.fetch = async (target) => {
    onRequest();
    const address = String(target);
    const answer = answers.get(address) ?? answerTo(address);
    answers.set(address, answer);
    await pause(millis);
    return new Response(answer, { headers: { 'content-type': 'application/json' } });
  };
  return { url: 'https://leia.example/leia/1.0.0', fetch };
};

const statusesOf = (parts: readonly string[]): Record<string, string> => {
  if (parts.at(-1) !== 'status') throw new Error(`A sweep in which nothing has changed asks LEIA for ${parts.at(-1)}`);
  const ids = decodeURIComponent(parts.at(-2) ?? '').split(',');
  return Object.fromEntries(ids.map((one) => [one, 'READY']));
};
