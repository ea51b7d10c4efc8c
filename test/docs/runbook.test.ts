// Whoever is woken by an alarm finds an entry in the runbook under the alarm's own words, and at its end what to type.
import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { program } from '../../bin/repair/program.ts';
import { deployment, resources } from '../lib/support/stacks.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const entries = [...runbook.matchAll(/^### (.+)$/gm)].map(([, title]) => title);

const silent = { answer: () => {}, note: () => {}, progress: () => {}, confirm: () => undefined };

const alarms = (): unknown[] => {
  const { state, service } = deployment();
  return [state, service].flatMap((stack) =>
    [...resources(Template.fromStack(stack), 'AWS::CloudWatch::Alarm').values()].map(
      ({ Properties }) => Properties.AlarmDescription,
    ),
  );
};

test('the runbook has an entry for every alarm, and no other', () => {
  expect(new Set(entries)).toEqual(new Set(alarms()));
});

describe('each entry', () => {
  const commands = program({ terminal: silent, connect: () => Promise.reject(new Error('nowhere')) }).commands;
  const texts = runbook
    .split(/^(?=#{1,3} )/m)
    .flatMap((text) => (text.startsWith('### ') ? [[text.split('\n')[0] ?? '', text] as const] : []));

  test.each(texts)('%s ends in a command that there is', (_title, text) => {
    const [, ending] = /\n\*\*Command\.\*\* (.+)$/s.exec(text.trimEnd()) ?? [];
    const typed = [...(ending ?? '').matchAll(/`npx leia-jobs\s+([^`]+)`/g)].map(([, words = '']) =>
      words.split(/\s+/),
    );
    expect(typed.length, 'expected a last paragraph: **Command.** `npx leia-jobs …`').toBeGreaterThan(0);
    for (const [name, ...words] of typed) {
      const command = commands.find((one) => one.name() === name);
      const flags = words.filter((word) => word.startsWith('--'));
      expect(command?.options.map(({ long }) => long)).toEqual(expect.arrayContaining(flags));
    }
  });
});

test('links within the runbook lead somewhere', () => {
  const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
  const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(anchors).toEqual(expect.arrayContaining(links));
});
