// What is too large for the table, and what follow-mirror could not follow.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IEventSourceDlq } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { setAsidePrefix } from '../functions/adapters/table-schema.ts';
import { accept, type BundleFunction } from './bundle-function.ts';
import type { Settings } from './config.ts';

/** Functions drop a request once nothing needs it; this is for those that a crash left behind. */
const requestDays = 400;
const setAsideDays = 90;
/** No lifecycle is shorter; the addresses end within minutes. */
const answerDays = 1;
const resultsPrefix = 'results/';
const requestsPrefix = 'requests/';
const answersPrefix = 'answers/';

export class OverflowBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      lifecycleRules: [
        // Written when the job ends, some time before the item that names it is given its day.
        { prefix: resultsPrefix, expiration: Duration.days(Math.ceil(settings.retentionDays) + 1) },
        { prefix: requestsPrefix, expiration: Duration.days(requestDays) },
        { prefix: answersPrefix, expiration: Duration.days(answerDays) },
        { prefix: setAsidePrefix, expiration: Duration.days(setAsideDays) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    accept(this, 'AwsSolutions-S1', 'Only the functions of this bundle read and write it, and they log what they do.');
  }

  /** Lets a function keep large results and requests (functions/adapters/large-values.ts). */
  giveValuesTo(lambda: BundleFunction): void {
    const actions = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'];
    lambda.allowObjects(actions, this.bucket, resultsPrefix);
    lambda.allowObjects(actions, this.bucket, requestsPrefix);
    lambda.tell({ BUCKET_NAME: this.bucket.bucketName });
  }

  /** Lets a function keep answers that are too large to be sent (functions/adapters/large-answers.ts). */
  giveAnswersTo(lambda: BundleFunction): void {
    // Who reads an answer by its address does so in the function's name.
    lambda.allowObjects(['s3:PutObject', 's3:GetObject'], this.bucket, answersPrefix);
    lambda.tell({ BUCKET_NAME: this.bucket.bucketName });
  }

  /** Where Lambda puts, in a function's name, what that function could not do. */
  takeFailuresOf(lambda: BundleFunction): IEventSourceDlq {
    lambda.allowObjects(['s3:PutObject'], this.bucket, setAsidePrefix);
    lambda.allow(['s3:ListBucket'], this.bucket.bucketArn);
    return { bind: () => ({ destination: this.bucket.bucketArn }) };
  }
}
