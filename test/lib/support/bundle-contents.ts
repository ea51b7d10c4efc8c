// What is in a function's bundle: the AWS calls that it can make, and the settings that it reads.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildResult, build } from 'esbuild';
import { type FunctionName, functionNames } from '../../../lib/bundles.ts';
import { bundling, entryPoints, partsOnDemand } from '../../../lib/bundling.ts';

export interface BundleContents {
  /** `<client>:<command>` of the AWS SDK, e.g. `dynamodb:GetItem`. */
  commands: ReadonlySet<string>;
  /** What transactions are made of: `Put`, `Update` … */
  transacted: ReadonlySet<string>;
  /** Names that it asks runtime/env.ts for. */
  settings: ReadonlySet<string>;
}

/** Bundles all functions as for a deployment, but readable, and looks what is left of the libraries. */
export const contentsOfBundles = async (): Promise<ReadonlyMap<FunctionName, BundleContents>> => {
  const result = await buildAll();
  return new Map(functionNames.map((name) => [name, contentsOf(result, name)]));
};

/** Our own files of which something is in any function's bundle. */
export const sourcesOfBundles = async (): Promise<string[]> => {
  const result = await buildAll();
  const used = functionNames.flatMap((name) => usedIn(result, `${name}/index`));
  return [...new Set(used)].filter((input) => input.startsWith('functions/'));
};

const buildAll = (): Promise<Result> =>
  build({
    ...bundling,
    entryPoints: { ...entryPoints(functionNames), ...partsOnDemand },
    outdir: 'functions',
    metafile: true,
    write: false,
  });

type Result = BuildResult<{ metafile: true; write: false }>;

/** Parts that it loads when it needs them are its own. */
const contentsOf = (result: Result, name: FunctionName): BundleContents => {
  const text = textOf(result, `${name}/index`);
  const parts = Object.keys(partsOnDemand).filter((part) => text.includes(`import("${part}")`));
  const used = [`${name}/index`, ...parts].flatMap((output) => usedIn(result, output));
  return { commands: commandsAmong(used), transacted: transactedIn(used), settings: settingsReadIn(text) };
};

const textOf = ({ outputFiles }: Result, output: string): string =>
  outputFiles.find(({ path }) => path.endsWith(`functions/${output}.js`))?.text ?? '';

const usedIn = ({ metafile }: Result, output: string): string[] =>
  Object.entries(metafile.outputs[`functions/${output}.js`]?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([input]) => input);

const commandsAmong = (inputs: readonly string[]): Set<string> =>
  new Set(
    inputs.flatMap((input) => {
      const [, client, command] =
        /@aws-sdk\/client-([a-z0-9-]+)\/dist-es\/commands\/(\w+)Command\.js$/.exec(input) ?? [];
      return client ? [`${client}:${command}`] : [];
    }),
  );

const transactedIn = (inputs: readonly string[]): Set<string> => {
  const own = inputs.filter((input) => input.startsWith('functions/'));
  const sources = own.map((input) => readFileSync(join(bundling.absWorkingDir, input), 'utf8'));
  return new Set(
    sources.flatMap((source) =>
      [...source.matchAll(/\b(Put|Update|Delete|ConditionCheck): \{/g)].map(([, kind]) => kind ?? ''),
    ),
  );
};

const settingsReadIn = (bundle: string): Set<string> => {
  const calls = [...bundle.matchAll(/\bsettings\d*\(((?:\s*"[A-Z_]+",?)+\s*)\)/g)];
  return new Set(calls.flatMap(([, names = '']) => [...names.matchAll(/[A-Z_]+/g)].map(([name]) => name)));
};
