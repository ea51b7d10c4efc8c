import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInput } from '../../functions/jobs/bad-input.ts';
import { jsonObjectInText, jsonObjectOf, MAX_BODY_BYTES } from '../../functions/jobs/json-body.ts';

const read = (text: string) => jsonObjectOf('body', Buffer.from(text));
const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

describe('a JSON body', () => {
  it('is an object when there is none at all: Java and Python send none', () => expect(read('')).toEqual({}));

  it('is whatever object was meant', () =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().map((key) => `k${key}`),
          fc.jsonValue(),
        ),
        (object) => {
          const wire = JSON.stringify(object);
          fc.pre(!/\\u0000|\\ud[89a-f]|__proto__|constructor|prototype/i.test(wire));
          expect(read(wire)).toEqual(JSON.parse(wire));
        },
      ),
    ));

  it('may be 64 levels deep, and brackets within strings count for nothing', () => {
    expect(read(nested(64))).toHaveProperty('a');
    expect(read(JSON.stringify({ a: '[{'.repeat(500), b: '\\"[[' }))).toHaveProperty('b', '\\"[[');
  });

  it.each([
    ['not JSON', 'not json', 'JSON'],
    ['JSON with a rest', '{} {}', 'JSON'],
    ['an array', '[]', 'a JSON object'],
    ['null', 'null', 'a JSON object'],
    ['a string', '"{}"', 'a JSON object'],
    ['65 levels', nested(65), 'at most 64 levels of nesting'],
    ['a megabyte of nesting', '['.repeat(MAX_BODY_BYTES), 'at most 64 levels of nesting'],
    ['a megabyte of objects', '{"a":'.repeat(MAX_BODY_BYTES / 5), 'at most 64 levels of nesting'],
    ['more than a megabyte', `{"a":"${'x'.repeat(MAX_BODY_BYTES)}"}`, 'at most 1048576 bytes'],
    ['__proto__', '{"a":{"__proto__":{"b":1}}}', 'no key `__proto__`'],
    ['an escaped __proto__', '{"\\u005f_proto__":1}', 'no key `__proto__`'],
    ['constructor', '{"a":[{"constructor":1}]}', 'no key `__proto__`'],
    ['prototype', '{"prototype":1}', 'no key `__proto__`'],
    ['NUL', '{"a":"b\\u0000"}', 'text without NUL'],
    ['NUL in a key', '{"a\\u0000":1}', 'text without NUL'],
    ['half a character', '{"a":"\\ud800"}', 'text without NUL or broken characters'],
    ['an endless number', '{"a":1e999}', 'finite numbers'],
  ])('is not %s', (_name, text, expected) => expect(() => read(text)).toThrow(`body: expected ${expected}`));

  it('is UTF-8', () =>
    expect(() => jsonObjectOf('body', Buffer.from([0x7b, 0xff, 0x7d]))).toThrow('body: expected UTF-8'));

  it('is looked at in one pass, however its quotes are escaped', () =>
    expect(() => read('\\"'.repeat(MAX_BODY_BYTES / 2))).toThrow(BadInput));

  it('never shows its contents in an error', () =>
    expect(() => read('{"secret": hush}')).toThrow(/^body: expected JSON$/));
});

describe('a JSON body whose keys become values', () => {
  const readAny = (text: string) => jsonObjectOf('body', Buffer.from(text), { anyNames: true });

  it('may have any keys, as long as they are text', () => {
    expect(Object.keys(readAny('{"__proto__":1,"constructor":{"prototype":2}}'))).toEqual(['__proto__', 'constructor']);
    for (const text of ['{"\\u0000":1}', '{"\\ud800":1}', '{"a":1e400}']) expect(() => readAny(text)).toThrow(BadInput);
  });
});

describe('JSON within a query', () => {
  it('is an object or nothing', () => {
    expect(jsonObjectInText('p', ' {"a":1.5}')).toEqual({ a: 1.5 });
    for (const text of ['', '{threshold=0.5, k=v}', "{'threshold': 0.5}", '[1]', 'null', '1']) {
      expect(jsonObjectInText('p', text)).toBeUndefined();
    }
  });
  it('is held to the same bounds', () => {
    expect(() => jsonObjectInText('p', nested(65))).toThrow(BadInput);
    expect(() => jsonObjectInText('p', '{"__proto__":1}')).toThrow(BadInput);
  });
});
