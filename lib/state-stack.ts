// What must outlive every deployment (D15): the data, the keys, and the address.
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CallbacksQueue } from './callbacks.ts';
import type { Settings } from './config.ts';
import { JobApi } from './http-api.ts';
import { JobTable } from './job-table.ts';
import { KeySecret } from './key-secret.ts';
import { OverflowBucket } from './overflow-bucket.ts';
import { SubmissionsQueue } from './submissions.ts';

/** What the functions of the service stack work on. */
export interface State {
  readonly jobs: JobTable;
  readonly overflow: OverflowBucket;
  readonly keys: KeySecret;
  readonly submissions: SubmissionsQueue;
  readonly callbacks: CallbacksQueue;
  readonly api: JobApi;
}

export class StateStack extends Stack implements State {
  readonly jobs: JobTable;
  readonly overflow: OverflowBucket;
  readonly keys: KeySecret;
  readonly submissions: SubmissionsQueue;
  readonly callbacks: CallbacksQueue;
  readonly api: JobApi;

  constructor(scope: Construct, id: string, { settings, ...props }: StackProps & { settings: Settings }) {
    super(scope, id, { ...props, terminationProtection: settings.retain });
    this.jobs = new JobTable(this, 'Jobs', settings);
    this.overflow = new OverflowBucket(this, 'Overflow', settings);
    this.keys = new KeySecret(this, 'Keys', settings);
    this.submissions = new SubmissionsQueue(this, 'Submissions', settings);
    this.callbacks = new CallbacksQueue(this, 'Callbacks', settings);
    this.api = new JobApi(this, 'Http', settings);

    new CfnOutput(this, 'ApiId', { value: this.api.api.apiId });
    new CfnOutput(this, 'IndexShards', { value: String(settings.indexShards) });
    new CfnOutput(this, 'TableName', { value: this.jobs.table.tableName });
    new CfnOutput(this, 'SecretName', { value: this.keys.secretName });
    new CfnOutput(this, 'BucketName', { value: this.overflow.bucket.bucketName });
    new CfnOutput(this, 'QueueUrl', { value: this.submissions.queue.queueUrl });
    new CfnOutput(this, 'CallbacksQueueUrl', { value: this.callbacks.queue.queueUrl });
  }
}
