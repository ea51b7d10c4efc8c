import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowListOf, isAllowListEntry, mayConnect, refusalOf } from '../../functions/jobs/callback-address.ts';
import { hostileHosts, hostileUrls, legalUrls } from '../support/hostile-targets.ts';

const nothing = allowListOf([]);
const refusal = (text: string, allowed = nothing): string | undefined => {
  const url = URL.parse(text);
  return url === null ? 'no URL' : refusalOf(url, allowed);
};
const connects = (address: string, allowed = nothing, host = 'cb.example'): boolean =>
  mayConnect(address, { host, allowed });

describe('a callback URL', () => {
  it.each(hostileUrls(80))('is refused: %s', (text) => expect(refusal(text)).toEqual(expect.any(String)));
  it.each(legalUrls)('may be %s', (text) => expect(refusal(text)).toBeUndefined());
  it('is tried in more than a hundred hostile forms', () => expect(new Set(hostileUrls(80)).size).toBeGreaterThan(100));
});

describe('an address to connect to', () => {
  it.each(Object.entries(hostileHosts))('of %s is not for us: %j', (_host, addresses) =>
    expect(addresses.every((address) => connects(address))).toBe(false),
  );
  it.each(['8.8.8.8', '93.184.215.14', '2606:4700:4700::1111'])('may be %s', (address) =>
    expect(connects(address)).toBe(true),
  );
  it.each(['', 'cb.example', '127.1', '0x7f.1', '1', '8.8.8', '8.8.8.8.8'])('is none: "%s"', (text) =>
    expect(connects(text)).toBe(false),
  );
});

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const wordOf = ([a, b, c, d]: [number, number, number, number]) => a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;

describe('an IPv4 address', () => {
  it('is the same in all its spellings', () => {
    fc.assert(
      fc.property(octets, (four) => {
        const dotted = refusal(`http://${four.join('.')}/`);
        const word = wordOf(four);
        const spellings = [
          String(word),
          `0x${word.toString(16)}`,
          `0${word.toString(8)}`,
          four.map((one) => `0x${one.toString(16)}`).join('.'),
          four.map((one) => `0${one.toString(8)}`).join('.'),
          `${four[0]}.${four[1]}.${four[2] * 256 + four[3]}`,
          `${four.join('.')}.`,
        ];
        for (const spelling of spellings) expect(refusal(`http://${spelling}/`), spelling).toBe(dotted);
      }),
    );
  });

  it('inside of an IPv6 address is refused, whatever it is', () => {
    fc.assert(
      fc.property(octets, (four) => {
        const word = wordOf(four);
        const [high, low] = [Math.floor(word / 65_536).toString(16), (word % 65_536).toString(16)];
        for (const around of [`::ffff:${high}:${low}`, `64:ff9b::${high}:${low}`, `2002:${high}:${low}::1`]) {
          expect(connects(around), around).toBe(false);
          expect(refusal(`http://[${around}]/`), around).toBeDefined();
        }
      }),
    );
  });

  it('may be called at submission exactly if it may be connected to', () => {
    fc.assert(
      fc.property(octets, (four) => {
        const text = four.join('.');
        expect(refusal(`http://${text}/`) === undefined).toBe(connects(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an allow-list', () => {
  it('opens addresses, ranges and hosts, and nothing beside them', () => {
    const allowed = allowListOf(['127.0.0.1', '10.1.0.0/16', 'fd00::/8', 'Hooks.corp.internal']);
    for (const open of ['http://127.0.0.1:8080/', 'http://2130706433/', 'http://10.1.255.1/', 'http://[fd12::1]/'])
      expect(refusal(open, allowed), open).toBeUndefined();
    for (const shut of ['http://127.0.0.2/', 'http://10.2.0.1/', 'http://[::1]/', 'http://[::ffff:127.0.0.1]/'])
      expect(refusal(shut, allowed), shut).toBeDefined();
    expect(refusal('http://hooks.corp.internal:8443/', allowed)).toBeUndefined();
    expect(refusal('http://hooks.corp.internal./', allowed)).toBeUndefined();
    expect(refusal('http://other.corp.internal/', allowed)).toBeDefined();
    expect(refusal('http://x.hooks.corp.internal/', allowed)).toBeDefined();
  });

  it('lets a host that it names have any address, but no other host', () => {
    const allowed = allowListOf(['hooks.example.com']);
    expect(connects('10.0.0.1', allowed, 'hooks.example.com')).toBe(true);
    expect(connects('10.0.0.1', allowed, 'hooks.example.org')).toBe(false);
  });

  it('opens no scheme, user or port', () => {
    const allowed = allowListOf(['127.0.0.1', 'cb.example']);
    for (const shut of ['file://127.0.0.1/x', 'http://user@127.0.0.1/', 'http://cb.example:0/'])
      expect(refusal(shut, allowed), shut).toBeDefined();
  });

  it.each([
    '',
    ' ',
    '127.1',
    '0x7f000001',
    '10.0.0.0/33',
    'http://a.example',
    'a.example:80',
    'a.example/x',
    '*.example',
    'a@b',
  ])('has no entry "%s"', (entry) => {
    expect(isAllowListEntry(entry)).toBe(false);
    expect(() => allowListOf([entry])).toThrow('Neither an address');
  });
});
