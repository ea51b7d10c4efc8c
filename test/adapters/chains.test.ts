import { InvalidToken, SFNClient, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { chainAnswers } from '../../functions/adapters/chains.ts';
import { cannedAws } from '../support/canned-aws.ts';

const told = async (ok: boolean): Promise<unknown[]> => {
  const requests: unknown[] = [];
  const client = new SFNClient(
    cannedAws((operation, input) => {
      requests.push([operation, input]);
      return {};
    }),
  );
  await chainAnswers(client).answer('a token', ok);
  return requests;
};

describe('a waiting step', () => {
  it('whose child is PROCESSED succeeds', async () => {
    expect(await told(true)).toEqual([['SendTaskSuccess', { taskToken: 'a token', output: '{}' }]]);
  });

  it('whose child has ended otherwise fails, by an error that the state machine knows', async () => {
    expect(await told(false)).toEqual([['SendTaskFailure', { taskToken: 'a token', error: 'StepFailed' }]]);
  });

  const refusal = { message: 'no', $metadata: {} };
  it.each([new TaskTimedOut(refusal), new TaskDoesNotExist(refusal), new InvalidToken(refusal)])(
    'that waits no longer counts as answered: $name',
    async (error) => {
      const client = new SFNClient({
        ...cannedAws(() => {
          throw error;
        }),
        maxAttempts: 1,
      });
      await chainAnswers(client).answer('a stale token', true);
      await chainAnswers(client).answer('a stale token', false);
    },
  );
});
