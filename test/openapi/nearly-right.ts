// Texts that are nearly right, and how a schema and a reader take them.
import fc from 'fast-check';
import { expect } from 'vitest';
import type * as z from 'zod';
import { BadInput } from '../../functions/jobs/bad-input.ts';

export const takes = (read: () => unknown): boolean => {
  try {
    read();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(BadInput);
    return false;
  }
};

export const examplesOf = (schema: z.ZodType): unknown[] => {
  const { examples } = schema.meta() ?? {};
  return Array.isArray(examples) ? examples : [];
};

export const odd = [
  '',
  ' ',
  '.',
  '..',
  '-',
  '0',
  '-0',
  '007',
  '1e2',
  '1.5',
  'true',
  'TRUE',
  'null',
  'a/b',
  'a,b',
  'é',
  'A b',
  'predict-',
  'predict-.',
  'a\0',
  'a\n',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(128),
  'x'.repeat(129),
  'x'.repeat(255),
  'x'.repeat(256),
  '9'.repeat(15),
  '9'.repeat(16),
  'http://',
  'http:///a',
  'HTTPS://é',
  'ftp://a',
  '2018-02-30T00:00:00',
  '2018-02-28T00:00:00 02:00',
  '2018-02-28T24:00:00',
  '::0',
  '1:2:-3',
  ' 1 , 2 ',
  ',',
  'creation_time,',
  '-status,status',
];

/** Texts that are nearly right. */
export const texts = (examples: unknown[]): fc.Arbitrary<string> => {
  const seeds = fc.constantFrom(...examples.map(String), ...odd);
  const bent = fc
    .tuple(
      seeds,
      fc.nat(),
      fc.constantFrom('', '.', ',', '-', ':', '/', ' ', '\t', '0', 'Z', 'é', '\0', '😀'),
      fc.nat(2),
    )
    .map(([text, at, inserted, cut]) => {
      const start = text.length === 0 ? 0 : at % text.length;
      return text.slice(0, start) + inserted + text.slice(start + cut);
    });
  return fc.oneof(seeds, bent, fc.string({ unit: 'binary', maxLength: 40 }));
};

/** What the description leaves to words: Python's words, and characters that no text may hold. */
export const isSaidInWords = (text: string): boolean =>
  /^\w+\.\w+$/.test(text) || (/^(?:true|false)$/i.test(text) && !/^(?:true|false)$/.test(text)) || !isText(text);
export const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** A text of a query as the value that it means in a schema. */
export const meantBy = (schema: z.ZodType, text: string): unknown => {
  if (schema.safeParse(true).success && /^(?:true|false)$/.test(text)) return text === 'true';
  return schema.safeParse(1).success && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
};

export const fieldsOf = (schema: z.ZodObject): [string, z.ZodType][] =>
  Object.entries(schema.shape).map(([name, field]) => [name, inner(field as z.ZodType)]);
const inner = (schema: z.ZodType): z.ZodType => {
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return schema.type === 'optional' || schema.type === 'nullable' ? inner(innerType ?? schema) : schema;
};
