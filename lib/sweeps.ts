// The sweeps (D7): on a schedule, what no callback told.
import { Duration, Stack } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  askLeia,
  discoverJobs,
  followChanges,
  type Ground,
  keepApplications,
  keepJobs,
  sendJobs,
  signCallbacks,
  sweep,
  watchChains,
} from './abilities.ts';
import { alarmPeriod, counted, LossAlarm } from './alarms.ts';
import { accept, BundleFunction } from './bundle-function.ts';

export class Sweeps extends Construct {
  readonly sweepJobs: BundleFunction;
  /** Sweeps that the schedule could not wake. */
  readonly missed: Queue;

  constructor(scope: Construct, id: string, ground: Ground) {
    super(scope, id);
    const { settings } = ground;
    this.sweepJobs = new BundleFunction(this, 'sweep-jobs', {
      ground,
      abilities: [
        keepJobs,
        keepApplications,
        askLeia,
        signCallbacks,
        sendJobs,
        followChanges,
        watchChains,
        discoverJobs,
        sweep,
      ],
      timeoutSeconds: settings.sweepTimeoutSeconds,
    });
    // A sweep that failed is not repeated: the next one does its work as well.
    this.sweepJobs.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5) });
    this.missed = this.#schedule(ground);
    this.sweepJobs.alarmOnFailure('A sweep failed: lost callbacks and jobs not yet sent wait.');
    const periodSeconds = Math.max(alarmPeriod.toSeconds(), settings.sweepIntervalSeconds);
    new LossAlarm(this, 'NoSweep', {
      settings,
      says: 'No sweep has ended well for some time: lost callbacks and jobs not yet sent wait.',
      metric: counted(settings, 'SweepCompleted').with({ period: Duration.seconds(periodSeconds) }),
      silence: { below: 1, periods: 4 },
    });
  }

  #schedule({ settings }: Ground): Queue {
    const { functionArn } = this.sweepJobs.lambda;
    const missed = new Queue(this, 'Missed', { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true });
    accept(missed, 'AwsSolutions-SQS3', 'It is itself the dead-letter queue, of the schedule.');
    const sourceAccount = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    const role = new Role(this, 'Waker', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: sourceAccount }),
    });
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [missed.queueArn] }));
    new CfnSchedule(this, 'Schedule', {
      description: `${settings.name}: the sweeps`,
      scheduleExpression: rate(settings.sweepIntervalSeconds / 60),
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: functionArn,
        roleArn: role.roleArn,
        deadLetterConfig: { arn: missed.queueArn },
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: settings.sweepIntervalSeconds },
      },
    }).node.addDependency(role);
    new LossAlarm(this, 'NotWoken', {
      settings,
      says: 'The schedule could not wake sweep-jobs.',
      metric: missed.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: alarmPeriod }),
    });
    return missed;
  }
}

const rate = (minutes: number): string => `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`;
