// npm run bench: what the bundle costs, each number beside its goal. Ratios are of one and the same run; no test
// depends on any of them. It fails only when it cannot measure.
//   npm run bench            everything
//   npm run bench -- chains  only that; likewise sizes, functions, lists, sweeps, outage, and several of them
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { bundleSection, writeBundles } from './bench/bundles.ts';
import { chainSection } from './bench/chain-costs.ts';
import { leiaMillis, prepareGround } from './bench/ground.ts';
import { latencySection, lifeSection } from './bench/judge.ts';
import { listSection } from './bench/lists.ts';
import { outageSection } from './bench/outage.ts';
import { type Section, sectionText, summary } from './bench/report.ts';
import { sweepSection } from './bench/sweeps.ts';
import { createProcesses, LocalRunError, type Processes, root } from './local/processes.ts';
import { step } from './local/step.ts';

const parts = ['sizes', 'functions', 'lists', 'sweeps', 'outage', 'chains'] as const;
const asked = process.argv.slice(2);
const wants = (part: (typeof parts)[number]): boolean => asked.length === 0 || asked.includes(part);

const bench = async (processes: Processes): Promise<Section[]> => {
  const unknown = asked.find((name) => !parts.some((part) => part === name));
  if (unknown !== undefined) throw new LocalRunError(`There is no part ${unknown}; there are ${parts.join(', ')}.`);
  const sections: Section[] = [];
  // A folder for each run: two may be at work in this clone.
  const directory = join(root, '.local', `bench-${process.pid}`);
  const bundles = join(directory, 'bundles');
  const logDirectory = join(root, '.local', 'logs', 'bench');
  processes.afterStop(() => rm(directory, { recursive: true, force: true }));
  await rm(logDirectory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });

  if (wants('sizes') || wants('functions')) await step('Bundle the functions', async () => writeBundles(bundles));
  if (wants('sizes')) sections.push(await step('Import them', () => bundleSection(bundles)));
  const prepare = () => prepareGround(processes, { directory, bundles, logDirectory });
  const needsGround = wants('functions') || wants('chains');
  const ground = needsGround ? await step('Emulated AWS, local LEIA, state stack', prepare) : undefined;
  if (ground && wants('functions')) {
    const { findings, tableRequests } = await step('Measure', ground.measure);
    sections.push(latencySection(findings, tableRequests), lifeSection(findings, tableRequests));
  }
  // Afterwards: this process keeps the table's and LEIA's distance while it measures, and lists leave it much to collect.
  if (wants('lists')) sections.push(await step('List jobs', listSection));
  if (wants('sweeps')) sections.push(await step('Sweep jobs in flight', sweepSection));
  if (wants('outage')) sections.push(await step('LEIA away for ten minutes', outageSection));
  if (ground && wants('chains')) {
    sections.push(chainSection(await step('Run chains', ground.measureChains), leiaMillis));
  }
  return sections;
};

/** Times are only as good as the machine is idle. */
const machine = (): string =>
  `Before it began, this machine of ${availableParallelism()} cores had a load of ${loadavg()[0]?.toFixed(1)}.`;

const before = machine();
const processes = createProcesses();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void processes.stop().finally(() => process.exit(1)));
}
try {
  const sections = await bench(processes);
  for (const section of sections) console.log(`\n${sectionText(section)}`);
  console.log(`\n${summary(sections)} ${before}`);
} catch (error) {
  console.error(`✖ ${error instanceof LocalRunError ? error.message : error instanceof Error ? error.stack : error}`);
  process.exitCode = 1;
} finally {
  await processes.stop();
}
