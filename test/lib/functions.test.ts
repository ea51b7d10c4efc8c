// The emulated AWS enforces no rights and forgives wrong settings, so this compares what each function's bundle can do
// with what its role lets it do, and what it reads with what it is given. Too much is as wrong as too little.
import { readdirSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type FunctionName, functionNames } from '../../lib/bundles.ts';
import { type BundleContents, contentsOfBundles } from './support/bundle-contents.ts';
import { deployment, resources } from './support/stacks.ts';

/** The SDK's clients hold these commands for functions of their own that nobody here asks for. */
const neverSent = new Map([
  ['dynamodb:DescribeEndpoints', 'endpoint discovery, which is off'],
  ['s3:CreateSession', 'directory buckets'],
]);

/** Commands whose action has another name. */
const actionOf = new Map([
  ['lambda:Invoke', 'lambda:InvokeFunction'],
  ['sqs:SendMessageBatch', 'sqs:SendMessage'],
]);
const serviceOf = new Map([
  ['eventbridge', 'events'],
  ['secrets-manager', 'secretsmanager'],
  ['sfn', 'states'],
]);

/** A transaction wants the right to each of its parts, and none of its own. */
const transactedAs: Record<string, string> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
};

/** Granted to every function, and used by Lambda itself. */
const grantedToAll = {
  'logs:CreateLogStream': 'Lambda writes the log',
  'logs:PutLogEvents': 'Lambda writes the log',
  'xray:PutTelemetryRecords': 'Lambda and the tracer send traces by X-Ray’s daemon',
  'xray:PutTraceSegments': 'Lambda and the tracer send traces by X-Ray’s daemon',
};

/** Granted to single functions, and used by Lambda itself. */
const granted: Partial<Record<FunctionName, Record<string, string>>> = {
  'send-job': {
    'sqs:ChangeMessageVisibility': 'Lambda works off the queue',
    'sqs:DeleteMessage': 'Lambda works off the queue',
    'sqs:GetQueueAttributes': 'Lambda works off the queue',
    'sqs:GetQueueUrl': 'Lambda works off the queue',
    'sqs:ReceiveMessage': 'Lambda works off the queue',
  },
  'deliver-callback': {
    'sqs:ChangeMessageVisibility': 'Lambda works off the queue',
    'sqs:DeleteMessage': 'Lambda works off the queue',
    'sqs:GetQueueAttributes': 'Lambda works off the queue',
    'sqs:GetQueueUrl': 'Lambda works off the queue',
    'sqs:ReceiveMessage': 'Lambda works off the queue',
  },
  'run-chain': {
    'sqs:GetQueueAttributes': 'Lambda puts aside the events that could not be taken',
    'sqs:GetQueueUrl': 'Lambda puts aside the events that could not be taken',
  },
  'follow-mirror': {
    'dynamodb:DescribeStream': 'Lambda reads the stream',
    'dynamodb:GetRecords': 'Lambda reads the stream',
    'dynamodb:GetShardIterator': 'Lambda reads the stream',
    'dynamodb:ListStreams': 'Lambda reads the stream',
    's3:ListBucket': 'Lambda puts aside what could not be followed',
  },
};

const implied = (name: FunctionName): string[] => Object.keys({ ...grantedToAll, ...granted[name] });

const needed = ({ commands, transacted }: BundleContents): string[] =>
  [...commands]
    .filter((command) => !neverSent.has(command))
    .flatMap((command) => {
      if (command === 'dynamodb:TransactWriteItems') return [...transacted].map((kind) => transactedAs[kind] ?? kind);
      const [client = '', operation] = command.split(':');
      return [actionOf.get(command) ?? `${serviceOf.get(client) ?? client}:${operation}`];
    });

const Reference = z.object({ Ref: z.string() });
const Statement = z.object({
  Effect: z.literal('Allow'),
  Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
});
const Policy = z.object({ Roles: z.array(Reference), PolicyDocument: z.object({ Statement: z.array(Statement) }) });
const Lambda = z.object({
  FunctionName: z.string(),
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

const template = Template.fromStack(deployment().service);
const policies = [...resources(template, 'AWS::IAM::Policy').values()].map(({ Properties }) =>
  Policy.parse(Properties),
);
const lambdas = [...resources(template, 'AWS::Lambda::Function').values()].map(({ Properties }) =>
  Lambda.parse(Properties),
);

const lambdaOf = (name: FunctionName) => {
  const lambda = lambdas.find(({ FunctionName }) => FunctionName === `leia-jobs-${name}`);
  if (!lambda) throw new Error(`${name} is not deployed`);
  return lambda;
};

const allowed = (name: FunctionName): string[] => {
  const [role] = lambdaOf(name).Role['Fn::GetAtt'];
  const own = policies.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role));
  return own.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
};

const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].toSorted();

/** Lambda, Node and Powertools read these. */
const houses = /^(NODE_|POWERTOOLS_)/;

const bundles = await contentsOfBundles();

describe.each(functionNames)('%s', (name) => {
  const contents = bundles.get(name);
  if (!contents) throw new Error(`${name} has no bundle`);

  test('may do what it does, and nothing else', () => {
    expect(sorted(allowed(name))).toEqual(sorted([...needed(contents), ...implied(name)]));
  });

  test('is given the settings that it reads, and no others', () => {
    const given = Object.keys(lambdaOf(name).Environment.Variables).filter((variable) => !houses.test(variable));
    expect(sorted(given)).toEqual(sorted(contents.settings));
  });
});

test('every file of a function is deployed', () => {
  const files = readdirSync(new URL('../../functions', import.meta.url)).filter((file) => file.endsWith('.ts'));
  expect(files.toSorted()).toEqual(functionNames.map((name) => `${name}.ts`).toSorted());
  expect(lambdas).toHaveLength(functionNames.length);
});
