import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callbackKeys } from '../../functions/adapters/callback-keys.ts';
import type { CallbackSecrets } from '../../functions/adapters/secrets.ts';
import { id } from '../support/jobs.ts';

const root = 'http://127.0.0.1:4566/_aws/execute-api/abc/$default';

/** Keys over secrets that are read again only when asked to be fresh, as the secret's cache does. */
const keysOf = (...versions: [CallbackSecrets, ...CallbackSecrets[]]) => {
  let [present] = versions;
  const callbackSecrets = async ({ fresh } = { fresh: false }): Promise<CallbackSecrets> => {
    if (fresh) present = versions.at(-1) ?? present;
    return present;
  };
  return callbackKeys({ secrets: { callbackSecrets }, baseUrl: root });
};

const first = { current: 'first-secret' };
const rotated = { current: 'second-secret', previous: 'first-secret' };
const macIn = (url: string): string => url.split('/').at(-1) ?? '';

describe('a callback URL', () => {
  it('names its job below the root that LEIA can reach', async () => {
    const url = await keysOf(first).callbackUrl(id(1));
    expect(url).toMatch(new RegExp(`^${root.replaceAll('$', '\\$')}/callbacks/${id(1)}/[0-9a-f]{64}$`));
  });

  it('is accepted for its own job only', async () => {
    const keys = keysOf(first);
    const mac = macIn(await keys.callbackUrl(id(1)));
    expect(await keys.verify(id(1), mac)).toBe(true);
    expect(await keys.verify(id(2), mac)).toBe(false);
  });

  it.each(['', 'x', 'é'.repeat(64), '0'.repeat(64), '0'.repeat(63), '0'.repeat(1000)])(
    'with the MAC %j is not',
    async (mac) => {
      expect(await keysOf(first).verify(id(1), mac)).toBe(false);
    },
  );

  it('is accepted after one rotation of the secret, not after two', async () => {
    const mac = macIn(await keysOf(first).callbackUrl(id(1)));
    expect(await keysOf(rotated).verify(id(1), mac)).toBe(true);
    expect(await keysOf({ current: 'third-secret', previous: 'second-secret' }).verify(id(1), mac)).toBe(false);
  });

  it('made with a newer secret than this container has read is accepted', async () => {
    const mac = macIn(await keysOf(rotated).callbackUrl(id(1)));
    expect(await keysOf(first, rotated).verify(id(1), mac)).toBe(true);
  });
});

describe('the job of a callback URL that LEIA echoes', () => {
  it('is known whatever host the URL has now, for any id', async () => {
    const keys = keysOf(rotated);
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: 'grapheme' }), async (jobId) => {
        const url = await keys.callbackUrl(jobId);
        expect(await keys.jobIdOf(url)).toBe(jobId);
        expect(await keys.jobIdOf(url.replace(root, 'https://jobs.example.org/x'))).toBe(jobId);
      }),
    );
  });

  it.each([
    'https://client.example.org/done',
    `${root}/callbacks/${id(1)}/${'0'.repeat(64)}`,
    `${root}/callbacks/%E0%A4%A/${'0'.repeat(64)}`,
    `${root}/callbacks/${id(1)}/`,
    '',
  ])('is none of ours: %s', async (url) => {
    expect(await keysOf(first).jobIdOf(url)).toBeUndefined();
  });
});
