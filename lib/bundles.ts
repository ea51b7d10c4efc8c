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
const otherCredentials = [
  ...['sso', 'ini', 'process', 'web-identity', 'http'].map((source) => `@aws-sdk/credential-provider-${source}`),
  '@smithy/credential-provider-imds',
];

/** Parts that a function loads when it first needs them, by their names among the `imports` of package.json. */
export const partsOnDemand: Readonly<Record<string, string>> = { '#s3-objects': 'functions/adapters/s3-objects.ts' };

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

const build = (sources: Record<string, string>): OutputFile[] =>
  buildSync({
    ...bundling,
    external: [...bundling.external, ...Object.keys(partsOnDemand)],
    entryPoints: sources,
    outdir: 'functions',
    outExtension: { '.js': '.mjs' },
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    write: false,
  }).outputFiles;

interface Built {
  readonly functions: Map<string, OutputFile[]>;
  /** By their names in package.json. */
  readonly parts: ReadonlyMap<string, OutputFile[]>;
}

let built: Built | undefined;

/** Every file there is. The sources do not change while a process runs. */
const buildAll = (): Built => ({
  functions: Map.groupBy(build(entryPoints(functionNames)), ({ path }) => basename(dirname(path))),
  parts: new Map(Object.entries(partsOnDemand).map(([name, source]) => [name, build({ [fileOf(name)]: source })])),
});

const fileOf = (part: string): string => part.slice(1);

/**
 * Writes what Lambda gets of a function: `index.mjs`, each part that it may load beside it, and a package.json that
 * says where that is.
 */
export const writeBundle = (name: FunctionName, directory: string): void => {
  built ??= buildAll();
  const own = built.functions.get(name) ?? [];
  const parts = [...built.parts].filter(([part]) => own.some(({ text }) => text.includes(`import("${part}")`)));
  const imports = Object.fromEntries(parts.map(([part]) => [part, `./${fileOf(part)}.mjs`]));
  mkdirSync(directory, { recursive: true });
  for (const { path, contents } of [...own, ...parts.flatMap(([, files]) => files)]) {
    writeFileSync(join(directory, basename(path)), contents);
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module', imports }));
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
      local: {
        tryBundle: (directory) => {
          writeBundle(name, directory);
          return true;
        },
      },
    },
  });
