/** Unexpected errors, kept on this disk where Settings allow it; redacted before they are written. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The file is turned once at this size, so that it never holds more than twice of it. */
const largest = 200_000;

const fileOf = (home: string) => join(home, 'crashes', 'crashes.log');

export function keepCrash(home: string, text: string, at: number): void {
  const file = fileOf(home);
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > largest) renameSync(file, `${file}.former`);
  appendFileSync(file, `${new Date(at).toISOString()} ${text.trim()}\n\n`);
}

/** Everything kept, oldest first; empty where there is none. */
export function readCrashes(home: string): string {
  const file = fileOf(home);
  return [`${file}.former`, file].map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')).join('');
}

export function forgetCrashes(home: string): void {
  rmSync(dirname(fileOf(home)), { recursive: true, force: true });
}
