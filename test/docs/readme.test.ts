// What the README says of settings, and shows of the state machine, is what there is.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settingsOf } from '../../lib/config.ts';
import { chainDefinition } from '../support/chain-definition.ts';
import { parseDefinition, type Scope, type State, scopesIn } from '../support/state-machine/definition.ts';

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

const leavings = (state: State): (string | undefined)[] => {
  if (state.Type === 'Choice') return [...state.Choices.map(({ Next }) => Next), state.Default];
  return [state.Next, ...('Catch' in state ? state.Catch.map(({ Next }) => Next) : [])];
};

/** `from --> to` of all states, with `[*]` where a scope begins and ends. */
const waysOf = ({ StartAt, States }: Scope): string[] => [
  `[*] --> ${StartAt}`,
  ...Object.entries(States).flatMap(([name, state]) => [
    ...leavings(state).flatMap((next) => (next === undefined ? [] : [`${name} --> ${next}`])),
    ...('End' in state && state.End ? [`${name} --> [*]`] : []),
    ...scopesIn(state).flatMap(waysOf),
  ]),
];

test('the picture of the state machine has its states and ways, and no others', () => {
  const [, picture = ''] = /```mermaid\nstateDiagram-v2\n(.*?)```/s.exec(readme) ?? [];
  const drawn = picture.match(/^ *\S+ --> [^:\n]+/gm)?.map((way) => way.trim()) ?? [];
  expect(drawn.toSorted()).toEqual(waysOf(parseDefinition(chainDefinition())).toSorted());
});
