// AWS clients that are answered on the spot: the SDK's own code runs, the network is not asked.
type CannedRequest = { headers: Record<string, string>; body: Uint8Array };

/**
 * Configuration of an SDK client whose requests `answer` answers, by operation (`PutEvents`) and input, in order.
 * For services that speak AWS's JSON protocol.
 */
export const cannedAws = (answer: (operation: string, input: unknown) => unknown) => ({
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  requestHandler: {
    handle: async ({ headers, body }: CannedRequest) => {
      const operation = headers['x-amz-target']?.split('.').at(-1) ?? '';
      const reply = JSON.stringify(answer(operation, JSON.parse(new TextDecoder().decode(body))));
      return { response: { statusCode: 200, headers: {}, body: Buffer.from(reply) } };
    },
  },
});
