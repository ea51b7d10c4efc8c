import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOfKey, mintId } from '../../functions/jobs/ids.ts';
import { sha256 } from '../../functions/runtime/hash.ts';

const anyTime = fc.integer({ min: 0, max: Date.parse('2100-01-01') });
const anyBytes = fc.uint8Array({ minLength: 8, maxLength: 8 });

describe('a minted id', () => {
  it('is 24 lower-case hex digits that begin with the second, like an ObjectId', () => {
    const id = mintId(Date.parse('2018-11-07T16:02:29.761Z'), (count) => new Uint8Array(count).fill(0xab));
    expect(id).toBe('5be30c95abababababababab');
  });

  it('always has that form', () =>
    fc.assert(fc.property(anyTime, anyBytes, (now, bytes) => /^[0-9a-f]{24}$/.test(mintId(now, () => bytes)))));

  it('sorts by age', () =>
    fc.assert(
      fc.property(anyTime, anyTime, anyBytes, anyBytes, (a, b, x, y) => {
        fc.pre(Math.floor(a / 1000) < Math.floor(b / 1000));
        expect(mintId(a, () => x) < mintId(b, () => y)).toBe(true);
      }),
    ));
});

describe('the id of an Idempotency-Key', () => {
  it('is the same each time, and an id like any other', () => {
    expect(idOfKey('app', 'key', sha256)).toBe(idOfKey('app', 'key', sha256));
    expect(idOfKey('app', 'key', sha256)).toMatch(/^[0-9a-f]{24}$/);
  });

  it('differs between applications, between keys, and however the two are divided', () => {
    const ids = [
      ['app', 'key'],
      ['app', 'key2'],
      ['app2', 'key'],
      ['appk', 'ey'],
    ].map(([application = '', key = '']) => idOfKey(application, key, sha256));
    expect(new Set(ids).size).toBe(4);
  });
});
