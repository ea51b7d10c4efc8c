// The deployment's queues and their dead letters, as a person looks after them.
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
  type Message as SqsMessage,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

export type QueueSight = {
  /** As the stacks' outputs name it; its dead letters: `dead submissions`. */
  name: string;
  url: string;
  /** About so many (SQS counts no better): that may be received, that somebody has received, that wait for their time. */
  waiting: number;
  in_flight: number;
  delayed: number;
  /** Address of the queue whose dead letters these are. */
  dead_of?: string;
};

export type Message = { id: string; body: string; receipt: string; attributes: SqsMessage['MessageAttributes'] };

export type Queues = {
  all(): Promise<QueueSight[]>;
  /** Up to ten messages, which others do not see for so many seconds. Fewer, or none, says little of what is there. */
  receive(url: string, hiddenSeconds: number): Promise<Message[]>;
  /** The messages that were taken. */
  send(url: string, messages: Message[]): Promise<Message[]>;
  drop(url: string, messages: Message[]): Promise<void>;
};

/** SQS's own limit. */
const BATCH = 10;
const RECEIVE_SECONDS = 1;

export const sqsQueues = (client: SQSClient, urls: ReadonlyMap<string, string>): Queues => ({
  all: async () => (await Promise.all([...urls].map(([name, url]) => withDeadLetters(client, name, url)))).flat(),

  receive: async (QueueUrl, VisibilityTimeout) => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        VisibilityTimeout,
        MaxNumberOfMessages: BATCH,
        WaitTimeSeconds: RECEIVE_SECONDS,
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '', MessageAttributes }) => ({
      id: MessageId,
      body: Body,
      receipt: ReceiptHandle,
      attributes: MessageAttributes,
    }));
  },

  send: async (QueueUrl, messages) => {
    const Entries = messages.map(({ body, attributes }, index) => ({
      Id: String(index),
      MessageBody: body,
      ...(attributes ? { MessageAttributes: attributes } : {}),
    }));
    const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const taken = new Set(Successful.map(({ Id }) => Id));
    return messages.filter((_, index) => taken.has(String(index)));
  },

  drop: async (QueueUrl, messages) => {
    if (messages.length === 0) return;
    const Entries = messages.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  },
});

const Redrive = z.object({ deadLetterTargetArn: z.string() });

const withDeadLetters = async (client: SQSClient, name: string, url: string): Promise<QueueSight[]> => {
  const { sight, redrive } = await look(client, name, url);
  if (redrive === undefined) return [sight];
  const QueueName = Redrive.parse(JSON.parse(redrive)).deadLetterTargetArn.split(':').at(-1) ?? '';
  const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName }));
  const dead = await look(client, `dead ${name}`, QueueUrl);
  return [sight, { ...dead.sight, dead_of: url }];
};

const look = async (
  client: SQSClient,
  name: string,
  url: string,
): Promise<{ sight: QueueSight; redrive: string | undefined }> => {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  const number = (attribute: string | undefined): number => Number(attribute ?? 0);
  return {
    sight: {
      name,
      url,
      waiting: number(Attributes.ApproximateNumberOfMessages),
      in_flight: number(Attributes.ApproximateNumberOfMessagesNotVisible),
      delayed: number(Attributes.ApproximateNumberOfMessagesDelayed),
    },
    redrive: Attributes.RedrivePolicy,
  };
};
