// Other functions of the bundle, called as API Gateway would call them.
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import type { HttpFunction } from '../runtime/routes.ts';

export type Functions = {
  /** The answer of the function to this event. */
  answer(name: HttpFunction, event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
};

const Answer = z.object({
  statusCode: z.number().int(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/** @param names function names by the names of the table of routes */
export const lambdaFunctions = (client: LambdaClient, names: Record<string, string>): Functions => ({
  answer: async (name, event) => {
    const FunctionName = names[name];
    if (FunctionName === undefined) throw new Error(`FUNCTION_NAMES does not name ${name}`);
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName, InvocationType: 'RequestResponse', Payload: JSON.stringify(event) }),
    );
    if (FunctionError !== undefined || !Payload) throw new Error(`${name} failed: ${FunctionError ?? 'no answer'}`);
    const { headers, body, isBase64Encoded, statusCode } = Answer.parse(JSON.parse(Payload.transformToString()));
    return {
      statusCode,
      ...(headers ? { headers } : {}),
      ...(body === undefined ? {} : { body, isBase64Encoded: isBase64Encoded ?? false }),
    };
  },
});
