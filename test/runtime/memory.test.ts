import { expect, it } from 'vitest';
import { memory } from '../../functions/runtime/memory.ts';
import { seconds, T0 } from '../support/jobs.ts';

it('keeps a value for its time, and the newest thousand of them', () => {
  let now = T0;
  const kept = memory<number>(() => now, 60);
  for (let nth = 0; nth < 1000; nth += 1) kept.note(`${nth}`, nth);
  now += seconds(59);
  expect([kept.of('0'), kept.of('999')]).toEqual([0, 999]);
  kept.note('0', 7);
  kept.note('another', 8);
  expect([kept.of('0'), kept.of('1'), kept.of('another')]).toEqual([7, undefined, 8]);
  kept.note('another', undefined);
  expect(kept.of('another')).toBeUndefined();
  now += seconds(1);
  expect([kept.of('0'), kept.of('999')]).toEqual([7, undefined]);
});
