// Released jobs on their way to LEIA: follow-mirror and the sweep put their ids on the queue, send-job sends them.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { askLeia, type Ground, keepApplications, keepJobs, sendJobs, signCallbacks } from './abilities.ts';
import { alarmPeriod, LossAlarm } from './alarms.ts';
import { BundleFunction } from './bundle-function.ts';
import type { Settings } from './config.ts';

const retentionPeriod = Duration.days(14);
/** AWS's advice, for a function that is throttled now and then. */
const visibilityTimeouts = 6;
const maxReceiveCount = 5;
/** A message waits for a free function; longer than this, and sending has stopped. */
const oldestSeconds = 900;

export class SubmissionsQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const removalPolicy = settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod, removalPolicy };
    const deadLetters = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(settings.functionTimeoutSeconds * visibilityTimeouts),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount },
    });
    new LossAlarm(this, 'Dead', {
      settings,
      says: 'Released jobs could not be sent to LEIA; the sweep tries them again. Look at the messages, then redrive.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: alarmPeriod }),
    });
    new LossAlarm(this, 'Old', {
      settings,
      says: 'Released jobs wait too long for send-job.',
      metric: this.queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period: alarmPeriod }),
      atLeast: oldestSeconds,
    });
  }

  /** Lets a function release jobs. */
  giveTo(lambda: BundleFunction): void {
    lambda.allow(['sqs:SendMessage'], this.queue.queueArn);
    lambda.tell({ SUBMISSIONS_QUEUE_URL: this.queue.queueUrl });
  }
}

/** Sends what is on the queue. */
export class Sender extends Construct {
  constructor(scope: Construct, id: string, ground: Ground) {
    super(scope, id);
    const { settings, state } = ground;
    const abilities = [keepJobs, keepApplications, askLeia, signCallbacks, sendJobs];
    const sendJob = new BundleFunction(this, 'send-job', { ground, abilities });
    sendJob.lambda.addEventSource(
      new SqsEventSource(state.submissions.queue, {
        reportBatchItemFailures: true,
        maxConcurrency: settings.sendConcurrency,
      }),
    );
    sendJob.alarmOnFailure('send-job fails: released jobs wait until the sweep sends them.');
  }
}
