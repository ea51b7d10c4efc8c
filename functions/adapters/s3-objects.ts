// Texts in S3, each under a key of its own. Only object-store.ts loads this file, when it is needed.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ObjectStore } from './object-store.ts';

/** @throws the SDK's errors when S3 does not answer. */
export const s3Objects = (Bucket: string, s3 = new S3Client({})): ObjectStore => ({
  async keep(folder, text) {
    const Key = `${folder}/${randomUUID()}`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: text, ContentType: 'application/json' }));
    return Key;
  },

  async read(Key, atMost = Number.POSITIVE_INFINITY) {
    try {
      const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      if (ContentLength <= atMost) return await Body?.transformToString('utf-8');
      // Nobody reads on: the connection must not wait for that.
      if (Body instanceof Readable) Body.destroy();
      return undefined;
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  },

  async drop(Key) {
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  },

  /**
   * Only the host is signed, so that whatever headers a client carries along – our `token`, a Content-Type – do no harm.
   */
  addressOf: (Key, seconds) => getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: seconds }),
});
