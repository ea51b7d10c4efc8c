import { createHash, createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sha256 } from '../../functions/adapters/aws-sha256.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const text = fc.string({ unit: 'binary', maxLength: 200 });
const chunks = fc.array(fc.oneof(bytes, text), { maxLength: 5 });

const digestOf = async (hash: Sha256, data: (Uint8Array | string)[]): Promise<string> => {
  for (const chunk of data) hash.update(chunk);
  return Buffer.from(await hash.digest()).toString('hex');
};

const nodes = (secret: Uint8Array | string | undefined, data: (Uint8Array | string)[]): string => {
  const hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  return hash.update(Buffer.concat(data.map((chunk) => Buffer.from(chunk)))).digest('hex');
};

describe('the digest', () => {
  it.each([
    ['without a secret', fc.constant(undefined)],
    ['with a secret of bytes', bytes],
    ['with a secret text', text],
  ])('%s is that of node:crypto, whatever the chunks, and again after a reset', (_, secrets) =>
    fc.assert(
      fc.asyncProperty(secrets, chunks, chunks, async (secret, first, second) => {
        const hash = new Sha256(secret);
        expect(await digestOf(hash, first)).toBe(nodes(secret, first));
        hash.reset();
        for (const chunk of first) hash.update(chunk);
        hash.reset();
        expect(await digestOf(hash, second)).toBe(nodes(secret, second));
      }),
    ),
  );

  it('takes a part of a buffer, or a whole one, for what it shows', async () => {
    const whole = Uint8Array.from({ length: 64 }, (_, index) => index + 100);
    const part = whole.subarray(8, 40);
    const data = new DataView(whole.buffer, 8, 32);
    for (const [secret, shown] of [[part, part] as const, [data, part] as const, [whole.buffer, whole] as const]) {
      const hash = new Sha256(secret);
      hash.update(secret);
      expect(Buffer.from(await hash.digest()).toString('hex')).toBe(nodes(shown, [shown]));
    }
  });

  it('reads a text in the encoding that is named', async () => {
    const hash = new Sha256();
    hash.update('\u00e9', 'latin1');
    expect(await digestOf(hash, [])).toBe(nodes(undefined, [Uint8Array.of(0xe9)]));
  });
});
