// Values of options, checked where they are given.
import { InvalidArgumentError } from 'commander';
import { toInstant } from '../../functions/jobs/timestamp.ts';

export const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return number;
};

export const time = (text: string): string => {
  const found = toInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (found === undefined)
    throw new InvalidArgumentError('It must be a time such as 2026-01-31 or 2026-01-31T12:00:00Z.');
  return found;
};
