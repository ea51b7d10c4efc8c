// The table's stream, handed to follow-mirror as Lambda would.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Place } from './findings.ts';

const pauseMillis = 50;

/**
 * Hands on what is written to the table from now on, in order, until it is disposed of.
 * @returns what also tells whether handing on has failed
 */
export const followStream = async (
  { aws, tableName }: Place,
  hand: (records: DynamoDBRecord[]) => Promise<void>,
): Promise<AsyncDisposable> => {
  const client = new DynamoDBStreamsClient(aws);
  const iterators = await latestIterators(client, tableName);
  let stopped = false;
  const follow = async (first: string): Promise<void> => {
    for (let iterator: string | undefined = first; iterator !== undefined && !stopped; ) {
      const page: GetRecordsOutput = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
      // The SDK's type of a record differs from Lambda's in how it writes the time.
      if (page.Records?.length) await hand(page.Records as unknown as DynamoDBRecord[]);
      else await sleep(pauseMillis);
      iterator = page.NextShardIterator;
    }
  };
  const following = Promise.all(iterators.map(follow));
  return {
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      await following;
      client.destroy();
    },
  };
};

const latestIterators = async (client: DynamoDBStreamsClient, TableName: string): Promise<string[]> => {
  const { Streams } = await client.send(new ListStreamsCommand({ TableName }));
  const StreamArn = Streams?.[0]?.StreamArn;
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
  const ids = (StreamDescription?.Shards ?? []).flatMap(({ ShardId }) => ShardId ?? []);
  const iterators = ids.map(async (ShardId) => {
    const from = { StreamArn, ShardId, ShardIteratorType: 'LATEST' } as const;
    return (await client.send(new GetShardIteratorCommand(from))).ShardIterator ?? [];
  });
  return (await Promise.all(iterators)).flat();
};
