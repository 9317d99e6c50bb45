import { defineConfig } from 'vitest/config';

/** For a machine that has other work besides: what takes an hour on an idle one may take three. */
const longTest = { testTimeout: 3 * 3600_000, hookTimeout: 3 * 3600_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/on-the-lab/**',
            'test/conformance/**',
            'test/programs/**',
            'test/hostile/**',
            'test/stress/**',
          ],
          // The report is built with Vite once and opened in Chromium by each of its tests, also where
          // emulators keep all CPUs busy.
          hookTimeout: 120_000,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/on-the-lab/**/*.test.ts'],
          // An empty cache takes 12 minutes to fill on two cores, a run two more.
          testTimeout: 40 * 60_000,
          hookTimeout: 40 * 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          ...longTest,
        },
      },
      {
        test: {
          name: 'programs',
          include: ['test/programs/**/*.test.ts'],
          ...longTest,
        },
      },
      {
        test: {
          name: 'stress',
          include: ['test/stress/**/*.test.ts'],
          ...longTest,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'hostile',
          include: ['test/hostile/**/*.test.ts'],
          ...longTest,
          fileParallelism: false,
        },
      },
    ],
  },
});
