import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Patience is for a machine with two busy cores; a test that hangs still ends.
const shared = { environment: 'node', pool: 'forks', testTimeout: 300_000, hookTimeout: 120_000 } as const;

// One project per ring that runs under Vitest; test/run.mjs adds the rings that Playwright drives.
export default defineConfig({
  test: {
    projects: [
      { plugins: [svelte()], test: { ...shared, name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { test: { ...shared, name: 'parity', include: ['test/parity/**/*.test.ts'], testTimeout: 600_000 } },
      // Kill tests watch processes and the clock: one file at a time, so that they do not starve each other on two cores.
      {
        test: {
          ...shared,
          name: 'endurance',
          include: ['test/endurance/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
