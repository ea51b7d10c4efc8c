// npm start: the whole bundle on one machine – an emulated AWS, a LEIA, both stacks – then a demonstration, then it
// serves until it is stopped.
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { demonstrate } from './local/demonstration.ts';
import { claim } from './local/lock.mjs';
import { createProcesses, LocalRunError, root } from './local/processes.ts';
import { endpointFileIn, howToGoOn, publishEndpoint } from './local/publication.ts';
import { type LocalRun, type RunOptions, startRun } from './local/run.ts';

const usage = `npm start [-- --once | --no-demo] [--keep folder]
  --once     end after the demonstration, with code 0 only if every line is as expected
  --no-demo  only serve
  --keep     keep everything in that folder, and go on from what is in it
In the environment: PORT, AWS_ENDPOINT_URL, LEIA_URL with LEIA_API_KEY, PYTHON`;

interface Options extends RunOptions {
  readonly once: boolean;
  readonly demo: boolean;
}

/** Somebody asked for the end. */
class Stopped extends Error {
  readonly exitCode: number;
  constructor(signal: NodeJS.Signals, exitCode: number) {
    super(`Stopped by ${signal}.`);
    this.exitCode = exitCode;
  }
}

const readOptions = (): Options => {
  const options = { once: { type: 'boolean' }, 'no-demo': { type: 'boolean' }, keep: { type: 'string' } } as const;
  try {
    const { values } = parseArgs({ options });
    if (values.once && values['no-demo'])
      throw new Error('--once ends after the demonstration that --no-demo leaves out');
    if (values.keep !== undefined && process.env.AWS_ENDPOINT_URL)
      throw new Error('--keep is about an emulated AWS of our own, and AWS_ENDPOINT_URL names another');
    const folder = values.keep === undefined ? join(root, '.local') : resolve(values.keep);
    return { once: values.once ?? false, demo: !values['no-demo'], folder, keep: values.keep !== undefined };
  } catch (error) {
    throw new LocalRunError(`${error instanceof Error ? error.message : error}\nUsage: ${usage}`);
  }
};

/** Fails at the first signal. Later ones change nothing: the end has begun, and it is short. */
const failOnSignal = (exitCodeOf: (signalNumber: number) => number): Promise<never> =>
  new Promise((_, reject) => {
    for (const [signal, number] of [
      ['SIGHUP', 1],
      ['SIGINT', 2],
      ['SIGTERM', 15],
    ] as const) {
      process.on(signal, () => reject(new Stopped(signal, exitCodeOf(number))));
    }
  });

/** One run at a time in a folder: they would share its lock, logs and outputs. */
const takeFolder = async (folder: string): Promise<{ release: () => void; annotate: (note: string) => void }> => {
  const claimed = await claim(join(folder, 'run.json'));
  if (claimed.held) return claimed;
  const { pid, note } = claimed.by;
  throw new LocalRunError(
    `It already runs in this folder: process ${pid}${note ? ` at ${note}` : ', still starting'}. Use that one, or stop it first (Ctrl-C there, or kill ${pid}).`,
  );
};

const serve = async (run: LocalRun): Promise<never> => {
  console.log(howToGoOn(run));
  return run.failIfItEnds();
};

/** @returns the exit code of a run that ends by itself */
const work = async (run: LocalRun, { once, demo }: Options): Promise<number> => {
  const asExpected = demo ? await demonstrate(run) : true;
  if (once) return asExpected ? 0 : 1;
  return serve(run);
};

const main = async (): Promise<number> => {
  const options = readOptions();
  const folder = await takeFolder(options.folder);
  const endpointFile = endpointFileIn(options.folder);
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(folder.release);
  // What a run that was killed has left behind would send people to a server that is gone.
  await rm(endpointFile, { force: true });
  cleanup.defer(() => rm(endpointFile, { force: true }));

  let serving = false;
  const stopped = failOnSignal((number) => (serving ? 0 : 128 + number));
  const processes = cleanup.use(createProcesses());
  const starting = startRun(processes, options);
  starting.catch(() => undefined); // Once stopped, how the start-up fails is of no interest.
  const run = await Promise.race([starting, stopped]);
  await publishEndpoint(run);
  folder.annotate(run.service.baseUrl);
  serving = !options.once;
  // Awaited here: what is returned unawaited would be cleaned away first.
  return await Promise.race([work(run, options), stopped]);
};

const exitCodeOf = (error: unknown): number => {
  if (error instanceof Stopped) {
    console.error(error.message);
    return error.exitCode;
  }
  console.error(`✖ ${error instanceof LocalRunError ? error.message : error instanceof Error ? error.stack : error}`);
  return 1;
};

// Waiting requests of an interrupted demonstration must not keep the process.
process.exit(await main().catch(exitCodeOf));
