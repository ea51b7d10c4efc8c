// Faults on the emulated AWS and the local LEIA as they really run. After each, all jobs are finished and right.
import { afterAll, afterEach } from 'vitest';
import { type Figures, figuresTable } from './faults/aftermath.ts';
import { queueFaults } from './faults/dead-letters.ts';
import { workerFaults } from './faults/killed-worker.ts';
import { leiaFaults } from './faults/leia.ts';
import { leiaProcess } from './faults/leia-process.ts';
import { streamFaults } from './faults/stream.ts';
import { manyJobsJourney } from './journeys/sweeps.ts';
import { emulatedGround } from './support/emulated-ground.ts';

const ground = emulatedGround();
const leia = leiaProcess();
const all: Figures[] = [];
const note = (figures: Figures): void => void all.push(figures);

afterEach(() => ground.leia.reset());

leiaFaults({ ground: () => ground, leiaProcess: leia, note });
workerFaults(() => ground, note);
streamFaults(() => ground, note);
queueFaults(() => ground, note);
// Last, for what it leaves behind.
manyJobsJourney(() => ground, { many: 1000 });

afterAll(async () => {
  console.log(figuresTable(all));
  await leia[Symbol.asyncDispose]();
});
