// The code of every function, bundled by one run of esbuild: a run for each would parse the AWS SDK each time.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, buildSync, type OutputFile } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The functions, named like their files under functions/. */
export const functionNames = [
  'submit-job',
  'send-job',
  'control-job',
  'read-jobs',
  'explain-job',
  'session',
  'proxy-leia',
  'receive-callback',
  'sweep-jobs',
  'follow-mirror',
  'run-chain',
  'reroute-request',
] as const;
export type FunctionName = (typeof functionNames)[number];

/**
 * A function finds its credentials in its environment. These other sources are loaded only when it does not, which in
 * Lambda never happens.
 */
const otherCredentials = ['sso', 'ini', 'process', 'web-identity', 'http'].map(
  (source) => `@aws-sdk/credential-provider-${source}`,
);

/** How a function is bundled: everything it needs, the AWS SDK included, in one ES module. */
export const bundling = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  external: otherCredentials,
  // Libraries that are CommonJS load Node's own modules with `require`.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  legalComments: 'none',
} as const satisfies BuildOptions;

/** esbuild's entry points: each function a folder of its own. */
export const entryPoints = (names: readonly FunctionName[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${name}/index`, `functions/${name}.ts`]));

let built: Map<string, OutputFile[]> | undefined;

/** The files of each function. The sources do not change while a process runs. */
const build = (): Map<string, OutputFile[]> => {
  const { outputFiles } = buildSync({
    ...bundling,
    entryPoints: entryPoints(functionNames),
    outdir: 'functions',
    outExtension: { '.js': '.mjs' },
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    write: false,
  });
  return Map.groupBy(outputFiles, ({ path }) => basename(dirname(path)));
};

const writeBundle = (name: FunctionName, directory: string): true => {
  built ??= build();
  mkdirSync(directory, { recursive: true });
  for (const { path, contents } of built.get(name) ?? []) writeFileSync(join(directory, basename(path)), contents);
  return true;
};

/** A function's code; made when its stack is deployed, not before. */
export const codeOf = (name: FunctionName): Code =>
  Code.fromAsset(join(root, 'functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never started: bundling here always succeeds or throws.
      image: DockerImage.fromRegistry('none'),
      // Tells one function's asset from another's, whose source is the same folder.
      command: ['esbuild', name],
      local: { tryBundle: (directory) => writeBundle(name, directory) },
    },
  });
