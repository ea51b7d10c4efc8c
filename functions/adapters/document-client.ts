// DynamoDB with plain values instead of attribute maps.
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { awsConnection } from './aws-connection.ts';
import { Sha256 } from './aws-sha256.ts';

/** What the SDK does around a request that DynamoDB has no use for: a fifth of its work. */
const idle = ['getUserAgentMiddleware', 'loggerMiddleware', 'recursionDetectionMiddleware'];

/** The client that the table adapters expect: absent values leave no attribute, empty strings stay empty strings. */
export const documentClient = (config: DynamoDBClientConfig = {}): DynamoDBDocumentClient => {
  const client = new DynamoDBClient({ requestHandler: awsConnection(), sha256: Sha256, ...config });
  for (const name of idle) client.middlewareStack.remove(name);
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true, convertEmptyValues: false },
  });
};
