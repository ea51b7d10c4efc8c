import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toInstant } from '../../functions/jobs/timestamp.ts';

describe('an instant, however it is written', () => {
  it.each([
    ['2018-11-07T16:02:29.761Z', '2018-11-07T16:02:29.761Z'],
    ['2018-11-07T16:02:29Z', '2018-11-07T16:02:29.000Z'],
    ['2018-11-07T16:02:29.761000Z', '2018-11-07T16:02:29.761Z'],
    ['2018-11-07T16:02:29.761999999Z', '2018-11-07T16:02:29.761Z'],
    ['2018-11-07T16:02:29.7Z', '2018-11-07T16:02:29.700Z'],
    ['2018-11-07T16:02:29.761+00:00', '2018-11-07T16:02:29.761Z'],
    ['2018-11-07T16:02:29.761+0000', '2018-11-07T16:02:29.761Z'],
    ['2018-11-07T16:02:29+02:00', '2018-11-07T14:02:29.000Z'],
    ['2018-11-07T16:02:29-0230', '2018-11-07T18:32:29.000Z'],
    ['2018-11-07T16:02:29 02:00', '2018-11-07T14:02:29.000Z'],
    ['2018-11-07T16:02:29', '2018-11-07T16:02:29.000Z'],
    ['2018-11-07 16:02:29.5', '2018-11-07T16:02:29.500Z'],
  ])('%s is %s', (written, instant) => {
    expect(toInstant(written)).toBe(instant);
  });

  it.each([
    '',
    'yesterday',
    '2018-11-07',
    '2018-02-30T00:00:00Z',
    '2018-11-07T25:00:00Z',
    '2018-11-07T16:02:29.Z',
    '1541606549',
    '0000-01-01T00:00:00+02:00',
  ])('%j is none', (written) => {
    expect(toInstant(written)).toBeUndefined();
  });

  it('what is in the right form already stays as it is', () => {
    const dates = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        expect(toInstant(date.toISOString())).toBe(date.toISOString());
      }),
    );
  });
});
