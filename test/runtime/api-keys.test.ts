import { describe, expect, it } from 'vitest';
import { withoutApiKeys } from '../../functions/runtime/api-keys.ts';

const through = (text: string) => Buffer.from(withoutApiKeys(Buffer.from(text))).toString();

describe('what LEIA answers', () => {
  it.each([
    ['an Application', '{"id":"a","api_key":"k"}', { id: 'a' }],
    ['a list of them', '[{"id":"a","api_key":"k"},{"id":"b"}]', [{ id: 'a' }, { id: 'b' }]],
    ['a LoginToken', '{"token":"t","application":{"id":"a","api_key":"k"}}', { token: 't', application: { id: 'a' } }],
    ['an escaped key', '{"id":"a","\\u0061pi_key":"k"}', { id: 'a' }],
  ])('shows no key of %s', (_name, text, shown) => expect(JSON.parse(through(text))).toEqual(shown));

  it.each([
    '{"accuracy": 1.0, "score":1.0}',
    '{"prediction":{"api_key":"a field of a form"}}',
    '[1.0, "api_key"]',
    'no JSON: "api_key"',
    '"api_key"',
    '',
  ])('is not touched otherwise: %s', (text) => expect(through(text)).toBe(text));

  it('may be bytes', () => {
    const bytes = Uint8Array.of(0x89, 0x50, 0xff, 0);
    expect(withoutApiKeys(bytes)).toBe(bytes);
  });
});
