// Few unknown jobs are lost jobs; many at once are no news of any of them (D7).
import { describe, expect, it } from 'vitest';
import { type Absence, afterLook, believed, haltEnded, isHalted, type Look } from '../../functions/jobs/absence.ts';
import { seconds, T0 } from '../support/jobs.ts';

const ROUND = 3600;
const look = (given: Partial<Look>): Look => ({ asked: 100, unknown: 0, complete: true, ...given });

/** Sweeps one after the other, each so many seconds after T0. */
const after = (looks: [atSeconds: number, Partial<Look>][], from: Absence = {}): Absence =>
  looks.reduce((state, [at, given]) => afterLook(state, look(given), T0 + seconds(at), ROUND) ?? state, from);
const halts = (looks: [atSeconds: number, Partial<Look>][], from?: Absence): boolean => isHalted(after(looks, from));

describe('absence halts', () => {
  it('with more than 20 unknown jobs that are more than 5 % of those asked about', () => {
    expect(halts([[0, { unknown: 21 }]])).toBe(true);
    expect(halts([[0, { unknown: 20 }]])).toBe(false);
    expect(halts([[0, { unknown: 50, asked: 1000 }]])).toBe(false);
    expect(halts([[0, { unknown: 51, asked: 1000 }]])).toBe(true);
  });

  it('with as many in the sweeps of a round, each of which meets few', () => {
    const few: [number, Partial<Look>][] = [0, 60, 120, 180, 240].map((at) => [at, { unknown: 5, asked: 10 }]);
    expect(halts(few.slice(0, 4))).toBe(false);
    expect(halts(few)).toBe(true);
  });

  it('not with as many in several rounds', () => {
    const few: [number, Partial<Look>][] = Array.from({ length: 30 }, (_, index) => [
      index * 1200,
      { unknown: 3, asked: 10 },
    ]);
    expect(halts(few)).toBe(false);
  });

  it('not, and nothing is written, when all jobs are known', () => {
    expect(afterLook({}, look({}), T0, ROUND)).toBeUndefined();
  });
});

describe('a halt', () => {
  const halted = after([[0, { unknown: 21 }]]);

  it('lasts however few are unknown later', () => {
    expect(halts([[60, { unknown: 1 }]], halted)).toBe(true);
    expect(halts([[60, {}]], halted)).toBe(true);
  });

  it('ends once a whole round has met no unknown job', () => {
    expect(halts([[ROUND - 1, {}]], halted)).toBe(true);
    expect(halts([[ROUND, {}]], halted)).toBe(false);
  });

  it('begins its round again with each unknown job', () => {
    const later = after([[3000, { unknown: 1 }]], halted);
    expect(halts([[3000 + ROUND - 1, {}]], later)).toBe(true);
    expect(halts([[3000 + ROUND, {}]], later)).toBe(false);
  });

  it('does not end by a sweep that could not ask about all', () => {
    expect(halts([[2 * ROUND, { complete: false }]], halted)).toBe(true);
  });

  it('ends by word of a person, and begins anew when many are unknown still', () => {
    const ended = haltEnded(halted);
    expect(ended).toEqual({});
    expect(halts([[60, { unknown: 20 }]], ended)).toBe(false);
    expect(halts([[60, { unknown: 21 }]], ended)).toBe(true);
    expect(haltEnded({})).toBeUndefined();
  });

  it('does not begin while a person believes that LEIA has lost them', () => {
    const state = believed(T0, 600);
    expect(halts([[599, { unknown: 100 }]], state)).toBe(false);
    expect(halts([[600, { unknown: 100 }]], state)).toBe(true);
  });
});
