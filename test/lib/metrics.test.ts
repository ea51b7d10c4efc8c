// An alarm on a metric that nobody sends never rings: whatever is watched must come from this code, or be a metric that
// AWS really has, of a resource that is really there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { requestKinds } from '../../functions/adapters/leia-http.ts';
import { finishedStatuses, sources } from '../../functions/jobs/job.ts';
import { isSorted, metricsNamespace, type SortedMetric, sortedMetrics } from '../../functions/jobs/metrics.ts';
import { bundling } from '../../lib/bundling.ts';
import { sourcesOfBundles } from './support/bundle-contents.ts';
import { deployment, resources } from './support/stacks.ts';
import { type Reference, type WatchedMetric, watchedByAlarms, watchedByDashboard } from './support/watched.ts';

const { state, service } = deployment();
const watched = [...watchedByAlarms(state), ...watchedByAlarms(service), ...watchedByDashboard(service)];
const ours = watched.filter(({ namespace }) => namespace === metricsNamespace);
const ofAws = watched.filter(({ namespace }) => namespace !== metricsNamespace);

/** Names in calls of `count(…)`, also those that a condition chooses between, and in tables of what is counted when. */
const countedIn = (source: string): string[] =>
  [...source.matchAll(/\bcount\(([^,)]*)|\bmetric: ('\w+')/g)].flatMap(([, given = '', named = '']) =>
    [...(given + named).matchAll(/'(\w+)'/g)].map(([, name = '']) => name),
  );

describe('a metric of ours that is watched', () => {
  let counted: Set<string>;
  beforeAll(async () => {
    const files = await sourcesOfBundles();
    counted = new Set(files.flatMap((file) => countedIn(readFileSync(join(bundling.absWorkingDir, file), 'utf8'))));
  });

  test('is counted by code that is deployed', () => {
    expect(ours.length).toBeGreaterThan(40);
    expect(ours.filter(({ name }) => !counted.has(name))).toEqual([]);
  });

  test('is looked for in the sorts that it comes in', () => {
    const sorts: Record<SortedMetric, readonly string[]> = {
      JobsFinished: finishedStatuses,
      EndingLearnt: sources,
      LeiaRequests: requestKinds,
      LeiaOddity: ['status', 'result_type'],
    };
    for (const { name, dimensions } of ours) {
      const { service: deployed, ...rest } = dimensions;
      expect(deployed).toBe('leia-jobs');
      if (!isSorted(name)) expect([name, rest]).toEqual([name, {}]);
      else expect(sorts[name]).toContain(rest[sortedMetrics[name]]);
    }
  });

  test('all that is counted is watched', () => {
    const seen = new Set(ours.map(({ name }) => name));
    expect([...counted].filter((name) => !seen.has(name))).toEqual([]);
  });
});

describe('a metric of AWS that is watched', () => {
  /** As AWS documents them: which dimensions, and what resource each one names. Without a type, AWS gives the values. */
  const dimensions: Record<string, Record<string, string | undefined>> = {
    'AWS/Lambda': { FunctionName: 'AWS::Lambda::Function', EventSourceMappingUUID: 'AWS::Lambda::EventSourceMapping' },
    'AWS/SQS': { QueueName: 'AWS::SQS::Queue' },
    'AWS/DynamoDB': { TableName: 'AWS::DynamoDB::Table', GlobalSecondaryIndexName: undefined },
    'AWS/States': { StateMachineArn: 'AWS::StepFunctions::StateMachine', ServiceMetric: undefined },
    'AWS/ApiGateway': { ApiId: 'AWS::ApiGatewayV2::Api' },
  };
  const names: Record<string, string[]> = {
    'AWS/Lambda': [
      'Errors',
      'Throttles',
      'Invocations',
      'Duration',
      'IteratorAge',
      'OnFailureDestinationDeliveredEventCount',
    ],
    'AWS/SQS': ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
    'AWS/DynamoDB': [
      'ReadThrottleEvents',
      'WriteThrottleEvents',
      'ConsumedReadCapacityUnits',
      'ConsumedWriteCapacityUnits',
    ],
    'AWS/States': ['ExecutionsStarted', 'ConsumedCapacity'],
    'AWS/ApiGateway': ['Count', '4xx', '5xx', 'Latency'],
  };

  test('has a name and dimensions that AWS knows', () => {
    for (const { namespace, name, dimensions: given } of ofAws) {
      expect(names[namespace]).toContain(name);
      expect(Object.keys(dimensions[namespace] ?? {})).toEqual(expect.arrayContaining(Object.keys(given)));
    }
  });

  test('is of a resource of these stacks', () => {
    for (const { by, namespace, dimensions: given } of ofAws) {
      for (const [dimension, value] of Object.entries(given)) {
        const type = dimensions[namespace]?.[dimension];
        if (type === undefined) expect(typeof value).toBe('string');
        else expect([by, typeOf(value)]).toEqual([by, type]);
      }
    }
  });
});

