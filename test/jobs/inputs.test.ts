import { describe, expect, it } from 'vitest';
import { BadInput } from '../../functions/jobs/bad-input.ts';
import {
  booleanOf,
  enumOf,
  idempotencyKeyOf,
  idListOf,
  idOf,
  integerOf,
  lastOf,
  modelIdOf,
  textOf,
} from '../../functions/jobs/inputs.ts';
import { statuses } from '../../functions/jobs/job.ts';

describe('a scalar of a query', () => {
  it('is the last of repeated values', () => {
    expect(lastOf(new URLSearchParams('tag=a&tag=b'), 'tag')).toBe('b');
    expect(lastOf(new URLSearchParams('tag=a'), 'other')).toBeUndefined();
  });

  it.each(['true', 'True', 'TRUE'])('is true as %s', (text) => expect(booleanOf('f', text)).toBe(true));
  it.each(['false', 'False'])('is false as %s', (text) => expect(booleanOf('f', text)).toBe(false));
  it.each(['', '1', 'yes', 'true '])('is no boolean as "%s"', (text) =>
    expect(() => booleanOf('f', text)).toThrow(BadInput),
  );

  it.each([
    ['0', 0],
    ['-1', -1],
    ['100', 100],
  ])('is an integer as %s', (text, number) => expect(integerOf('n', text, { min: -1, max: 100 })).toBe(number));
  it.each(['', '1.0', '1e1', '0x1', '101', '-2', ' 1'])('is no integer from -1 to 100 as "%s"', (text) =>
    expect(() => integerOf('n', text, { min: -1, max: 100 })).toThrow('n: expected an integer from -1 to 100'),
  );
});

describe('an enum', () => {
  const jobTypes = ['predict', 'pdf-images', 'image-text', 'transform'] as const;

  it.each([
    ['pdf-images', 'pdf-images'],
    ['JobTypes.PDF_IMAGES', 'pdf-images'],
    ['JobTypes.PREDICT', 'predict'],
  ])('is read from %s', (text, value) => expect(enumOf('job_type', text, jobTypes)).toBe(value));

  it('is read from the text that Python makes of a status', () =>
    expect(enumOf('status', 'Statuses.PROCESSED', statuses)).toBe('PROCESSED'));

  it.each(['', 'PDF_IMAGES', 'Pdf-Images', '.PREDICT', 'A.B.PREDICT', 'JobTypes.', 'JobTypes.predic'])(
    'is not read from "%s"',
    (text) =>
      expect(() => enumOf('job_type', text, jobTypes)).toThrow(
        'job_type: expected one of predict, pdf-images, image-text, transform',
      ),
  );
});

describe('ids', () => {
  it.each(['507f191e810c19729de860ea', 'a', 'A_b-9', 'x'.repeat(64)])('%s is an id', (id) =>
    expect(idOf('job_id', id)).toBe(id),
  );
  it.each(['', '.', 'a.b', 'a/b', 'a b', 'a\0', 'é', 'x'.repeat(65)])('"%s" is none', (id) =>
    expect(() => idOf('job_id', id)).toThrow(/^job_id: expected an id/),
  );
  it.each(['my-model~1', 'leia.models.v1', '...'])('%s names a model', (id) =>
    expect(modelIdOf('model_id', id)).toBe(id),
  );
  it.each(['', '.', '..', 'a/b', 'x'.repeat(129)])('"%s" names none', (id) =>
    expect(() => modelIdOf('model_id', id)).toThrow(BadInput),
  );
});

describe('a list of ids', () => {
  it('keeps order and duplicates', () => expect(idListOf('ids', 'b,a,b', 3)).toEqual(['b', 'a', 'b']));
  it('ends somewhere', () => expect(() => idListOf('ids', 'a,b,c', 2)).toThrow('ids: expected at most 2 ids'));
  it.each(['', ',', 'a,', ',a', 'a,,b', 'a, b'])('is not "%s"', (text) =>
    expect(() => idListOf('ids', text, 9)).toThrow(BadInput),
  );
});

describe('a line of text', () => {
  it('may say anything visible', () => expect(textOf('tag', 'Entrée 1 · ✓')).toBe('Entrée 1 · ✓'));
  it.each(['', 'a\0', 'a\nb', '\u0085', '\ud800', 'x'.repeat(256)])('is not %j', (text) =>
    expect(() => textOf('tag', text)).toThrow(/^tag: expected 1 to 255 characters/),
  );
});

describe('the header Idempotency-Key', () => {
  it('may be absent', () => expect(idempotencyKeyOf({})).toBeUndefined());
  it('is printable ASCII', () => expect(idempotencyKeyOf({ 'idempotency-key': 'order 42!' })).toBe('order 42!'));
  it.each(['', 'é', 'a\tb', 'x'.repeat(256)])('is not %j', (key) =>
    expect(() => idempotencyKeyOf({ 'idempotency-key': key })).toThrow(/^Idempotency-Key: expected/),
  );
});
