// What goes wrong is said in one line that tells what to do.
import { describe, expect, it } from 'vitest';
import { Failure, sentenceOf } from '../../bin/repair/failure.ts';

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });
const coded = (code: string): Error => Object.assign(new Error(''), { code });

describe('an error', () => {
  it.each([
    ['ours', new Failure('say which jobs'), 'say which jobs'],
    [
      'of missing credentials',
      named('CredentialsProviderError', 'Could not load credentials from any providers'),
      'no AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or use --local beside npm start (Could not load credentials from any providers)',
    ],
    [
      'of a connection, which has no message',
      new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]),
      'AWS does not answer: is AWS_ENDPOINT_URL right, and the network up? (ECONNREFUSED)',
    ],
    [
      'of rights',
      named('AccessDeniedException', 'User x is not authorized to perform y'),
      'AWS refuses that: the credentials lack a right, see Rights in docs/runbook.md (User x is not authorized to perform y)',
    ],
    ['of several lines', new Error('one\ntwo'), 'one'],
    ['without words', named('Odd', ''), 'Odd'],
  ])('%s', (_what, error, sentence) => {
    expect(sentenceOf(error)).toBe(sentence);
  });
});
