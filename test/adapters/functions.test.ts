import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { lambdaFunctions } from '../../functions/adapters/functions.ts';
import { gatewayEvent } from '../support/gateway.ts';

type Asked = { path: string; headers: Record<string, string>; body: unknown };

/** A Lambda service that answers each invocation alike. */
const service = (payload: unknown, headers: Record<string, string> = {}) => {
  const asked: Asked[] = [];
  const client = new LambdaClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      handle: async (request: { path: string; headers: Record<string, string>; body: Uint8Array | string }) => {
        const body: unknown = JSON.parse(Buffer.from(request.body).toString());
        asked.push({ path: request.path, headers: request.headers, body });
        return { response: { statusCode: 200, headers, body: Buffer.from(JSON.stringify(payload)) } };
      },
    },
  });
  return { asked, functions: lambdaFunctions(client, { 'read-jobs': 'leia-jobs-read-jobs' }) };
};
const event = gatewayEvent({ path: '/leia/1.0.0/job' });

describe('another function of the bundle', () => {
  it('gets the event and gives its answer', async () => {
    const answer = { statusCode: 200, headers: { age: '1' }, body: 'AP8=', isBase64Encoded: true };
    const { asked, functions } = service(answer);
    expect(await functions.answer('read-jobs', event)).toEqual(answer);
    expect(asked[0]).toMatchObject({ path: '/2015-03-31/functions/leia-jobs-read-jobs/invocations', body: event });
    expect(asked[0]?.headers).toMatchObject({ 'x-amz-invocation-type': 'RequestResponse' });
  });

  it('may answer without a body', async () =>
    expect(await service({ statusCode: 204 }).functions.answer('read-jobs', event)).toEqual({ statusCode: 204 }));

  it('that breaks gives no answer', async () =>
    await expect(
      service({ errorMessage: 'boom' }, { 'x-amz-function-error': 'Unhandled' }).functions.answer('read-jobs', event),
    ).rejects.toThrow('read-jobs failed: Unhandled'));

  it('that answers nonsense gives no answer', async () =>
    await expect(service({ nonsense: 1 }).functions.answer('read-jobs', event)).rejects.toThrow());

  it('must be known by name', async () =>
    await expect(service({}).functions.answer('session', event)).rejects.toThrow(
      'FUNCTION_NAMES does not name session',
    ));
});
