// What is kept when a stack goes.
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { deployment } from './support/stacks.ts';

const holders = new Set([
  'AWS::DynamoDB::Table',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::SQS::Queue',
  'AWS::ApiGatewayV2::Api',
]);

const fates = (settings: Record<string, unknown>): Set<unknown> => {
  const { Resources } = Template.fromStack(deployment(settings).state).toJSON();
  const kept = Object.values<{ Type: string; DeletionPolicy?: string }>(Resources).filter(({ Type }) =>
    holders.has(Type),
  );
  return new Set(kept.map(({ DeletionPolicy }) => DeletionPolicy));
};

describe('data, keys and address', () => {
  test('outlive their stack, which does not let itself be deleted', () => {
    expect(fates({})).toEqual(new Set(['Retain']));
    expect(deployment().state.terminationProtection).toBe(true);
  });

  test('go with it where nobody wants to keep them', () => {
    expect(fates({ retain: 'false' })).toEqual(new Set(['Delete']));
    const { state } = deployment({ retain: 'false' });
    expect(state.terminationProtection).toBe(false);
    Template.fromStack(state).hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
  });
});
