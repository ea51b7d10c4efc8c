// Faults on the emulated AWS and the local LEIA as they really run. After each, all jobs are finished and right.
import { afterAll, afterEach } from 'vitest';
import { table } from '../../bin/local/table.ts';
import type { Figures } from './faults/aftermath.ts';
import { queueFaults } from './faults/dead-letters.ts';
import { workerFaults } from './faults/killed-worker.ts';
import { leiaFaults } from './faults/leia.ts';
import { streamFaults } from './faults/stream.ts';
import { emulatedGround } from './support/emulated-ground.ts';

const ground = emulatedGround();
const all: Figures[] = [];
const note = (figures: Figures): void => void all.push(figures);

afterEach(() => ground.leia.reset());

leiaFaults(() => ground, note);
workerFaults(() => ground, note);
streamFaults(() => ground, note);
queueFaults(() => ground, note);

afterAll(() => {
  const head = ['Fault', 'Jobs', 'Healed after', 'Learnt by', 'Attempts', 'Duplicates cancelled'];
  const rows = all.map(({ fault, jobs, healedSeconds, learntBy, attempts, duplicates }) => [
    fault,
    `${jobs}`,
    `${healedSeconds.toFixed(1)} s`,
    Object.entries(learntBy)
      .map(([via, count]) => `${via} ${count}`)
      .join(', '),
    `≤ ${attempts}`,
    `${duplicates}`,
  ]);
  console.log(table(head, rows));
});
