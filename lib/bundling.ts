// How functions are bundled. A process of its own, as only esbuild's asynchronous API takes plugins and the CDK waits
// for nothing:
//   node lib/bundling.ts <directory> <function>…
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { instead, withoutUnused } from './left-out.ts';

/** Parts that a function loads when it first needs them, by their names among the `imports` of package.json. */
export const partsOnDemand: Readonly<Record<string, string>> = {
  '#s3-objects': 'functions/adapters/s3-objects.ts',
  '#event-bridge': 'functions/adapters/event-bridge.ts',
  '#api-description': 'functions/runtime/api-description.ts',
};

/** A part's file, without its ending. */
export const fileOf = (part: string): string => part.slice(1);

/** How a function is bundled: everything it needs, the AWS SDK included, in one ES module. */
export const bundling = {
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  charset: 'utf8',
  mainFields: ['module', 'main'],
  alias: instead,
  external: Object.keys(partsOnDemand),
  // Libraries that are CommonJS load Node's own modules with `require`.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  legalComments: 'none',
  plugins: [withoutUnused],
} satisfies BuildOptions;

/** esbuild's entry points: each function a folder of its own. */
export const entryPoints = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${name}/index`, `functions/${name}.ts`]));

const bundleInto = async (directory: string, names: readonly string[]): Promise<void> => {
  const parts = Object.entries(partsOnDemand).map(([part, source]) => [`parts/${fileOf(part)}`, source]);
  await build({
    ...bundling,
    entryPoints: { ...entryPoints(names), ...Object.fromEntries(parts) },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    minify: true,
    sourcemap: true,
    sourcesContent: false,
  });
};

const [, script, directory, ...names] = process.argv;
if (directory !== undefined && script === fileURLToPath(import.meta.url)) await bundleInto(directory, names);
