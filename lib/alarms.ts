// One alarm for each way to lose work. What it says is what the runbook's entry is called.
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Metric as MetricName } from '../functions/acts/deps.ts';
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
  /** Rings instead when the metric stays below this, or says nothing, for so many periods in a row. */
  silence?: { below: number; periods: number };
}

/** Rings when work may be lost, and tells the topic of the settings, if there is one. */
export class LossAlarm extends Construct {
  constructor(scope: Construct, id: string, { settings, says, metric, atLeast = 1, silence }: LossAlarmProps) {
    super(scope, id);
    const alarm = new Alarm(this, 'Alarm', {
      alarmDescription: says,
      metric,
      threshold: silence?.below ?? atLeast,
      evaluationPeriods: silence?.periods ?? 1,
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
export const counted = (settings: Settings, metricName: MetricName): Metric =>
  new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: { service: settings.name },
    statistic: Stats.SUM,
    period: alarmPeriod,
  });

/** Where functions put their metrics (functions/runtime/log.ts). */
const metricsNamespace = 'LeiaJobs';

/** What functions say aloud about LEIA. */
export class LeiaAlarms extends Construct {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const rings = (metric: MetricName, says: string) =>
      new LossAlarm(this, metric, { settings, says, metric: counted(settings, metric) });
    rings('LeiaDenied', 'LEIA refuses one of our API keys: submissions wait, and are given up after giveUpHours.');
    rings('GivenUp', 'LEIA did not take a job within giveUpHours: it has FAILED.');
    rings('JobAbsent', 'LEIA no longer knows a job that it had accepted: it has FAILED.');
    rings(
      'MassAbsence',
      'LEIA suddenly does not know many of our jobs: the sweep fails none of them and waits for a person.',
    );
    rings('ContradictoryEnding', 'LEIA told two different endings of one job: the first stands.');
  }
}
