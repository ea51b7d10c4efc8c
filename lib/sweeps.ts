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

const halfAnHour = 1800;
const unsentSeconds = 600;
/** The first sweep that finds a follow-up overdue repeats it; so often, and it has not helped. */
const followUpTries = 3;

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
    this.#alarms(ground);
  }

  /** What each sweep tells is looked at as often as there is one. */
  #alarms({ settings }: Ground): void {
    const period = Duration.seconds(Math.max(alarmPeriod.toSeconds(), settings.sweepIntervalSeconds));
    new LossAlarm(this, 'NoSweep', {
      settings,
      says: 'No sweep has ended well for some time: lost callbacks and jobs not yet sent wait.',
      metric: counted(settings, 'SweepCompleted').with({ period }),
      silence: { below: 1, periods: 4 },
    });
    new LossAlarm(this, 'Incomplete', {
      settings,
      says: 'Sweeps have not come to their end for half an hour: some jobs are not looked after.',
      metric: counted(settings, 'SweepIncomplete').with({ period }),
      periods: Math.ceil(halfAnHour / period.toSeconds()),
    });
    new LossAlarm(this, 'Unsent', {
      settings,
      says: 'A job has waited for more than ten minutes to be sent to LEIA.',
      metric: counted(settings, 'OldestUnsent').with({ period, statistic: Stats.MAXIMUM }),
      atLeast: unsentSeconds,
    });
    new LossAlarm(this, 'FollowUps', {
      settings,
      says: 'What the end of a job causes has been due for long: the sweep repeats it in vain.',
      metric: counted(settings, 'OldestFollowUp').with({ period, statistic: Stats.MAXIMUM }),
      atLeast: followUpTries * Math.max(settings.followUpOverdueSeconds, settings.sweepIntervalSeconds),
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
