import { defineConfig } from 'vitest/config';

const minute = 60_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env: { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/flow/**',
            'test/fuzz/**',
            'test/restart/**',
            'test/sdk/**',
            'test/start/**',
            'test/simulation/**',
          ],
          testTimeout: 20_000,
          hookTimeout: minute,
        },
      },
      {
        test: {
          name: 'fuzz',
          env: { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
          include: ['test/fuzz/**/*.test.ts'],
          testTimeout: 2 * minute,
        },
      },
      {
        test: {
          name: 'sdk',
          env: { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
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
