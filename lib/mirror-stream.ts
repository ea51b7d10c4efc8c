// Changes of jobs on their way to what they cause: the table's stream wakes follow-mirror (D4).
import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { EventSourceMapping, FilterCriteria, FilterRule, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { jobSortKey, tableKeys } from '../functions/adapters/table-schema.ts';
import { followChanges, type Ground, keepJobs } from './abilities.ts';
import { alarmPeriod, LossAlarm } from './alarms.ts';
import { BundleFunction } from './bundle-function.ts';

/** Changes of one job stay in order all the same. */
const batchesPerShard = 10;
/** A client that waits for an event has waited too long. */
const latestMillis = 5 * 60 * 1000;

/** Jobs that were written; not other items, nor what the table removes at the end of its time. */
const writtenJobs = FilterCriteria.filter({
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: { Keys: { [tableKeys.sort]: { S: FilterRule.isEqual(jobSortKey) } } },
});

export class MirrorStream extends Construct {
  readonly followMirror: BundleFunction;

  constructor(scope: Construct, id: string, ground: Ground) {
    super(scope, id);
    const { settings, state } = ground;
    const followMirror = new BundleFunction(this, 'follow-mirror', { ground, abilities: [keepJobs, followChanges] });
    const stream = new EventSourceMapping(this, 'Stream', {
      target: followMirror.lambda,
      eventSourceArn: state.jobs.giveStreamTo(followMirror),
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [writtenJobs],
      batchSize: settings.streamBatchSize,
      parallelizationFactor: batchesPerShard,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: settings.streamRetries,
      maxRecordAge: Duration.seconds(settings.streamMaxAgeSeconds),
      onFailure: state.overflow.takeFailuresOf(followMirror),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    this.followMirror = followMirror;
    followMirror.alarmOnFailure('follow-mirror fails: what changes of jobs cause waits.');
    new LossAlarm(this, 'Behind', {
      settings,
      says: 'follow-mirror is behind: held jobs and events wait.',
      metric: followMirror.lambda.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: alarmPeriod }),
      atLeast: latestMillis,
    });
    new LossAlarm(this, 'SetAside', {
      settings,
      says: 'Changes of jobs could not be followed and lie in the bucket under aws/lambda/; the sweep follows endings again.',
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'OnFailureDestinationDeliveredEventCount',
        dimensionsMap: { EventSourceMappingUUID: stream.eventSourceMappingId },
        statistic: Stats.SUM,
        period: alarmPeriod,
      }),
    });
  }
}
