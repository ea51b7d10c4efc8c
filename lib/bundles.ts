// The code of every function, bundled by one run of esbuild: a run for each would parse the AWS SDK each time.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { fileOf, partsOnDemand } from './bundling.ts';

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
  'deliver-callback',
  'sweep-jobs',
  'follow-mirror',
  'run-chain',
  'reroute-request',
  'repair-jobs',
] as const;
export type FunctionName = (typeof functionNames)[number];

let bundled: ReadonlyMap<string, Buffer> | undefined;

/** All files, by their paths; bundled once: the sources do not change while a process runs. */
const bundles = (): ReadonlyMap<string, Buffer> => {
  bundled ??= bundleAll();
  return bundled;
};

const fileAt = (path: string): Buffer => {
  const contents = bundles().get(path);
  if (!contents) throw new Error(`There is no ${path} among the bundles`);
  return contents;
};

const bundleAll = (): ReadonlyMap<string, Buffer> => {
  const directory = mkdtempSync(join(tmpdir(), 'leia-jobs-bundles-'));
  try {
    const script = fileURLToPath(new URL('bundling.ts', import.meta.url));
    execFileSync(process.execPath, [script, directory, ...functionNames], { stdio: ['ignore', 'ignore', 'inherit'] });
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) => extname(path) !== '');
    return new Map(files.map((path) => [path, readFileSync(join(directory, path))]));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/**
 * Writes what Lambda gets of a function: `index.mjs`, each part that it may load beside it, and a package.json that
 * says where that is.
 */
export const writeBundle = (name: FunctionName, directory: string): void => {
  const code = fileAt(join(name, 'index.mjs')).toString();
  const parts = Object.keys(partsOnDemand).filter((part) => code.includes(`import("${part}")`));
  const imports = Object.fromEntries(parts.map((part) => [part, `./${fileOf(part)}.mjs`]));
  const modules = [join(name, 'index'), ...parts.map((part) => join('parts', fileOf(part)))];
  mkdirSync(directory, { recursive: true });
  for (const file of modules.flatMap((module) => [`${module}.mjs`, `${module}.mjs.map`])) {
    writeFileSync(join(directory, basename(file)), fileAt(file));
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
