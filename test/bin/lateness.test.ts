import { expect, it } from 'vitest';
import { lateness } from '../../bin/bench/table-requests.ts';

const request = (at: number, millis: number, late: number) => ({
  at,
  millis,
  late,
  operation: 'GetItem',
  jobWrites: 0,
});

it.each([
  ['none', [], 0],
  ['one that was late', [request(10, 5, 1)], 1],
  ['one that was early', [request(10, 3, -1)], 0],
  ['one after the other', [request(10, 5, 1), request(16, 6, 2)], 3],
  ['side by side, both late', [request(10, 5, 1), request(11, 5.5, 1.5)], 1.5],
  ['side by side, the first one late within the time of the second', [request(10, 5, 1), request(12, 4, 0)], 0],
  ['in any order', [request(16, 6, 2), request(10, 5, 1)], 3],
])('what is waited longer for a late table: %s', (_what, requests, longer) =>
  expect(lateness(requests)).toBeCloseTo(longer),
);
