import { defineConfig } from '@playwright/test';
import { keepAwayFromMidnight } from '../browser/midday.ts';

keepAwayFromMidnight();

// One app at a time: the windows share a display and the workers two cores.
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  // Nothing takes this long on a machine of one's own; packing and driving an app on a shared one with two slow cores may.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  outputDir: '../../test-results/desktop',
  reporter: 'list',
  globalSetup: './prepare-runtime.ts',
});
