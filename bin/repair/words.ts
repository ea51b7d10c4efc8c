// How numbers, ages and jobs are written for people.
import { table } from '../local/table.ts';

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

/** `12 s`, `5 min`, `3 h`, `2 d`: the largest unit that it fills. */
export const age = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const unit = units.find(([, size]) => seconds >= size);
  return unit ? `${Math.floor(seconds / unit[1])} ${unit[0]}` : `${seconds} s`;
};

/** How long ago an instant was; a dash if it never was. */
export const ago = (at: string | undefined, now: number): string =>
  at === undefined ? '–' : `${age(now - Date.parse(at))} ago`;

/** A number that may be a lower bound. */
export type Count = { count: number; at_least?: true };

export const counted = ({ count, at_least }: Count): string => `${at_least ? '≥ ' : ''}${count}`;

export const plus = (one: Count, other: Count): Count => ({
  count: one.count + other.count,
  ...(one.at_least || other.at_least ? { at_least: true as const } : {}),
});

export const jobs = (count: number): string => (count === 1 ? '1 job' : `${count} jobs`);

/** A title with a table below it. */
export const section = (title: string, heads: string[], rows: string[][]): string => `${title}\n${table(heads, rows)}`;

/** Aligned columns without heads. */
export const columns = ([first = [], ...others]: string[][]): string => table(first, others);
