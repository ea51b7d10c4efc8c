// A Lambda handler whose dependencies are made at its first call: importing a function's file does nothing.
import { fail, publishMetrics } from './log.ts';

/** The handler that `make` gives, made once. What it counted is sent at the end of each call, also of one that failed. */
export const wired = <Args extends unknown[], Reply>(
  make: () => (...args: Args) => Promise<Reply>,
): ((...args: Args) => Promise<Reply>) => {
  let handler: ((...args: Args) => Promise<Reply>) | undefined;
  return async (...args) => {
    try {
      handler ??= make();
      return await handler(...args);
    } catch (error) {
      fail('the function failed', error);
      throw error;
    } finally {
      publishMetrics();
    }
  };
};
