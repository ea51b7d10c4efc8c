// A wrong setting ends a deployment before it begins, with a sentence that says what to do.
import { describe, expect, test } from 'vitest';
import { settingsOf, WrongSettings } from '../../lib/config.ts';

const leiaUrl = 'https://api.leia.io/leia/1.0.0';

const complaint = (context: Record<string, unknown>): string => {
  try {
    settingsOf({ leiaUrl, ...context });
  } catch (error) {
    if (error instanceof WrongSettings) return error.message;
    throw error;
  }
  return 'none';
};

describe('settings', () => {
  test('only LEIA’s URL must be given', () => {
    expect(settingsOf({ leiaUrl })).toMatchObject({ leiaUrl, name: 'leia-jobs', retain: true, giveUpHours: 24 });
  });

  test('the command line’s text means what it says', () => {
    const settings = settingsOf({ leiaUrl: `${leiaUrl}/`, retain: 'false', streamBatchSize: '1', giveUpHours: '0.5' });
    expect(settings).toMatchObject({ leiaUrl, retain: false, streamBatchSize: 1, giveUpHours: 0.5 });
  });

  test('the CDK’s own context is none of them', () => {
    expect(
      complaint({
        '@aws-cdk/core:stackRelativeExports': true,
        'aws:cdk:bundling-stacks': ['*'],
        'cli-telemetry': false,
      }),
    ).toBe('none');
  });

  test.each([
    'http://127.0.0.1:4000/leia/1.0.0',
    'http://localhost:4000',
    'http://leia.localhost',
    'http://[::1]:4000/leia',
  ])('LEIA on this machine needs no TLS: %s', (url) => expect(settingsOf({ leiaUrl: url }).leiaUrl).toBe(url));
});

test('the allow-list of callbacks is a list, or text with commas', () => {
  const entries = ['10.1.0.0/16', '127.0.0.1', 'hooks.example.com', 'fd00::/8'];
  for (const callbackAllowList of [entries, entries.join(','), entries.join(', ')])
    expect(settingsOf({ leiaUrl, callbackAllowList }).callbackAllowList).toEqual(entries);
  expect(settingsOf({ leiaUrl }).callbackAllowList).toBeUndefined();
});

describe('a wrong setting', () => {
  const url = 'https (http only on this machine), no user, query or fragment';
  test.each<[Record<string, unknown>, string]>([
    [{ leiaUrl: undefined }, `The setting leiaUrl must be a base URL such as ${leiaUrl}: ${url}; it is missing.`],
    [
      { leiaUrl: 'http://api.leia.io' },
      `The setting leiaUrl must be a base URL such as ${leiaUrl}: ${url}; it is "http://api.leia.io".`,
    ],
    [
      { callbackBaseUrl: 'https://jobs.example.com?a=b' },
      `The setting callbackBaseUrl must be a base URL such as https://jobs.example.com: ${url}; it is "https://jobs.example.com?a=b".`,
    ],
    [
      { name: 'Leia_Jobs' },
      'The setting name must be up to 30 lower-case letters, digits and hyphens, a letter first; it is "Leia_Jobs".',
    ],
    [{ retain: 'perhaps' }, 'The setting retain must be true or false; it is "perhaps".'],
    [{ indexShards: '2.5' }, 'The setting indexShards must be a whole number of shards from 1 to 64; it is "2.5".'],
    [{ retentionDays: '0' }, 'The setting retentionDays must be a number of days from 1 to 3650; it is "0".'],
    [{ retentionDays: 'ninety' }, 'The setting retentionDays must be a number of days from 1 to 3650; it is "ninety".'],
    [
      { sweepIntervalSeconds: 90 },
      'The setting sweepIntervalSeconds must be a multiple of 60 seconds: the schedule counts minutes; it is 90.',
    ],
    [
      { secretMaxAgeSeconds: 301 },
      'The setting secretMaxAgeSeconds must be a number of seconds from 0 to 300; it is 301.',
    ],
    [{ logLevel: 'LOUD' }, 'The setting logLevel must be one of DEBUG, INFO, WARN, ERROR; it is "LOUD".'],
    [{ alarmTopicArn: 'my-topic' }, 'The setting alarmTopicArn must be the ARN of an SNS topic; it is "my-topic".'],
    [{ eventBusName: 'a b' }, 'The setting eventBusName must be the name of an event bus; it is "a b".'],
    [
      { claimSeconds: 34 },
      'The setting claimSeconds must exceed leiaTimeoutSeconds + functionTimeoutSeconds (34), or a job could be sent twice; it is 34.',
    ],
    [
      { leiaTimeoutSeconds: 10, functionTimeoutSeconds: 10 },
      'The setting functionTimeoutSeconds must exceed leiaTimeoutSeconds (10), or a slow LEIA ends the function; it is 10.',
    ],
    [
      { retryFirstSeconds: 301 },
      'The setting retryMaxSeconds must be at least retryFirstSeconds (301); it is 300 by default.',
    ],
    [
      { sweepAgeFirstSeconds: 7200 },
      'The setting sweepAgeThenSeconds must be at least sweepAgeFirstSeconds (7200); it is 3600 by default.',
    ],
    [
      { callbackAllowList: '10.0.0.0/33,hooks.example.com' },
      'The setting callbackAllowList must be addresses, address ranges and host names, such as 10.1.0.0/16,hooks.example.com; it is "10.0.0.0/33,hooks.example.com".',
    ],
    [
      { callbackRetryFirstSeconds: 60, callbackRetryMaxSeconds: 59 },
      'The setting callbackRetryMaxSeconds must be at least callbackRetryFirstSeconds (60); it is 59.',
    ],
    [{ sweepIntervalSecond: 60 }, 'There is no setting sweepIntervalSecond.'],
  ])('%j', (context, sentence) => expect(complaint(context)).toBe(sentence));

  test('says how long logs may be kept', () => {
    expect(complaint({ logRetentionDays: 8 })).toMatch(
      /^The setting logRetentionDays must be one of 1, 3, 5, 7, .* days; it is 8\.$/,
    );
  });

  test('does not hide another one', () => {
    expect(complaint({ retain: 'perhaps', statusBatch: 0 }).split('\n')).toHaveLength(2);
  });
});
