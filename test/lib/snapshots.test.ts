// What a change of lib/ means for a deployment: read the difference of the snapshot.
import { inspect } from 'node:util';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { deployment } from './support/stacks.ts';

const { state, service } = deployment();

/** CloudFormation's references as texts: `${Resource.Attribute}`, `${state:…}` for what the other stack exports. */
const withPlainReferences = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(withPlainReferences);
  if (typeof node !== 'object' || node === null) return node;
  const parts = Object.entries(node).map(([key, value]) => [key, withPlainReferences(value)] as const);
  const [[key, value] = []] = parts;
  if (key === 'Ref') return `\${${value}}`;
  if (key === 'Fn::GetAtt' && Array.isArray(value)) return `\${${value.join('.')}}`;
  if (key === 'Fn::ImportValue') return `\${${String(value).replace(/^leia-jobs-state:ExportsOutput/, 'state:')}}`;
  if (key === 'Fn::Join' && Array.isArray(value)) return value[1].join(value[0]);
  return Object.fromEntries(parts);
};

/** The CDK adds exports as it meets the references to them, which is not always in the same order. */
const inOrder = (outputs: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(Object.entries(outputs).toSorted(([one], [other]) => (one < other ? -1 : 1)));

/** The template as briefly as it can be read, without what changes with every build or version of the CDK. */
const reviewable = (template: Template): string => {
  const { Parameters: _bootstrap, Rules: _checks, Outputs, ...rest } = template.toJSON();
  const parts = { ...rest, Outputs: inOrder(Outputs) };
  const layout = { depth: null, breakLength: 120, compact: 10, maxArrayLength: null, maxStringLength: null } as const;
  return `${inspect(withPlainReferences(parts), layout).replaceAll(/[0-9a-f]{64}\.zip/g, 'code.zip')}\n`;
};

describe('the stacks of a first deployment', () => {
  test('state', async () => {
    await expect(reviewable(Template.fromStack(state))).toMatchFileSnapshot('snapshots/state.snap');
  });

  test('service', async () => {
    await expect(reviewable(Template.fromStack(service))).toMatchFileSnapshot('snapshots/service.snap');
  });
});
