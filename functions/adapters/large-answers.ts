// Answers that are too large for Lambda lie in S3 for a while, each behind an address of its own (contract §2).
import { type ObjectStoreOptions, objectStore } from './object-store.ts';

export type LargeAnswers = {
  /** Keeps the JSON text of a job; the address from which anybody who knows it can GET it, for some minutes. */
  keep(jobId: string, text: string): Promise<string>;
};

export type LargeAnswersOptions = ObjectStoreOptions & {
  /** How long an address leads to its answer. The bucket drops the answer itself a day later. */
  addressSeconds: number;
};

/** @throws the SDK's errors when S3 does not answer. */
export const largeAnswers = ({ addressSeconds, ...options }: LargeAnswersOptions): LargeAnswers => {
  const store = objectStore(options);
  return {
    keep: async (jobId, text) => store.addressOf(await store.keep(`answers/${jobId}`, text), addressSeconds),
  };
};
