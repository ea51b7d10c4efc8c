import { randomBytes } from 'node:crypto';

/** An id that no other test uses, where many share one table. */
export const newId = (): string => randomBytes(12).toString('hex');
