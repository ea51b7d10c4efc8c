// The code of every function, bundled by one run of esbuild: a run for each would parse the AWS SDK each time.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

let bundled: string | undefined;

/** Where all of them are, bundled once: the sources do not change while a process runs. Gone when it ends. */
const bundles = (): string => {
  if (bundled !== undefined) return bundled;
  const directory = mkdtempSync(join(tmpdir(), 'leia-jobs-bundles-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const script = fileURLToPath(new URL('bundling.ts', import.meta.url));
  execFileSync(process.execPath, [script, directory, ...functionNames], { stdio: ['ignore', 'ignore', 'inherit'] });
  bundled = directory;
  return directory;
};

/**
 * Writes what Lambda gets of a function: `index.mjs`, each part that it may load beside it, and a package.json that
 * says where that is.
 */
export const writeBundle = (name: FunctionName, directory: string): void => {
  const own = join(bundles(), name);
  const code = readFileSync(join(own, 'index.mjs'), 'utf8');
  const parts = Object.keys(partsOnDemand).filter((part) => code.includes(`import("${part}")`));
  const imports = Object.fromEntries(parts.map((part) => [part, `./${fileOf(part)}.mjs`]));
  cpSync(own, directory, { recursive: true });
  for (const file of parts.flatMap((part) => [`${fileOf(part)}.mjs`, `${fileOf(part)}.mjs.map`])) {
    cpSync(join(bundles(), 'parts', file), join(directory, file));
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
