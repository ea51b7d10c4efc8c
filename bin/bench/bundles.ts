// How large each function's bundle is, and how long a fresh Node takes to import it.
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pMap from 'p-map';
import { type FunctionName, functionNames, writeBundle } from '../../lib/bundles.ts';
import { bundleFile } from './lambdas.ts';
import { atMost, inMillis, type Line, type Section } from './report.ts';
import { median } from './statistics.ts';

/** KB of 1024 bytes, as AWS counts. */
const goal = { kilobytes: 450, millis: 100 };
const imports = 5;

export const writeBundles = (directory: string): void => {
  for (const name of functionNames) writeBundle(name, join(directory, name));
};

/** Sizes and import times of the bundles in `directory`. One process at a time: they would slow each other down. */
export const bundleSection = async (directory: string): Promise<Section> => {
  const lines = await pMap(functionNames, (name) => bundleLines(bundleFile(directory, name), name), { concurrency: 1 });
  return {
    title: 'Bundles, as they are deployed',
    lines: lines.flat(),
    notes: [
      `Size: what is loaded at the start; beside it lie source maps, and S3’s client for values of more than 300 KB.`,
      `Import: median of ${imports} fresh processes.`,
    ],
  };
};

const bundleLines = async (file: string, name: FunctionName): Promise<Line[]> => {
  const { size } = await stat(file);
  const rounds = Array.from({ length: imports });
  const times = await pMap(rounds, () => importMillis(file), { concurrency: 1 });
  return [
    atMost(`${name}: size`, size / 1024, goal.kilobytes, (value) => `${Math.ceil(value)} KB`),
    atMost(`${name}: import`, median(times), goal.millis, inMillis),
  ];
};

const run = promisify(execFile);

const importMillis = async (file: string): Promise<number> => {
  const script = `const start = performance.now();
    await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log(performance.now() - start);
    process.exit();`;
  // As lib/bundle-function.ts has Lambda start it.
  const args = ['--enable-source-maps', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, args);
  return Number(stdout);
};
