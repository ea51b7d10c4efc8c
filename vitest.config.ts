import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const minute = 60_000;
const quiet = { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' };

/** What needs a server or a process of its own, and has a project below. */
const others = ['flow', 'fuzz', 'restart', 'sdk', 'start', 'simulation'].map((name) => `test/${name}/**`);
const unit = globSync('test/**/*.test.ts', { exclude: others });
/** Spies on what all files share, a clock or an environment of its own: such a file has a process to itself. */
const alone = unit.filter((file) => /\bvi\./.test(readFileSync(file, 'utf8')));

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env: quiet,
          include: unit,
          exclude: alone,
          // They share what they import, which takes longer than most of them.
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: minute,
        },
      },
      {
        test: {
          name: 'alone',
          env: quiet,
          include: alone,
          testTimeout: 20_000,
          hookTimeout: minute,
        },
      },
      {
        test: {
          name: 'fuzz',
          env: quiet,
          include: ['test/fuzz/**/*.test.ts'],
          testTimeout: 2 * minute,
        },
      },
      {
        test: {
          name: 'sdk',
          env: quiet,
          include: ['test/sdk/**/*.test.ts'],
          testTimeout: 2 * minute,
        },
      },
      {
        test: {
          name: 'restart',
          include: ['test/restart/**/*.test.ts'],
          testTimeout: 5 * minute,
          hookTimeout: minute,
        },
      },
      {
        test: {
          name: 'start',
          include: ['test/start/**/*.test.ts'],
          testTimeout: 6 * minute,
          hookTimeout: minute,
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          testTimeout: 5 * minute,
          hookTimeout: minute,
        },
      },
      {
        test: {
          name: 'faults',
          // With an emulated AWS and a LEIA of their own: what they break is nobody else's.
          include: ['test/flow/faults.test.ts'],
          globalSetup: ['test/flow/support/global-setup.ts'],
          testTimeout: 5 * minute,
          hookTimeout: 2 * minute,
        },
      },
      {
        test: {
          name: 'flow',
          include: ['test/flow/**/*.test.ts'],
          exclude: ['test/flow/faults.test.ts'],
          globalSetup: ['test/flow/support/global-setup.ts'],
          // One emulated AWS and one LEIA serve all journeys: they take turns.
          fileParallelism: false,
          testTimeout: 5 * minute,
          hookTimeout: 2 * minute,
        },
      },
    ],
  },
});
