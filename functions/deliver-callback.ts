// deliver-callback – the caller of a job that has ended is told, from the queue (D11).
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSHandler, SQSRecord } from 'aws-lambda';
import { type DeliverDeps, deliverCallback } from './acts/deliver-callback.ts';
import { CallbackMessage, type PutOff } from './adapters/callbacks-queue.ts';
import { waitAfter } from './jobs/callback.ts';
import { wired } from './runtime/wired.ts';
import { deliverDeps } from './runtime/wiring.ts';

export type DeliveryDeps = DeliverDeps & {
  putOff: PutOff;
  fail: (message: string, error: unknown, about: Record<string, string>) => void;
};

export type CallbackRecord = Pick<SQSRecord, 'body' | 'receiptHandle'> & {
  attributes: Pick<SQSRecord['attributes'], 'ApproximateReceiveCount'>;
};

/** @throws NotAcknowledged: the message stays on the queue, comes again when its time has come, and at last is set aside. */
export const deliverOne = async (record: CallbackRecord, deps: DeliveryDeps): Promise<void> => {
  const { job_id } = CallbackMessage.parse(JSON.parse(record.body));
  const delivery = await deliver(deps, record, job_id);
  if (delivery.done) return;
  // After the last try it may be set aside at once.
  await deps.putOff(record.receiptHandle, delivery.againSeconds ?? 0);
  throw new NotAcknowledged();
};

/**
 * A failure of ours is told here: what works off the batch keeps it to itself. To the queue it is as good as a try, so
 * it waits like one: the table may be away for hours before the message is set aside.
 */
const deliver = async (deps: DeliveryDeps, { receiptHandle, attributes }: CallbackRecord, id: string) => {
  const receives = Number(attributes.ApproximateReceiveCount);
  try {
    return await deliverCallback(deps, id, receives);
  } catch (error) {
    deps.fail('a callback could not be tried', error, { job_id: id });
    if (receives < deps.callbackTimes.tries) await deps.putOff(receiptHandle, waitAfter(receives, deps.callbackTimes));
    throw error;
  }
};

class NotAcknowledged extends Error {
  constructor() {
    super('The callback was not acknowledged');
    this.name = 'NotAcknowledged';
  }
}

export const handler: SQSHandler = wired(() => {
  const deps = deliverDeps();
  const processor = new BatchProcessor(EventType.SQS);
  return (event, context) =>
    processPartialResponse(event, (record: SQSRecord) => deliverOne(record, deps), processor, {
      context,
      // A caller that does not acknowledge is no failure of this function, also when it is the only one.
      throwOnFullBatchFailure: false,
    });
});
