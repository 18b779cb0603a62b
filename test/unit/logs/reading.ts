import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoggedRun, LogsTaskEvent } from '#contract/log-import.ts';
import type { Problem } from '#contract/problem.ts';
import { readLogs } from '#logs/read-logs.ts';

const folders: string[] = [];

/** A folder with these files; {@link cleanUp} removes it. */
export function place(files: Readonly<Record<string, Uint8Array | string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'avocet-logs-'));
  folders.push(root);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

export function cleanUp(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export async function everything(path: string): Promise<LogsTaskEvent[]> {
  const events: LogsTaskEvent[] = [];
  for await (const found of readLogs({ path, whole: true, known: [] }, new AbortController().signal)) events.push(found);
  return events;
}

export async function runsIn(path: string): Promise<LoggedRun[]> {
  return (await everything(path)).flatMap((found) => (found.type === 'read' ? found.runs : []));
}

export async function problemsIn(path: string): Promise<Problem[]> {
  return (await everything(path)).flatMap((found) => (found.type === 'skipped' ? [found.problem] : []));
}

/** Points of a run's series by key. */
export const seriesOf = (run: LoggedRun): Record<string, [number[], number[]]> =>
  Object.fromEntries(run.series.map(({ key, steps, values }) => [key, [[...steps], [...values]]]));

/** One number of each metric: "validation recall@20". */
export const valuesOf = (run: LoggedRun): Record<string, number> =>
  Object.fromEntries(run.values.map(({ part, key, value }) => [`${part} ${key}`, value]));
