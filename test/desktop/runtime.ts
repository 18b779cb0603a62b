import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The Electron that the ring runs on: the one that ships, or the old one for tests that needs the files of compat/. */
export interface Runtime {
  /** Folder with the executable `electron`. */
  readonly folder: string;
  readonly version: string;
  readonly isShipped: boolean;
}

const oldVersion = '22.3.25';

/** As test/run.mjs found it; on a direct start of Playwright, wherever an earlier run left one. */
export function runtime(): Runtime {
  const named = process.env['AVOCET_TEST_ELECTRON'];
  const version = process.env['AVOCET_TEST_ELECTRON_VERSION'];
  if (named !== undefined && version !== undefined) return { folder: named, version, isShipped: version !== oldVersion };
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'avocet', `electron-${oldVersion}`);
  if (existsSync(join(folder, 'electron'))) return { folder, version: oldVersion, isShipped: false };
  throw new Error('There is no Electron runtime yet: npm test -- desktop fetches one');
}

/** Where the old runtime is laid out with the app linked as resources/app, since it takes no path on its command line. */
export const linkedFolder = join(root, '.cache', 'desktop-ring', 'electron');
export const packagedFolder = join(root, '.cache', 'desktop-ring', 'packaged');
