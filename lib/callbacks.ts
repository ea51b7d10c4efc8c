// Callers on their way to being told (D11): follow-mirror and the sweep put the ids of ended jobs on the queue,
// deliver-callback posts these to their callback URLs.
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { askLeia, type Ground, judgeCallbacks, keepApplications, keepJobs } from './abilities.ts';
import { BundleFunction } from './bundle-function.ts';
import type { Settings } from './config.ts';
import { WorkQueue } from './work-queue.ts';

/** What a caller may take to answer, and beside it what every function has for its own work. */
const timeoutSeconds = ({ callbackTimeoutSeconds, functionTimeoutSeconds }: Settings): number =>
  callbackTimeoutSeconds + functionTimeoutSeconds;

export class CallbacksQueue extends WorkQueue {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, {
      settings,
      functionTimeoutSeconds: timeoutSeconds(settings),
      tries: settings.callbackTries,
      saysDead: 'Callers could not be told of the ends of their jobs: none of the tries was acknowledged.',
      variable: 'CALLBACKS_QUEUE_URL',
    });
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
