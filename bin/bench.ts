// npm run bench: what the bundle costs, each number beside its goal. Ratios are of one and the same run; no test
// depends on any of them. It fails only when it cannot measure.
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { bundleSection, writeBundles } from './bench/bundles.ts';
import { chainSection } from './bench/chain-costs.ts';
import { leiaMillis, prepareGround } from './bench/ground.ts';
import { latencySection, lifeSection } from './bench/judge.ts';
import { listSection } from './bench/lists.ts';
import { type Section, sectionText, summary } from './bench/report.ts';
import { createProcesses, LocalRunError, type Processes, root } from './local/processes.ts';
import { step } from './local/step.ts';

const bench = async (processes: Processes): Promise<Section[]> => {
  // A folder for each run: two may be at work in this clone.
  const directory = join(root, '.local', `bench-${process.pid}`);
  const bundles = join(directory, 'bundles');
  const logDirectory = join(root, '.local', 'logs', 'bench');
  processes.afterStop(() => rm(directory, { recursive: true, force: true }));
  await rm(logDirectory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });

  await step('Bundle the functions', async () => writeBundles(bundles));
  const sizes = await step('Import them', () => bundleSection(bundles));
  const ground = await step('Emulated AWS, local LEIA, state stack', () =>
    prepareGround(processes, { directory, bundles, logDirectory }),
  );
  const { findings, tableRequests } = await step('Measure', ground.measure);
  // Afterwards: this process keeps the table's and LEIA's distance while it measures, and lists leave it much to collect.
  const lists = await step('List jobs', listSection);
  const chains = chainSection(await step('Run chains', ground.measureChains), leiaMillis);
  return [sizes, latencySection(findings, tableRequests), lifeSection(findings, tableRequests), lists, chains];
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
