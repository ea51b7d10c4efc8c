// One alarm for each way to lose work. What it says is what the runbook's entry is called.
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Metric as MetricName } from '../functions/acts/deps.ts';
import { metricsNamespace, type SortedMetric, sortedMetrics } from '../functions/jobs/metrics.ts';
import type { Settings } from './config.ts';

/** What is added up, and looked at, at a time. */
export const alarmPeriod = Duration.minutes(5);

export interface LossAlarmProps {
  settings: Settings;
  /** What has happened and what it means, for whoever is woken by it. */
  says: string;
  metric: IMetric;
  /** Rings when the metric reaches this; 1 if not given. */
  atLeast?: number;
  /** … in so many periods in a row; 1 if not given. */
  periods?: number;
  /** Rings instead when the metric stays below this, or says nothing, for so many periods in a row. */
  silence?: { below: number; periods: number };
}

/** Rings when work may be lost, and tells the topic of the settings, if there is one. */
export class LossAlarm extends Construct {
  constructor(scope: Construct, id: string, props: LossAlarmProps) {
    super(scope, id);
    const { settings, says, metric, atLeast = 1, periods = 1, silence } = props;
    const alarm = new Alarm(this, 'Alarm', {
      alarmDescription: says,
      metric,
      threshold: silence?.below ?? atLeast,
      evaluationPeriods: silence?.periods ?? periods,
      comparisonOperator: silence
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: silence ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    if (settings.alarmTopicArn === undefined) return;
    alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, 'Topic', settings.alarmTopicArn)));
  }
}

/** What functions count by `deps.count`, summed over all of them. */
export const counted = (settings: Settings, metricName: Exclude<MetricName, SortedMetric>): Metric =>
  new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: { service: settings.name },
    statistic: Stats.SUM,
    period: alarmPeriod,
  });

/** One sort of a metric that comes in sorts. */
export const countedSort = (settings: Settings, metricName: SortedMetric, sort: string): Metric =>
  new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: { service: settings.name, [sortedMetrics[metricName]]: sort },
    statistic: Stats.SUM,
    period: alarmPeriod,
    label: sort,
  });

/** A quiet deployment asks LEIA about once a minute while LEIA does not answer: one such failure is none yet. */
const unavailable = { atLeast: 3, periods: 3 };

/** What functions say aloud about LEIA. */
export class LeiaAlarms extends Construct {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const rings = (
      metric: Exclude<MetricName, SortedMetric>,
      says: string,
      when: Pick<LossAlarmProps, 'atLeast' | 'periods'> = {},
    ) => new LossAlarm(this, metric, { settings, says, metric: counted(settings, metric), ...when });
    rings('LeiaUnavailable', 'LEIA has not answered for a quarter of an hour: submissions wait.', unavailable);
    rings('LeiaDenied', 'LEIA refuses one of our API keys: submissions wait, and are given up after giveUpHours.');
    rings('GivenUp', 'LEIA did not take a job within giveUpHours: it has FAILED.');
    rings('JobAbsent', 'LEIA no longer knows a job that it had accepted: it has FAILED.');
    rings(
      'MassAbsence',
      'LEIA suddenly does not know many of our jobs: the sweep fails none of them and waits for a person.',
    );
    rings('DuplicateAtLeia', 'LEIA has run a second job for one submission: only the first counts.');
    rings('ContradictoryEnding', 'LEIA told two different endings of one job: the first stands.');
  }
}
