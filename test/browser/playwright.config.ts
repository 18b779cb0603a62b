import { defineConfig } from '@playwright/test';
import { keepAwayFromMidnight } from './midday.ts';

keepAwayFromMidnight();

// The real page against the real studio in browser mode. One browser at a time: the studio's workers share two cores with it.
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  // Nothing waits this long on a machine of one's own; a shared one with two slow cores may.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  outputDir: '../../test-results/browser',
  reporter: 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['AVOCET_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    },
  },
});
