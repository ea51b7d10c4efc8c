import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobText, rawElements, rawMember, rawMembers } from '../../functions/jobs/raw-json.ts';

/** JSON text as anybody might write it: odd numbers, escapes, blanks, keys twice, `__proto__`. */
const blank = fc.constantFrom('', ' ', '\n', '\t\r\n ');
const number = fc.constantFrom('0', '-0', '1.0', '1e400', '-1.50E-7', '12345678901234567890', '0.1000');
const string = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"\\u003d"', '"\\ud800"', '"\\\\"', '"\\""', '"}],{["', '"\\/"', '"é\u2028"'),
);
const key = fc.oneof(string, fc.constantFrom('"__proto__"', '"10"', '"2"', '"result"', '"\\u0072esult"', '""'));
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(number, string, fc.constantFrom('true', 'false', 'null')),
    bracketed('[', ']', fc.array(padded(tie('value')), { maxLength: 4 })),
    bracketed('{', '}', fc.array(member(tie('value')), { maxLength: 4 })),
  ),
}));
function padded(inner: fc.Arbitrary<string>) {
  return fc.tuple(blank, inner, blank).map((parts) => parts.join(''));
}
function member(inner: fc.Arbitrary<string>) {
  return fc.tuple(padded(key), padded(inner)).map((parts) => parts.join(':'));
}
function bracketed(open: string, close: string, items: fc.Arbitrary<string[]>) {
  return fc
    .tuple(blank, items)
    .map(([inside, texts]) => open + (texts.length === 0 ? inside : texts.join(',')) + close);
}

describe('a member of an object, as text', () => {
  it('comes out byte for byte, whatever stands around it', () => {
    const others = fc.array(
      member(value).filter((text) => !Object.hasOwn(JSON.parse(`{${text}}`), 'result')),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(others, padded(value), others, (before, result, after) => {
        const text = `{${[...before, `"result":${result}`, ...after].join(',')}}`;
        expect(rawMember(text, 'result')).toBe(result.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));
      }),
    );
  });

  it('is the one that JSON.parse takes', () => {
    fc.assert(
      fc.property(
        bracketed('{', '}', fc.array(member(value), { maxLength: 5 })),
        fc.constantFrom('result', '__proto__', '10'),
        (text, name) => {
          const parsed: object = JSON.parse(text);
          const raw = rawMember(text, name);
          expect(raw === undefined ? undefined : JSON.parse(raw)).toEqual(
            Object.getOwnPropertyDescriptor(parsed, name)?.value,
          );
        },
      ),
    );
  });

  it('is absent from an object without it, and from what is no object', () => {
    for (const text of ['{}', ' { } ', '{"a":{"result":1}}', '["result"]', '"result"', '1', 'null']) {
      expect(rawMember(text, 'result')).toBeUndefined();
    }
  });
});

describe('the members of an object, as texts', () => {
  it('come out as they were written and in that order, numbers and repeated keys included', () => {
    const text = ' { "b" : 1.0 , "10":[1, 2],"2":{}, "\\u0062":"}", "__proto__":null } ';
    expect(rawMembers(text)).toEqual([
      { key: 'b', value: '1.0' },
      { key: '10', value: '[1, 2]' },
      { key: '2', value: '{}' },
      { key: 'b', value: '"}"' },
      { key: '__proto__', value: 'null' },
    ]);
  });

  it('are none of what is no object', () => {
    for (const text of ['{}', '[1]', '"a"', 'null']) expect(rawMembers(text)).toEqual([]);
  });
});

describe('the elements of an array, as texts', () => {
  it('come out byte for byte, in order', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), blank, (texts, gap) => {
        expect(rawElements(`${gap}[${gap}${texts.join(`${gap},${gap}`)}${gap}]${gap}`)).toEqual(texts);
      }),
    );
  });
});

describe('a job with its result spliced in', () => {
  it('is JSON whose other keys are the job and whose result is the text', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => name !== 'result'),
          fc.jsonValue(),
        ),
        value,
        (job, result) => {
          const text = jobText(job, result);
          expect(rawMember(text, 'result')).toBe(result);
          const { result: _result, ...rest } = JSON.parse(text);
          expect(rest).toEqual(JSON.parse(JSON.stringify(job)));
        },
      ),
    );
  });

  it('has a null for no result', () => {
    expect(jobText({ id: 'a' }, null)).toBe('{"id":"a","result":null}');
    expect(jobText({}, null)).toBe('{"result":null}');
  });

  it('keeps one-point-zero, huge numbers and twenty digits through a whole round trip', () => {
    const result = '{"accuracy":1.0,"score":1e400,"n":12345678901234567890,"__proto__":{"a":-0.0},"a":1,"a":2}';
    expect(rawMember(jobText({ id: 'a' }, rawMember(`{"result": ${result} }`, 'result') ?? null), 'result')).toBe(
      result,
    );
  });
});

describe('size', () => {
  it('five megabytes, a million levels and a string of quotes are no burden', () => {
    const numbers = `[${'1.0,'.repeat(1_000_000)}"${'\\"'.repeat(500_000)}"]`;
    const nested = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
    expect(rawMember(`{"a":${nested},"result":${numbers}}`, 'result')).toBe(numbers);
    expect(rawElements(numbers)).toHaveLength(1_000_001);
  });
});
