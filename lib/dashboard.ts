// One look at everything (D14): how jobs fare, what LEIA is asked, what waits, and what costs.

import { Stack } from 'aws-cdk-lib';
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { requestKinds } from '../functions/adapters/leia-http.ts';
import { indexes } from '../functions/adapters/table-schema.ts';
import { finishedStatuses, sources } from '../functions/jobs/job.ts';
import type { SortedMetric } from '../functions/jobs/metrics.ts';
import type { Ground } from './abilities.ts';
import { alarmPeriod, counted, countedSort } from './alarms.ts';
import { BundleFunction } from './bundle-function.ts';
import type { ChainMachine } from './chain.ts';

export interface DashboardProps {
  ground: Ground;
  machine: ChainMachine['machine'];
}

const width = 8;
const height = 6;

/** Shows all functions that its stack has by now. */
export class Dashboard extends Construct {
  readonly #ground: Ground;

  constructor(scope: Construct, id: string, { ground, machine }: DashboardProps) {
    super(scope, id);
    const functions = Stack.of(this)
      .node.findAll()
      .filter((construct) => construct instanceof BundleFunction);
    this.#ground = ground;
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: ground.settings.name,
      widgets: [
        this.#jobs(),
        this.#leia(),
        this.#accidents(),
        this.#clients(functions),
        this.#costs(functions, machine),
      ],
    });
  }

  #jobs(): IWidget[] {
    const { settings } = this.#ground;
    const [callback, sweep] = ['callback', 'sweep'].map((source) => countedSort(settings, 'EndingLearnt', source));
    const missed = new MathExpression({
      expression: '100 * FILL(sweep, 0) / (FILL(callback, 0) + FILL(sweep, 0))',
      usingMetrics: { ...(callback ? { callback } : {}), ...(sweep ? { sweep } : {}) },
      label: '% of callbacks that a sweep made up for',
      period: alarmPeriod,
    });
    const time = counted(settings, 'TimeToFinish');
    return [
      stacked('Jobs finished, by status', this.#sorts('JobsFinished', finishedStatuses)),
      lines(
        'Time to finish (ms)',
        [Stats.p(50), Stats.p(90), Stats.p(99)].map((statistic) => time.with({ statistic })),
      ),
      new GraphWidget({
        title: 'How endings were learnt',
        left: this.#sorts('EndingLearnt', sources),
        stacked: true,
        right: [missed],
        width,
        height,
      }),
    ];
  }

  #leia(): IWidget[] {
    const { settings } = this.#ground;
    return [
      stacked('Requests to LEIA, by kind', this.#sorts('LeiaRequests', requestKinds)),
      lines('LEIA does not answer, or refuses', [
        counted(settings, 'LeiaUnavailable'),
        counted(settings, 'LeiaDenied'),
        counted(settings, 'SubmissionDeferred'),
        counted(settings, 'GivenUp'),
        ...this.#sorts('LeiaOddity', ['status', 'result_type']),
      ]),
      lines('The longest wait (s)', [
        counted(settings, 'OldestUnsent').with({ statistic: Stats.MAXIMUM }),
        counted(settings, 'OldestFollowUp').with({ statistic: Stats.MAXIMUM }),
        this.#ground.state.submissions.queue.metricApproximateAgeOfOldestMessage({
          label: 'Released jobs on the queue',
          period: alarmPeriod,
        }),
      ]),
    ];
  }

  #accidents(): IWidget[] {
    const { settings } = this.#ground;
    return [
      lines('Sweeps', [
        counted(settings, 'SweepCompleted'),
        counted(settings, 'SweepIncomplete'),
        counted(settings, 'SweepLeaseBusy'),
        counted(settings, 'FollowUpRepeated'),
        counted(settings, 'JobAdopted'),
      ]),
      lines('Doubtful attempts, and what became of them', [
        counted(settings, 'OrphanFound'),
        counted(settings, 'DuplicateAtLeia'),
        counted(settings, 'ContradictoryEnding'),
      ]),
      lines('Jobs lost at LEIA or here', [
        counted(settings, 'JobAbsent'),
        counted(settings, 'MassAbsence'),
        counted(settings, 'ChainDied'),
        counted(settings, 'UnexpectedError'),
      ]),
    ];
  }

  #clients(functions: readonly BundleFunction[]): IWidget[] {
    const { api } = this.#ground.state.api;
    const [sum, period] = [Stats.SUM, alarmPeriod];
    const followMirror = functions.filter(({ name }) => name === 'follow-mirror');
    return [
      lines('HTTP API', [
        api.metricCount({ statistic: sum, period, label: 'requests' }),
        api.metricClientError({ statistic: sum, period, label: '4xx' }),
        api.metricServerError({ statistic: sum, period, label: '5xx' }),
      ]),
      lines('Answers of the HTTP API (ms)', [
        api.metricLatency({ statistic: Stats.p(50), period, label: 'p50' }),
        api.metricLatency({ statistic: Stats.p(99), period, label: 'p99' }),
        ...followMirror.map(({ lambda }) =>
          lambda.metric('IteratorAge', { statistic: Stats.MAXIMUM, period, label: 'follow-mirror is behind' }),
        ),
      ]),
      lines('Errors and throttles of functions', [
        ...functions.map(({ name, lambda }) => lambda.metricErrors({ period, label: `${name} errors` })),
        ...functions.map(({ name, lambda }) => lambda.metricThrottles({ period, label: `${name} throttles` })),
      ]),
    ];
  }

  #costs(functions: readonly BundleFunction[], machine: ChainMachine['machine']): IWidget[] {
    const [sum, period] = [Stats.SUM, alarmPeriod];
    const { table } = this.#ground.state.jobs;
    const capacity = (metric: string): IMetric[] => [
      table.metric(metric, { statistic: sum, period, label: 'table' }),
      ...Object.values(indexes).map(({ name: index }) =>
        table.metric(metric, {
          statistic: sum,
          period,
          label: index,
          dimensionsMap: { TableName: table.tableName, GlobalSecondaryIndexName: index },
        }),
      ),
    ];
    const transitions = new Metric({
      namespace: 'AWS/States',
      metricName: 'ConsumedCapacity',
      dimensionsMap: { ServiceMetric: 'StateTransition' },
      statistic: sum,
      period,
      label: 'transitions of all state machines of the account',
    });
    return [
      stacked(
        'Invocations',
        functions.map(({ name, lambda }) => lambda.metricInvocations({ period, label: name })),
      ),
      stacked(
        'Duration, added up (ms)',
        functions.map(({ name, lambda }) => lambda.metricDuration({ statistic: sum, period, label: name })),
      ),
      stacked('Write units of the table', capacity('ConsumedWriteCapacityUnits')),
      stacked('Read units of the table', capacity('ConsumedReadCapacityUnits')),
      lines('Callers told of the ends of their jobs', [
        counted(this.#ground.settings, 'CallbackDelivered'),
        counted(this.#ground.settings, 'CallbackRetried'),
        counted(this.#ground.settings, 'CallbackGivenUp'),
        counted(this.#ground.settings, 'CallbackRefused'),
      ]),
      lines('Chains', [machine.metricStarted({ period, label: 'executions started' }), transitions]),
    ];
  }

  #sorts(metric: SortedMetric, sorts: readonly string[]): IMetric[] {
    return sorts.map((sort) => countedSort(this.#ground.settings, metric, sort));
  }
}

const lines = (title: string, left: IMetric[]): IWidget => new GraphWidget({ title, left, width, height });
const stacked = (title: string, left: IMetric[]): IWidget =>
  new GraphWidget({ title, left, stacked: true, width, height });
