// send-job fails until its messages are dead letters; mended, and with the letters redriven, every job runs.
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { type Deployed, deployed } from '../support/deployed.ts';
import { eventually, type Ground, sweepUntil } from '../support/ground.ts';
import { leiaJobs } from '../support/leia-jobs.ts';
import { type Figures, heal } from './aftermath.ts';
import { newWorker } from './load.ts';

const many = 10;
const RedrivePolicy = z.object({ deadLetterTargetArn: z.string() });

export const queueFaults = (ground: () => Ground, note: (figures: Figures) => void): void => {
  describe('a dead-letter queue', () => {
    const { queueUrl } = inject('flow');

    const deadLettersOf = async ({ queues, sqs }: Deployed): Promise<string> => {
      const policy = RedrivePolicy.parse(JSON.parse(await queues.attributeOf(queueUrl, 'RedrivePolicy')));
      const QueueName = policy.deadLetterTargetArn.split(':').at(-1);
      return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';
    };

    it('fills while send-job cannot work, and is redriven once it can', async () => {
      const all = deployed();
      const { leia, mirror } = ground();
      const deadLetters = await deadLettersOf(all);
      const lettersLeft = async () => Number(await all.queues.attributeOf(deadLetters, 'ApproximateNumberOfMessages'));
      const waiting = async () =>
        Number(await all.queues.attributeOf(queueUrl, 'ApproximateNumberOfMessages')) +
        Number(await all.queues.attributeOf(queueUrl, 'ApproximateNumberOfMessagesNotVisible'));
      const patience = await all.queues.attributeOf(queueUrl, 'VisibilityTimeout');
      const worker = await newWorker(ground());
      // While LEIA is down, what stands behind a job waits here (D5), and is sent by way of the queue.
      await leia.setAvailable(false);
      const first = await worker.submit();
      const behind: string[] = [];
      while (behind.length < many) behind.push(await worker.submit({ execute_after_id: first }));
      const mend = await all.changeEnvironment('send-job', { TABLE_NAME: 'gone' });
      await all.queues.setVisibility(queueUrl, '1');
      try {
        await leia.setAvailable(true);
        await sweepUntil(ground(), 'the first', async () => (await mirror.job(first))?.stage === 'bound');
        // A job may be named twice: by its prerequisite's end, and by its own appearance.
        await eventually('the letters', async () => ((await lettersLeft()) >= many ? true : undefined), 120);
        await eventually('no message elsewhere', async () => ((await waiting()) === 0 ? true : undefined), 120);
      } finally {
        await mend();
        await all.queues.setVisibility(queueUrl, patience);
      }
      expect((await mirror.jobs(behind)).map(({ stage }) => stage)).toEqual(Array(many).fill('unsent'));
      expect(await leiaJobs('redrive', 'submissions', '--yes')).toMatchObject({ code: 0 });
      await eventually(
        'all to be sent, without a sweep',
        async () => {
          const jobs = await mirror.jobs(behind);
          return jobs.every(({ stage }) => stage === 'bound') ? true : undefined;
        },
        120,
      );
      note(await heal(ground(), 'dead letters, redriven', [first, ...behind]));
      expect(await lettersLeft()).toBe(0);
    });
  });
};
