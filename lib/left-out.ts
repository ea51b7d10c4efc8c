// What no function needs of the libraries that it is bundled with, and why it is left out. Together this is a tenth of
// a bundle.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Modules of libraries, each by the end of its path. Their functions are there, and throw: nobody calls them here.
 * - zod's schemas can write themselves as JSON Schema, which only bin/openapi.ts has them do.
 * - The SDK has a SHA-256 in JavaScript, for a Node that was built without one.
 */
const unused = /zod\/v4\/core\/(?:to-json-schema|json-schema-processors)\.js$|@smithy\/core\/.*\/sha256\/Sha256Js\.js$/;

/** The SDK's clients tell AWS their version, and hold all their package.json for it. */
const descriptions = /@aws-sdk\/client-[a-z0-9-]+\/package\.json$/;

/** Packages that others stand for; paths are relative to the repository's root. */
export const instead: Readonly<Record<string, string>> = {
  // Lambda puts a function's credentials into its environment. The other places to look are for other machines.
  '@aws-sdk/credential-provider-node': './lib/left-out/credentials.ts',
  // DynamoDB's client can ask for its endpoint. It does so only on demand, and nobody demands it.
  '@aws-sdk/middleware-endpoint-discovery': './lib/left-out/endpoint-discovery.ts',
};

/** Loaded by the SDK's protocols for an operation that streams events, and only then: none of ours does. */
const eventStreams = /^@smithy\/core\/event-streams$/;

export const withoutUnused: Plugin = {
  name: 'without-unused',
  setup: ({ onLoad, onResolve }) => {
    // Clients that know such operations import it for themselves: they have it.
    onResolve({ filter: eventStreams }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
    onLoad({ filter: unused }, ({ path }) => ({ contents: throwing(path, readFileSync(path, 'utf8')) }));
    onLoad({ filter: descriptions }, ({ path }) => {
      const { version }: { version?: unknown } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** A module with the same exports, each of which throws when it is called. */
const throwing = (path: string, source: string): string => {
  const names = [...source.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name]) => name);
  if (names.length === 0) throw new Error(`${path} has no exports that could be left out`);
  const says = JSON.stringify(`${basename(path)} is left out of the bundles: see lib/left-out.ts`);
  return `const leftOut = () => { throw new Error(${says}); };
${names.map((name) => `export { leftOut as ${name} };`).join('\n')}`;
};
