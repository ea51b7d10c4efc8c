// Instants in the forms in which LEIA and its clients write them (contract §2.2, §2.5).
import * as z from 'zod';
import { Instant, instant } from './job.ts';

const form = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([ +-])(\d\d):?(\d\d))?$/i;
const Calendar = z.iso.datetime({ offset: true, precision: 3 });

/**
 * `YYYY-MM-DDTHH:MM:SS.mmmZ` of `YYYY-MM-DDTHH:MM:SS[.f{1,9}][Z|±HH:MM|±HHMM| HH:MM]`; digits after the milliseconds
 * are cut off. No offset means UTC, and a blank for its sign is a `+` that a URL has lost. Undefined for all else.
 */
export const toInstant = (text: string): string | undefined => read(text)?.instant;

/** The same, but rounded up: whatever lies before the text's own instant, to the millisecond, lies before this one. */
export const toInstantAfter = (text: string): string | undefined => {
  const found = read(text);
  return found?.isCut ? Instant.safeParse(instant(Date.parse(found.instant) + 1)).data : found?.instant;
};

const read = (text: string): { instant: string; isCut: boolean } | undefined => {
  const [, day, time, fraction = '', sign, hours, minutes] = form.exec(text.trim()) ?? [];
  if (day === undefined) return undefined;
  const offset = sign === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${hours}:${minutes}`;
  const written = `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`;
  if (!Calendar.safeParse(written).success) return undefined;
  const found = Instant.safeParse(new Date(written).toISOString()).data;
  return found === undefined ? undefined : { instant: found, isCut: /[1-9]/.test(fraction.slice(3)) };
};
