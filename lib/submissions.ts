// Released jobs on their way to LEIA: follow-mirror and the sweep put their ids on the queue, send-job sends them.
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { askLeia, type Ground, keepApplications, keepJobs, sendJobs, signCallbacks } from './abilities.ts';
import { alarmPeriod, LossAlarm } from './alarms.ts';
import { BundleFunction } from './bundle-function.ts';
import type { Settings } from './config.ts';
import { WorkQueue } from './work-queue.ts';

const tries = 5;
/** A message waits for a free function; longer than this, and sending has stopped. */
const oldestSeconds = 900;

export class SubmissionsQueue extends WorkQueue {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, {
      settings,
      functionTimeoutSeconds: settings.functionTimeoutSeconds,
      tries,
      saysDead:
        'Released jobs could not be sent to LEIA; the sweep tries them again. Look at the messages, then redrive.',
      variable: 'SUBMISSIONS_QUEUE_URL',
    });
    new LossAlarm(this, 'Old', {
      settings,
      says: 'Released jobs wait too long for send-job.',
      metric: this.queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period: alarmPeriod }),
      atLeast: oldestSeconds,
    });
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
