// A thread that runs seeds, of the bundle as it is or with a mistake planted in it.
import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { listeningMachine } from './kernel/machine.ts';
import { bundleWith } from './mutants/plant.ts';

const Order = z.object({ seed: z.number(), traced: z.boolean(), mutant: z.string().optional() });
export type Order = z.infer<typeof Order>;

const { definition } = z.object({ definition: z.string() }).parse(workerData);
const machine = listeningMachine();

parentPort?.on('message', async (message: unknown) => {
  const { seed, traced, mutant } = Order.parse(message);
  const { run } = await bundleWith(mutant);
  parentPort?.postMessage(await run(seed, { definition, traced, escaped: machine.asked }));
});

// What a function left floating may fail when nobody waits for it any more. Lambda would end the container.
process.on('unhandledRejection', () => {});
