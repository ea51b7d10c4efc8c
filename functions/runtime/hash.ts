// The hash of tokens, keys and fingerprints.
import { hash } from 'node:crypto';

/** SHA-256 in lower-case hex. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');
