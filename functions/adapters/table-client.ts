// DynamoDB's client, and items as plain values. The SDK's document layer would do both, and lay the SDK's way anew
// for each request (docs/decisions/0020).
import {
  type AttributeValue,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { awsConnection } from './aws-connection.ts';
import { Sha256 } from './aws-sha256.ts';

/** What the SDK does around a request that DynamoDB has no use for: a fifth of its work. */
const idle = ['getUserAgentMiddleware', 'loggerMiddleware', 'recursionDetectionMiddleware'];

/** The client that the table adapters expect. Its way through the SDK is laid once for each kind of request. */
export const tableClient = (config: DynamoDBClientConfig = {}): DynamoDBClient => {
  const client = new DynamoDBClient({
    requestHandler: awsConnection(),
    sha256: Sha256,
    cacheMiddleware: true,
    ...config,
  });
  for (const name of idle) client.middlewareStack.remove(name);
  return client;
};

/** Absent values leave no attribute, empty strings stay empty strings. */
export const toItem = (values: Readonly<Record<string, unknown>>): Record<string, AttributeValue> =>
  marshall(values, { removeUndefinedValues: true });

const fromItem = (item: Record<string, AttributeValue>): Record<string, unknown> => unmarshall(item);

export const fromItems = (items: Record<string, AttributeValue>[] = []): Record<string, unknown>[] =>
  items.map(fromItem);

/** As the last write has left it; undefined where there is none. */
export const itemAt = async (
  { client, tableName: TableName }: { client: DynamoDBClient; tableName: string },
  key: { pk: string; sk: string },
): Promise<Record<string, unknown> | undefined> => {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: toItem(key), ConsistentRead: true }));
  return Item && fromItem(Item);
};
