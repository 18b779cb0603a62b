/** Generated stores, kept under .cache/bench: the same for the same number of runs, written once and copied for whoever changes one. */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { migrations } from '#store/migrations.ts';
import { storeForm, writeRuns } from './many-runs.ts';

const kept = join(import.meta.dirname, '../../.cache/bench/stores');

/** The file of a store with so many runs, written where it is not there yet. Not to be opened: copy it. */
function storeFile(runs: number): string {
  const folder = join(kept, `runs-${runs}-form-${storeForm}-schema-${migrations.length}`);
  const file = join(folder, 'avocet.sqlite');
  if (existsSync(file)) return file;
  process.stderr.write(`Writing a store of ${runs} runs, once …\n`);
  const writing = `${folder}.${process.pid}`;
  mkdirSync(writing, { recursive: true });
  try {
    const started = performance.now();
    writeRuns(writing, runs);
    process.stderr.write(`written in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    renameSync(writing, folder);
  } finally {
    rmSync(writing, { recursive: true, force: true });
  }
  return file;
}

/** Puts a store of so many runs into the empty data folder `home`. */
export function putStore(home: string, runs: number): void {
  mkdirSync(home, { recursive: true });
  cpSync(storeFile(runs), join(home, 'avocet.sqlite'));
}
