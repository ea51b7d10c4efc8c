// Where texts go that are too large for a job's item: an item of their own, or S3.
import { type ObjectStoreOptions, objectStore } from './object-store.ts';

/** UTF-8 bytes. An item holds 400 KB in all, its keys and other attributes included. */
const inlineBytes = 4 * 1024;
const itemBytes = 300 * 1024;

/** @param mostInline bytes that the job's own item takes */
export const placeOf = (text: string, mostInline = inlineBytes): 'inline' | 'item' | 's3' => {
  const bytes = Buffer.byteLength(text);
  if (bytes <= mostInline) return 'inline';
  return bytes <= itemBytes ? 'item' : 's3';
};

/** Texts in S3, each under a key of its own; named by `s3:<key>`. */
export type LargeValues = {
  keep(folder: string, text: string): Promise<string>;
  /** Undefined when it is gone, or has more bytes than that. */
  read(at: string, atMost?: number): Promise<string | undefined>;
  drop(at: string): Promise<void>;
};

const scheme = 's3:';
const keyOf = (at: string): string => at.slice(scheme.length);

export const isInS3 = (at: string | undefined): at is string => at?.startsWith(scheme) === true;

export const largeValues = (options: ObjectStoreOptions): LargeValues => {
  const store = objectStore(options);
  return {
    keep: async (folder, text) => scheme + (await store.keep(folder, text)),
    read: (at, atMost) => store.read(keyOf(at), atMost),
    drop: (at) => store.drop(keyOf(at)),
  };
};
