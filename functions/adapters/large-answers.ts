// Answers that are too large for Lambda lie in S3 for a while, each behind an address of its own (contract §2).
import { randomUUID } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

export type LargeAnswers = {
  /** Keeps the JSON text of a job; the address from which anybody who knows it can GET it, for some minutes. */
  keep(jobId: string, text: string): Promise<string>;
};

export type LargeAnswersOptions = {
  s3: S3Client;
  bucketName: string;
  /** How long an address leads to its answer. The bucket drops the answer itself a day later. */
  addressSeconds: number;
};

/**
 * A key for each answer: what an address once led to never changes. Only the host is signed, so that whatever headers a
 * client carries along – our `token`, a Content-Type – do no harm.
 * @throws the SDK's errors when S3 does not answer.
 */
export const largeAnswers = ({ s3, bucketName: Bucket, addressSeconds }: LargeAnswersOptions): LargeAnswers => ({
  async keep(jobId, text) {
    const Key = `answers/${jobId}/${randomUUID()}`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: text, ContentType: 'application/json' }));
    return getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: addressSeconds });
  },
});
