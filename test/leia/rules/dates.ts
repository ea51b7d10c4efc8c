import { badRequest } from './refusal.ts';

const form = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+\- ]\d\d:?\d\d)?$/;

/** `+02:00`, `+0200`, and ` 02:00`, whose plus sign a client did not encode. */
const zone = (text: string | undefined): string => {
  if (text === undefined || text === 'Z') return 'Z';
  const digits = text.slice(1).replace(':', '');
  return `${text.startsWith('-') ? '-' : '+'}${digits.slice(0, 2)}:${digits.slice(2)}`;
};

/** Milliseconds since 1970 of a date in any of the forms that the SDKs send; naive means UTC (contract §2.2). */
export const parseDate = (name: string, text: string): number => {
  const [, day, time, fraction = '0', offset] = form.exec(text) ?? [];
  const whole = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone(offset)}`);
  if (Number.isNaN(whole)) throw badRequest(`${name}: "${text}" is not a date of the form yyyy-MM-ddThh:mm:ss`);
  return whole + Number(`0.${fraction}`) * 1000;
};

/** How LEIA writes an instant: `2018-11-07T16:02:29.761Z` (contract §6). */
export const instant = (millis: number): string => new Date(millis).toISOString();
