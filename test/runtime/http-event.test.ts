import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInput } from '../../functions/jobs/bad-input.ts';
import { cleanPath, gatewayReply, requestOf, withCleanPath } from '../../functions/runtime/http-event.ts';
import { gatewayEvent } from '../support/gateway.ts';

describe('a path', () => {
  it.each([
    ['/leia/1.0.0/job', '/leia/1.0.0/job'],
    ['//leia//1.0.0///job', '/leia/1.0.0/job'],
    ['/leia/1.0.0/job/', '/leia/1.0.0/job'],
    ['', '/'],
    ['/', '/'],
    ['///', '/'],
    ['/a,b', '/a,b'],
    ['/a%2Cb', '/a,b'],
    ['/100%25', '/100%'],
    ['/a%252Cb', '/a%2Cb'],
    ['/a%2Fb', '/a/b'],
    ['/tag/été', '/tag/été'],
    ['/...', '/...'],
  ])('%s is %s', (raw, clean) => expect(cleanPath(raw)).toBe(clean));

  it.each(['/a\0', '/a%00', '/a\nb', '/%', '/%ff', '/a/../b', '/a/%2e%2e/b', '/..', '/./a', '/\ud800'])(
    'is not %j',
    (raw) => expect(() => cleanPath(raw)).toThrow(/^path: expected/),
  );

  it('comes out clean or not at all, and stays as it is when cleaned again', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('/', '.', 'a', '%25', '%2F', '%2e', ',', ' ') }), (raw) => {
        try {
          const path = cleanPath(raw);
          expect(path).toMatch(/^\/(?:[^/]+(?:\/[^/]+)*)?$/);
          expect(path.split('/')).not.toContain('..');
          expect(cleanPath(path.replaceAll('%', '%25'))).toBe(path);
        } catch (error) {
          expect(error).toBeInstanceOf(BadInput);
        }
      }),
    ));
});

describe('a request', () => {
  const request = (sent: Partial<Parameters<typeof gatewayEvent>[0]>) =>
    requestOf(withCleanPath(gatewayEvent({ path: '/x', ...sent })));

  it('has its query as it was sent, repeated keys and blanks included', () => {
    const { query, rawQuery } = request({ query: 'tags=t+1&tags=t%202&x=a%2Bb' });
    expect(query.getAll('tags')).toEqual(['t 1', 't 2']);
    expect(query.get('x')).toBe('a+b');
    expect(rawQuery).toBe('tags=t+1&tags=t%202&x=a%2Bb');
  });

  it('has headers by lower-case names', () =>
    expect(request({ headers: { Token: 't' } }).headers).toEqual({ token: 't' }));

  it('has its body as bytes, text or not', () => {
    expect(Buffer.from(request({ body: 'é' }).body).toString()).toBe('é');
    expect([...request({ body: Uint8Array.of(0, 255, 10) }).body]).toEqual([0, 255, 10]);
    expect(request({}).body).toHaveLength(0);
  });

  it('knows nothing of what API Gateway made of its path', () => {
    const event = { ...gatewayEvent({ path: '/x' }), pathParameters: { job_id: 'theirs' } };
    expect(requestOf(withCleanPath(event)).params).toEqual({});
  });
});

describe('a reply', () => {
  it('is text as it is', () =>
    expect(gatewayReply({ status: 200, headers: { a: 'b' }, body: '{}' })).toEqual({
      statusCode: 200,
      headers: { a: 'b' },
      body: '{}',
    }));
  it('is bytes as base64', () =>
    expect(gatewayReply({ status: 200, body: Uint8Array.of(0, 255) })).toMatchObject({
      body: 'AP8=',
      isBase64Encoded: true,
    }));
  it('may have no body', () => expect(gatewayReply({ status: 204 })).toEqual({ statusCode: 204, headers: {} }));
});
