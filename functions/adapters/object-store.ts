// Where what is too large for anything else lies: S3. Its client is a good part of a function's code and hardly ever
// needed, so it is loaded with the first object.
import type { S3Client } from '@aws-sdk/client-s3';

/** Texts, each under a key of its own: what a key once led to never changes. */
export type ObjectStore = {
  /** The key that it is kept under, below `folder`. */
  keep(folder: string, text: string): Promise<string>;
  /** Undefined when it is gone, or has more bytes than that. */
  read(key: string, atMost?: number): Promise<string | undefined>;
  drop(key: string): Promise<void>;
  /** A URL from which anybody who knows it can GET the text, for so many seconds. */
  addressOf(key: string, seconds: number): Promise<string>;
};

export type ObjectStoreOptions = {
  bucketName: string;
  /** One is made when it is needed, if none is given. */
  s3?: S3Client;
};

export const objectStore = ({ bucketName, s3 }: ObjectStoreOptions): ObjectStore => {
  let loading: Promise<ObjectStore> | undefined;
  const store = (): Promise<ObjectStore> => {
    loading ??= import('#s3-objects').then(({ s3Objects }) => s3Objects(bucketName, s3));
    return loading;
  };
  return {
    keep: async (folder, text) => (await store()).keep(folder, text),
    read: async (key, atMost) => (await store()).read(key, atMost),
    drop: async (key) => (await store()).drop(key),
    addressOf: async (key, seconds) => (await store()).addressOf(key, seconds),
  };
};
