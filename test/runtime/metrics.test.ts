// What CloudWatch gets of the metrics: EMF, in the dimensions that alarms and dashboard look for.
import process from 'node:process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { Count } from '../../functions/acts/deps.ts';

const Emf = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
      }),
    ),
  }),
});

let written: string[] = [];
let count: Count;
let publishMetrics: () => void;
beforeEach(async () => {
  vi.resetModules();
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'leia-jobs');
  written = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  ({ count, publishMetrics } = await import('../../functions/runtime/log.ts'));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Every object that was sent, as CloudWatch reads it: its metrics with their values, by their dimensions. */
const sent = () => {
  publishMetrics();
  return written.map((line) => {
    const emf = Emf.parse(JSON.parse(line));
    const [{ Namespace, Dimensions, Metrics } = { Namespace: '', Dimensions: [], Metrics: [] }] =
      emf._aws.CloudWatchMetrics;
    const dimensions = Dimensions.map((names) => Object.fromEntries(names.map((name) => [name, emf[name]])));
    return { Namespace, dimensions, metrics: Metrics.map(({ Name, Unit }) => [Name, Unit, emf[Name]]) };
  });
};

it('counts under the name of the deployment', () => {
  count('LeiaDenied');
  count('SweepCompleted');
  count('LeiaDenied', 2);
  expect(sent()).toEqual([
    {
      Namespace: 'LeiaJobs',
      dimensions: [{ service: 'leia-jobs' }],
      metrics: [
        ['LeiaDenied', 'Count', [1, 2]],
        ['SweepCompleted', 'Count', 1],
      ],
    },
  ]);
});

it('tells the sorts of a metric apart by its own dimension', () => {
  count('LeiaRequests', 1, 'login');
  count('LeiaRequests', 1, 'submit');
  count('JobsFinished', 1, 'FAILED');
  expect(sent().map(({ dimensions, metrics }) => [dimensions, metrics])).toEqual([
    [[{ service: 'leia-jobs', kind: 'login' }], [['LeiaRequests', 'Count', 1]]],
    [[{ service: 'leia-jobs', kind: 'submit' }], [['LeiaRequests', 'Count', 1]]],
    [[{ service: 'leia-jobs', status: 'FAILED' }], [['JobsFinished', 'Count', 1]]],
  ]);
});

it('gives measures in their unit', () => {
  count('TimeToFinish', 1234);
  count('OldestUnsent', 601);
  expect(sent()[0]?.metrics).toEqual([
    ['TimeToFinish', 'Milliseconds', 1234],
    ['OldestUnsent', 'Seconds', 601],
  ]);
});

it('sends nothing twice, and the next call the same metrics anew', () => {
  count('LeiaRequests', 1, 'job');
  expect(sent()).toHaveLength(1);
  expect(sent()).toHaveLength(1);
  count('LeiaRequests', 1, 'job');
  expect(sent()).toHaveLength(2);
});

it('keeps every value of a sweep over very many', () => {
  for (let call = 0; call < 1000; call += 1) count('LeiaRequests', 1, 'statuses');
  expect(sent().flatMap(({ metrics }) => metrics.flatMap(([, , values]) => values))).toHaveLength(1000);
});
