// The deployment's functions that a person may call, by the account's own rights.
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Deployment } from './deployment.ts';
import { Failure } from './failure.ts';

export type Callable = 'sweep' | 'follow' | 'chain' | 'repair';

export type Functions = {
  /** What the function answers; it may take as long as it takes. @throws Failure when it fails */
  call(name: Callable, payload: object): Promise<unknown>;
};

const LambdaError = z.object({ errorMessage: z.string() });

export const lambdaCalls = (client: LambdaClient, service: Deployment['service']): Functions => ({
  call: async (name, payload) => {
    if (!service) throw new Failure('the service stack is not deployed: nothing works on the jobs');
    const command = new InvokeCommand({ FunctionName: service[name], Payload: JSON.stringify(payload) });
    const { Payload, FunctionError } = await client.send(command);
    const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
    if (FunctionError === undefined) return answer;
    const why = LambdaError.safeParse(answer).data?.errorMessage ?? FunctionError;
    throw new Failure(`${service[name]} failed: ${why}`);
  },
});
