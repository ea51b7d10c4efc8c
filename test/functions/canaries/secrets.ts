// What is secret in these tests, and everything that was seen of where it must not lie.
import type { Place } from '../../support/canaries.ts';

export const API_KEY = 'canary-api-key-5uq0z7h1';
export const UNKNOWN_KEY = 'canary-unknown-key-8k2v4n9x';
export const UNKNOWN_TOKEN = 'canary-unknown-token-w3e5r7t9';
export const CALLBACK_SECRET = 'canary-callback-secret-p0o9i8u7';
export const CONTENT = 'canary-content-of-a-document-a1s2d3f4';
export const RESULT = 'canary-result-of-a-job-z9x8c7v6';
export const HEADER = 'canary-callback-header-q1w2e3r4';
export const URL_TOKEN = 'canary-in-a-callback-url-m5n6b7v8';
/** Each secret, and what it is; those that are made on the way are added. */
export const secrets = new Map<string, string>([
  [API_KEY, 'an API key'],
  [UNKNOWN_KEY, 'an API key that nobody knows'],
  [UNKNOWN_TOKEN, 'a token that nobody knows'],
  [CALLBACK_SECRET, 'the callback secret'],
  [CONTENT, 'a document'],
  [RESULT, 'a result'],
  [HEADER, 'a callback header'],
  [URL_TOKEN, 'a caller’s callback URL'],
]);

export const places: Place[] = [];
export const note = (channel: string, value: unknown): void =>
  void places.push({ channel, text: typeof value === 'string' ? value : JSON.stringify(value) });
export const textsOf = (channel: string): string[] =>
  places.filter((place) => place.channel === channel).map(({ text }) => text);
