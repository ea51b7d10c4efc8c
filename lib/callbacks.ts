// Callers on their way to being told (D11): follow-mirror and the sweep put the ids of ended jobs on the queue,
// deliver-callback posts these to their callback URLs.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { askLeia, type Ground, judgeCallbacks, keepApplications, keepJobs } from './abilities.ts';
import { alarmPeriod, LossAlarm } from './alarms.ts';
import { BundleFunction } from './bundle-function.ts';
import type { Settings } from './config.ts';

const retentionPeriod = Duration.days(14);
/** AWS's advice, for a function that is throttled now and then. */
const visibilityTimeouts = 6;
/** A caller may use up its time, and then there is as much left as any function has. */
const timeoutSeconds = ({ callbackTimeoutSeconds, functionTimeoutSeconds }: Settings): number =>
  callbackTimeoutSeconds + functionTimeoutSeconds;

export class CallbacksQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const removalPolicy = settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod, removalPolicy };
    const deadLetters = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(timeoutSeconds(settings) * visibilityTimeouts),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: settings.callbackTries },
    });
    new LossAlarm(this, 'Dead', {
      settings,
      says: 'Callers could not be told of the ends of their jobs: none of the tries was acknowledged.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: alarmPeriod }),
    });
  }

  /** Lets a function have callers told. */
  giveTo(lambda: BundleFunction): void {
    lambda.allow(['sqs:SendMessage'], this.queue.queueArn);
    lambda.tell({ CALLBACKS_QUEUE_URL: this.queue.queueUrl });
  }
}

/** Tells them. */
export class CallbackDelivery extends Construct {
  constructor(scope: Construct, id: string, ground: Ground) {
    super(scope, id);
    const { settings, state } = ground;
    const { queue } = state.callbacks;
    const deliverCallback = new BundleFunction(this, 'deliver-callback', {
      ground,
      abilities: [keepJobs, keepApplications, askLeia, judgeCallbacks],
      timeoutSeconds: timeoutSeconds(settings),
    });
    deliverCallback.read(
      'CALLBACK_TIMEOUT_SECONDS',
      'CALLBACK_TRIES',
      'CALLBACK_RETRY_FIRST_SECONDS',
      'CALLBACK_RETRY_MAX_SECONDS',
      'CALLBACK_DEFAULT_MAX_AGE_SECONDS',
    );
    deliverCallback.tell({ CALLBACKS_QUEUE_URL: queue.queueUrl });
    // What works off the queue may put a message off as well.
    deliverCallback.lambda.addEventSource(
      new SqsEventSource(queue, { reportBatchItemFailures: true, maxConcurrency: settings.callbackConcurrency }),
    );
    deliverCallback.alarmOnFailure('deliver-callback fails: callers wait to be told of the ends of their jobs.');
  }
}
