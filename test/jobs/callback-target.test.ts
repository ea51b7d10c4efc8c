import { describe, expect, it } from 'vitest';
import { callbackHeadersOf, callbackUrlOf } from '../../functions/jobs/callback-target.ts';

const url = (text: string) => callbackUrlOf('callback_url', text);
const headers = (value: Parameters<typeof callbackHeadersOf>[1]) => callbackHeadersOf('callback_headers', value);

describe('a callback URL', () => {
  it.each(['http://cb.example/', 'https://cb.example/x?y=1&z=a b', 'HTTPS://CB.example:8443/#f', 'http://127.0.0.1/'])(
    'may be %s, and is kept as it was written',
    (text) => expect(url(text)).toBe(text),
  );
  it.each([
    '',
    'cb.example',
    '/callback',
    '//cb.example',
    'ftp://cb.example',
    'javascript:alert(1)',
    'http:cb',
    'http:///x',
  ])('is not "%s"', (text) => expect(() => url(text)).toThrow(/^callback_url: expected/));
  it.each([
    'http://cb.example/\0',
    'http://cb.example/\r\nX: y',
    `http://cb.example/${'x'.repeat(2048)}`,
    'http://a b/',
  ])('is not %j', (text) => expect(() => url(text)).toThrow(/^callback_url: expected/));
});

describe('callback headers', () => {
  it('become text, and nulls count as absent', () =>
    expect(headers({ Authorization: 'Bearer x', 'x-n': 1.5, 'x-b': true, 'x-none': null })).toEqual({
      Authorization: 'Bearer x',
      'x-n': '1.5',
      'x-b': 'true',
    }));

  it.each([
    'Host',
    'content-length',
    'Connection',
    'TE',
    'Transfer-Encoding',
    'Upgrade',
    'webhook-id',
    'Webhook-Signature',
  ])('may not set %s', (name) =>
    expect(() => headers({ [name]: 'x' })).toThrow(`callback_headers.${name}: expected a header other than`),
  );

  it.each([
    ['text', 'Host: x'],
    ['an array', ['a']],
    ['an empty name', { '': 'x' }],
    ['a name with a blank', { 'a b': 'x' }],
    ['a name with a line break', { 'a\r\nb': 'x' }],
    ['a long name', { ['x'.repeat(129)]: 'x' }],
    ['a line break', { h: 'a\r\nb: c' }],
    ['a character beyond Latin-1', { h: '✓' }],
    ['a long value', { h: 'x'.repeat(4097) }],
    ['an object as value', { h: { a: 1 } }],
    ['one name twice', { h: 'a', H: 'b' }],
    ['51 headers', Object.fromEntries(Array.from({ length: 51 }, (_, nth) => [`h${nth}`, 'x']))],
  ])('are not %s', (_name, value) => expect(() => headers(value)).toThrow(/^callback_headers: expected/));
});
