import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Writing aside takes seconds at most; what is older was left by a process that was killed. */
const leftAfterMs = 60_000;

/** Removes files that killed processes left half written as `.NAME.…` in a folder. Throws where the folder cannot be read. */
export function clearLeft(folder: string, name: string, now: number): void {
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(`.${name}.`)) continue;
    const left = join(folder, file);
    try {
      if (now - statSync(left).mtimeMs > leftAfterMs) rmSync(left, { force: true });
    } catch {
      // Another process was as quick, or may remove what this one may not.
    }
  }
}
