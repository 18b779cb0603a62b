import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Link } from '#contract/link.ts';
import type { ExperimentRequest } from '#contract/experiment.ts';
import { toProblem, type Problem } from '#contract/problem.ts';
import type { RunState, RunSummary } from '#contract/run.ts';
import { openStore, type Store } from '#store/store.ts';
import type { Host } from '#studio/host.ts';
import { forkSpawn } from '#studio/spawn.ts';
import { openStudio, type Studio, type StudioOptions } from '#studio/studio.ts';

export const workerEntry = fileURLToPath(new URL('../../../main/worker/process.ts', import.meta.url));

export const host: Host = {
  capabilities: { shell: 'browser', nativeDialogs: false, revealInFolder: false, platform: process.platform },
  roots: [homedir(), tmpdir()],
};

const temporary = new Set<string>();

/** Goes with the last test of the file, where it has not gone before. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-studio-'));
  temporary.add(folder);
  return folder;
}

// The first hook of a file that takes from this one, and so the last to run.
afterAll(async () => {
  await closeAll();
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

const open = new Set<Studio>();
const folders = new Set<string>();

export async function openHere(home: string, more: Partial<StudioOptions> = {}): Promise<Studio> {
  const studio = await openStudio({ home, spawn: forkSpawn(workerEntry), resume: true, host, demo: false, ...more });
  open.add(studio);
  return studio;
}

/** Ends everything a test opened. */
export async function closeAll(): Promise<void> {
  for (const studio of open) await studio.close();
  open.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** A data folder whose demo dataset was drawn by a real worker; tests copy it. */
export async function drawDemo(): Promise<string> {
  const home = temporaryFolder();
  const studio = await openHere(home, { demo: true });
  await studio.link().call('datasets.list', {});
  await studio.close();
  open.delete(studio);
  return home;
}

/** A fresh data folder with a copy of what `template` holds. */
export function homeLike(template: string): string {
  const home = temporaryFolder();
  folders.add(home);
  cpSync(template, home, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  return home;
}

/** A fresh data folder whose store holds what `fill` puts there. */
export function homeWith(fill: (store: Store) => void): string {
  const home = temporaryFolder();
  folders.add(home);
  const store = openStore(home);
  fill(store);
  store.close();
  return home;
}

export const request = (more: Partial<ExperimentRequest> = {}): ExperimentRequest => ({
  datasets: ['demo'],
  models: [{ model: 'lightgcn' }],
  seeds: [1],
  budget: { epochs: 3 },
  ...more,
});

/** What a call is refused with; undefined where it is not. */
export const refusal = (work: Promise<unknown>): Promise<Problem | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => toProblem(error),
  );

/** The runs once all of them are in one of these states. */
export async function until(link: Link, ids: readonly string[], ...states: RunState[]): Promise<RunSummary[]> {
  for await (const _queue of link.stream('queue.watch', {})) {
    const { runs } = await link.call('runs.summaries', { ids: [...ids] });
    if (runs.every((run) => states.includes(run.state))) return runs;
  }
  throw new Error('the studio closed');
}

export const ended = ['finished', 'stopped', 'failed'] as const;

/** The run's first update for which `test` holds. */
export async function when(link: Link, id: string, test: (run: RunSummary) => boolean): Promise<RunSummary> {
  for await (const update of link.stream('runs.watch', { id }))
    if (update.summary !== undefined && test(update.summary)) return update.summary;
  throw new Error('the run ended before');
}

/** Everything about a run that must be the same bit for bit however often it was interrupted. */
export async function outcome(link: Link, id: string): Promise<unknown> {
  const { summary, artifacts } = await link.call('runs.get', { id });
  const { series } = await link.call('runs.series', { id });
  const timeless = series
    .filter(({ key }) => !key.endsWith('-seconds'))
    .map(({ key, stage, epochs, values }) => ({ key, stage, epochs: [...epochs], values: [...values] }));
  const files = artifacts.filter(({ name }) => !name.startsWith('checkpoint')).map(({ name, sha256 }) => `${name} ${sha256}`);
  return {
    validation: summary.validation,
    test: summary.test,
    epochs: summary.epochs,
    bestEpoch: summary.bestEpoch,
    stopReason: summary.stopReason,
    series: timeless,
    files,
  };
}
