import { badRequest } from './refusal.ts';

const item = /^(?:(-?\d+)|(-?\d+)?:(-?\d+)?(?::(-?\d+)?)?)$/;

type Slice = { start: number | undefined; end: number | undefined; step: number };
type Item = number | Slice;

const optional = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Number(digits);

const parseItem = (text: string): Item => {
  const match = item.exec(text.trim());
  if (!match) throw badRequest(`page_range: "${text}" is neither an index nor a slice`);
  const [, index, start, end, step] = match;
  if (index !== undefined) return Number(index);
  if (step !== undefined && Number(step) === 0) throw badRequest(`page_range: "${text}" has a step of 0`);
  return { start: optional(start), end: optional(end), step: optional(step) ?? 1 };
};

/** Reads a page range; refuses with 400 what is none (contract §3.5). */
export const parsePageRange = (text: string): Item[] => text.split(',').map(parseItem);

/** Python's `slice.indices`: where a slice starts and ends in a sequence of `length`. */
const bounds = ({ start, end, step }: Slice, length: number): [number, number] => {
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (bound: number): number => Math.max(lowest, Math.min(highest, bound < 0 ? bound + length : bound));
  const [first, last] = step > 0 ? [lowest, highest] : [highest, lowest];
  return [start === undefined ? first : clamp(start), end === undefined ? last : clamp(end)];
};

const indexes = (entry: Item, length: number): number[] => {
  if (typeof entry === 'number') {
    const index = entry < 0 ? entry + length : entry;
    return index >= 0 && index < length ? [index] : [];
  }
  const [from, to] = bounds(entry, length);
  const count = Math.max(0, Math.ceil((to - from) / entry.step));
  return Array.from({ length: count }, (_, n) => from + n * entry.step);
};

/** The 0-based indexes that a page range keeps of `length` documents: written order, first occurrence (contract §3.5). */
export const selectPages = (text: string, length: number): number[] => [
  ...new Set(parsePageRange(text).flatMap((entry) => indexes(entry, length))),
];
