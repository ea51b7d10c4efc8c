// What each SDK makes of a reply.
import type { Sdk } from '../vectors.ts';
import { javaReads } from './java.ts';
import { nodeReads } from './node.ts';
import { pythonReads } from './python.ts';
import type { Decoded, Kind, Reply } from './reply.ts';

export const decode = (sdk: Sdk, kind: Kind, reply: Reply): Decoded => {
  if (sdk === 'java-1.0.6') return javaReads(kind, reply);
  return sdk === 'node-0.7.2' ? nodeReads(kind, reply) : pythonReads(sdk, kind, reply);
};
