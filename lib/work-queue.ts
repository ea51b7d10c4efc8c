// Work that waits for a function: ids on a queue, and those that none of the tries could do set aside.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmPeriod, LossAlarm } from './alarms.ts';
import type { BundleFunction } from './bundle-function.ts';
import type { Settings } from './config.ts';

const retentionPeriod = Duration.days(14);
/** AWS's advice, for a function that is throttled now and then. */
const visibilityTimeouts = 6;

export interface WorkQueueProps {
  readonly settings: Settings;
  /** Of the function that works it off. */
  readonly functionTimeoutSeconds: number;
  /** How often a message is received before it is set aside. */
  readonly tries: number;
  /** What it means that one was: the text of the alarm. */
  readonly saysDead: string;
  /** The variable by which a function finds the queue. */
  readonly variable: string;
}

export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly #variable: string;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const { settings, functionTimeoutSeconds, tries, saysDead, variable } = props;
    this.#variable = variable;
    const removalPolicy = settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod, removalPolicy };
    const deadLetters = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(functionTimeoutSeconds * visibilityTimeouts),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: tries },
    });
    new LossAlarm(this, 'Dead', {
      settings,
      says: saysDead,
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: alarmPeriod }),
    });
  }

  /** Lets a function put work on it. */
  giveTo(lambda: BundleFunction): void {
    lambda.allow(['sqs:SendMessage'], this.queue.queueArn);
    lambda.tell({ [this.#variable]: this.queue.queueUrl });
  }
}
