import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareHome } from '#studio/home.ts';

/**
 * Where Electron's own profile goes: into the data folder, so that one app runs per data folder, not per machine. Where nothing can
 * be written there Electron would take the app for a second one and end it without a word, so it gets a passing place, and whoever
 * opens the data folder says what is wrong with it.
 */
export function profilePlace(home: string): string {
  const place = join(home, 'desktop');
  try {
    prepareHome(place);
    return place;
  } catch {
    const passing = mkdtempSync(join(tmpdir(), 'avocet-'));
    process.once('exit', () => rmSync(passing, { recursive: true, force: true }));
    return passing;
  }
}
