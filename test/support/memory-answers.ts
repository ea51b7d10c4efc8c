// S3's part in answers that are too large for Lambda: kept in memory, given to whoever GETs the address.
import { randomUUID } from 'node:crypto';
import type { LargeAnswers } from '../../functions/adapters/large-answers.ts';

export type MemoryAnswers = LargeAnswers & {
  /** The answer at a path; undefined where there is none, or for another method than the one that was signed. */
  at(method: string, path: string): string | undefined;
};

/** @param root where the paths are served from, without a trailing slash */
export const memoryAnswers = (root: string): MemoryAnswers => {
  const texts = new Map<string, string>();
  return {
    keep: async (jobId, text) => {
      const path = `/answers/${jobId}/${randomUUID()}`;
      texts.set(path, text);
      return root + path;
    },
    at: (method, path) => (method === 'GET' ? texts.get(path) : undefined),
  };
};
