// Page ranges (contract §3.5): `0,2:5,-2:-1` over the ordered documents of the previous job.
import { BadInput } from './bad-input.ts';

type Slice = { from: number | undefined; to: number | undefined; step: number };
export type PageRange = ({ index: number } | Slice)[];

const MAX_LENGTH = 4096;
const FAR = 1e12;
const ITEM = /^(?:(?<index>-?\d+)|(?<from>-?\d+)?:(?<to>-?\d+)?(?::(?<step>-?\d+)?)?)$/;

/** @throws BadInput for anything outside the grammar, and for a step of 0. */
export const parsePageRange = (text: string, field = 'page_range'): PageRange => {
  if (text.length > MAX_LENGTH) throw new BadInput(field, `at most ${MAX_LENGTH} characters`);
  return text.split(',').map((item) => itemOf(item.trim(), field));
};

const itemOf = (item: string, field: string): PageRange[number] => {
  const match = ITEM.exec(item);
  const { index, from, to, step } = match?.groups ?? {};
  const slice = { from: numberOf(from), to: numberOf(to), step: numberOf(step) ?? 1 };
  if (!match || slice.step === 0) {
    throw new BadInput(field, 'pages and slices such as `0,2:5,-2:-1`, each step other than 0');
  }
  return index === undefined ? slice : { index: Number(index) };
};

/** Kept finite: beyond any document all numbers are alike. */
const numberOf = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Math.max(-FAR, Math.min(FAR, Number(digits)));

/** The pages selected out of `total`, in the order written, each once. An index that is out of range selects nothing. */
export const selectPages = (range: PageRange, total: number): number[] => [
  ...new Set(range.flatMap((item) => ('index' in item ? indexed(item.index, total) : sliced(item, total)))),
];

const indexed = (index: number, total: number): number[] => {
  const page = index < 0 ? index + total : index;
  return page >= 0 && page < total ? [page] : [];
};

/** Python's rule for slices: negative bounds count from the end, then all is clamped. */
const sliced = ({ from, to, step }: Slice, total: number): number[] => {
  const [lowest, highest] = step > 0 ? [0, total] : [-1, total - 1];
  const bound = (value: number) => Math.min(highest, Math.max(lowest, value < 0 ? value + total : value));
  const start = from === undefined ? (step > 0 ? lowest : highest) : bound(from);
  const end = to === undefined ? (step > 0 ? highest : lowest) : bound(to);
  const count = Math.max(0, Math.ceil((end - start) / step));
  return Array.from({ length: count }, (_, nth) => start + nth * step);
};
