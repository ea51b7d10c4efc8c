// Nobody looks at an alarm that tells nobody.
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { deployment, resources } from './support/stacks.ts';

const alarmTopicArn = 'arn:aws:sns:eu-west-1:111122223333:on-call';
const Alarm = z.object({ AlarmDescription: z.string().min(20), AlarmActions: z.array(z.string()).optional() });

const alarms = (settings: Record<string, unknown>) => {
  const { state, service } = deployment(settings);
  return [state, service].flatMap((stack) =>
    [...resources(Template.fromStack(stack), 'AWS::CloudWatch::Alarm').values()].map(({ Properties }) =>
      Alarm.parse(Properties),
    ),
  );
};

test('every alarm says what has happened', () => {
  const texts = alarms({}).map(({ AlarmDescription }) => AlarmDescription);
  expect(texts.length).toBeGreaterThan(10);
});

test('every alarm tells the topic that the settings name', () => {
  for (const alarm of alarms({ alarmTopicArn })) expect(alarm).toMatchObject({ AlarmActions: [alarmTopicArn] });
});
