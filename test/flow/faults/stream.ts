// A record of the stream that nobody can follow lies between good ones.
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, inject, it } from 'vitest';
import { tableClient, toItem } from '../../../functions/adapters/table-client.ts';
import { newId } from '../../support/new-id.ts';
import { deployed } from '../support/deployed.ts';
import { eventually, type Ground } from '../support/ground.ts';
import { type Figures, heal } from './aftermath.ts';
import { newWorker, submitMany } from './load.ts';

export const streamFaults = (ground: () => Ground, note: (figures: Figures) => void): void => {
  describe('a poison record of the stream', () => {
    it('is set aside after a while; the good ones before and behind it are followed', async () => {
      const { mappingOf, changeMapping, queues, sqs } = deployed();
      const { aws, tableName } = inject('flow');
      const table = tableClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
      const mapping = await mappingOf('follow-mirror');
      expect(mapping.DestinationConfig?.OnFailure?.Destination).toMatch(/^arn:aws:s3:::/);
      // MiniStack gives up a record by its age alone, and tells a queue of it but no bucket (docs/ministack.md).
      const QueueUrl = await queues.create(`poison-${newId()}`);
      const Destination = await queues.attributeOf(QueueUrl, 'QueueArn');
      await changeMapping(mapping, {
        MaximumRecordAgeInSeconds: 4,
        DestinationConfig: { OnFailure: { Destination } },
      });
      const poison = { pk: `JOB#${newId()}`, sk: 'META' };
      try {
        const worker = await newWorker(ground());
        const before = await submitMany(worker, 5);
        await table.send(new PutItemCommand({ TableName: tableName, Item: toItem({ ...poison, status: 'NONSENSE' }) }));
        const behind = await submitMany(worker, 5);
        const ids = [...before, ...behind];
        await eventually(
          'the good ones to be followed, without a sweep',
          async () => {
            const jobs = await ground().mirror.jobs(ids);
            return jobs.every((job) => job.status === 'PROCESSED' && job.follow_up_due === undefined)
              ? true
              : undefined;
          },
          120,
        );
        const { Messages: [message] = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
        );
        expect(JSON.parse(message?.Body ?? '{}')).toMatchObject({
          requestContext: { condition: 'MaxRecordAgeExceeded' },
          DDBStreamBatchInfo: { batchSize: 1 },
        });
        note(await heal(ground(), 'poison record between good ones', ids));
      } finally {
        const { MaximumRecordAgeInSeconds, DestinationConfig } = mapping;
        await changeMapping(mapping, { MaximumRecordAgeInSeconds, DestinationConfig });
        await table.send(new DeleteItemCommand({ TableName: tableName, Key: toItem(poison) }));
      }
    });
  });
};
