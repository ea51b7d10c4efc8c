// AWS's own advice (cdk-nag, AwsSolutions): followed, or declined with a reason.
import { Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, expect, test, vi } from 'vitest';
import { deployment } from './support/stacks.ts';

afterEach(() => vi.restoreAllMocks());

/** What is not accepted in a deployment that is synthesized without being checked. */
const findings = (): string[] => {
  vi.spyOn(Validations.prototype, 'addPlugins').mockReturnValue();
  const { app } = deployment();
  app.synth();
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  return violations.map(({ ruleName }) => ruleName);
};

test('no finding is left', () => {
  expect(findings()).toEqual([]);
});

test('a finding ends the synthesis', () => {
  const { app, state } = deployment();
  new Queue(state, 'WithoutTls');
  expect(() => app.synth()).toThrow(/AwsSolutions-SQS4/);
});

test('nothing is declined that was never advised', () => {
  const declined: string[] = [];
  vi.spyOn(Validations.prototype, 'acknowledge').mockImplementation((...rules) => {
    declined.push(...rules.map(({ id }) => id));
  });
  const found = findings();
  expect(declined).not.toEqual([]);
  expect(declined.filter((id) => !found.includes(id))).toEqual([]);
});
