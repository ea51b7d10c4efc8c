// What the README says of settings is what there is.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settingsOf } from '../../lib/config.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** `name: default` of each row of the table of settings; a default that is no value in backticks is left out. */
const rows = [...readme.matchAll(/^\| `(?<name>[a-zA-Z]+)` \| (?:`(?<fallback>[^`]+)`|[^|`]+) \|/gm)].map(
  ({ groups }) => [groups?.name, groups?.fallback],
);

const leiaUrl = 'https://leia.example.com';

test('every setting that the README names exists', () => {
  expect(rows.length).toBeGreaterThan(30);
  const named = Object.fromEntries(rows.map(([name]) => [name, undefined]));
  expect(() => settingsOf({ ...named, leiaUrl })).not.toThrow();
});

test('the README names every setting that has a default, with that default', () => {
  const { leiaUrl: _required, ...defaults } = settingsOf({ leiaUrl });
  const told = rows.filter(([, fallback]) => fallback !== undefined);
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, String(value)])),
  );
});
