// Whoever is woken by an alarm finds an entry in the runbook under the alarm's own words.
import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { deployment, resources } from '../lib/support/stacks.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const entries = [...runbook.matchAll(/^### (.+)$/gm)].map(([, title]) => title);

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