const Exports = z.record(
  z.string(),
  z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }),
);

/** The type of what a reference leads to, through the other stack's exports if need be. */
const typeOf = (value: string | Reference, stacks: readonly Stack[] = [service, state]): string | undefined => {
  if (typeof value === 'string') return undefined;
  if ('Fn::ImportValue' in value) {
    const exported = Object.values(Exports.parse(Template.fromStack(state).toJSON().Outputs));
    const found = exported.find(({ Export }) => Export?.Name === value['Fn::ImportValue'])?.Value;
    return typeOf(z.custom<Reference>().parse(found), [state]);
  }
  const id = 'Ref' in value ? value.Ref : value['Fn::GetAtt'][0];
  const Resources = z.record(z.string(), z.object({ Type: z.string() }));
  return stacks.map((stack) => Resources.parse(Template.fromStack(stack).toJSON().Resources)[id]?.Type).find(Boolean);
};

describe('every way to lose work has an alarm', () => {
  const has = (name: string, that: (metric: WatchedMetric) => boolean = () => true): boolean =>
    [...watchedByAlarms(state), ...watchedByAlarms(service)].some((metric) => metric.name === name && that(metric));

  test.each([
    ['the stream is behind', 'IteratorAge'],
    ['a batch of the stream was set aside', 'OnFailureDestinationDeliveredEventCount'],
    ['no sweep', 'SweepCompleted'],
    ['a sweep does not reach its end', 'SweepIncomplete'],
    ['jobs unsent', 'OldestUnsent'],
    ['follow-ups due', 'OldestFollowUp'],
    ['contradictory endings', 'ContradictoryEnding'],
    ['duplicates at LEIA', 'DuplicateAtLeia'],
    ['mass absence', 'MassAbsence'],
    ['LEIA out of reach', 'LeiaUnavailable'],
    ['LEIA refuses a key', 'LeiaDenied'],
    ['an execution died', 'ChainDied'],
    ['the table throttles', 'WriteThrottleEvents'],
    ['answers of 5xx', '5xx'],
  ])('%s', (_way, metric) => {
    expect(has(metric)).toBe(true);
  });

  test('every queue that takes what failed', () => {
    for (const stack of [state, service]) {
      const template = Template.fromStack(stack);
      const text = JSON.stringify(template.toJSON());
      const queues = [...resources(template, 'AWS::SQS::Queue').keys()];
      const deadLetters = queues.filter((id) =>
        [
          `"deadLetterTargetArn":{"Fn::GetAtt":["${id}","Arn"]}`,
          `"DeadLetterConfig":{"Arn":{"Fn::GetAtt":["${id}","Arn"]}}`,
          `"OnFailure":{"Destination":{"Fn::GetAtt":["${id}","Arn"]}}`,
        ].some((use) => text.includes(use)),
      );
      expect(deadLetters.length).toBeGreaterThan(0);
      for (const id of deadLetters) {
        const ofQueue = ({ dimensions }: WatchedMetric) =>
          JSON.stringify(dimensions.QueueName) === JSON.stringify({ 'Fn::GetAtt': [id, 'QueueName'] });
        expect([id, has('ApproximateNumberOfMessagesVisible', ofQueue)]).toEqual([id, true]);
      }
    }
  });

  test('every function whose failure nobody would see fails aloud, and so do callbacks that are crowded out', () => {
    const ids = resources(Template.fromStack(service), 'AWS::Lambda::Function');
    const named = [...ids].map(([id, { Properties }]) => [id, String(Properties.FunctionName)] as const);
    const alarmed = (id: string, metric: string): boolean =>
      has(metric, ({ dimensions }) => JSON.stringify(dimensions.FunctionName) === JSON.stringify({ Ref: id }));
    const seen = ['submit-job', 'control-job', 'read-jobs', 'explain-job', 'session', 'proxy-leia', 'reroute-request'];
    const seenToFail = new Set([...seen, 'repair-jobs'].map((name) => `leia-jobs-${name}`));
    for (const [id, name] of named) {
      if (seenToFail.has(name)) continue;
      expect([name, alarmed(id, 'Throttles')]).toEqual([name, true]);
      if (name !== 'leia-jobs-receive-callback') expect([name, alarmed(id, 'Errors')]).toEqual([name, true]);
    }
  });

  test('no metric has two alarms', () => {
    const alarms = [...watchedByAlarms(state), ...watchedByAlarms(service)];
    const metrics = alarms.map(({ namespace, name, dimensions }) => JSON.stringify([namespace, name, dimensions]));
    expect(new Set(metrics).size).toBe(metrics.length);
  });
});

test('without the dashboard, nothing shows and all rings as before', () => {
  const { service: quiet } = deployment({ dashboard: 'false' });
  expect(watchedByDashboard(quiet)).toEqual([]);
  expect(watchedByAlarms(quiet)).toEqual(watchedByAlarms(service));
});
