/**
 * Runs that other tools recorded. Each has a configuration of its own and the state "imported", so that no mean, selection, estimate or
 * known run can meet it; its series, values, settings, notes and tags lie where those of all runs lie.
 */
import type { LoggedRun } from '#contract/log-import.ts';
import { searchable } from '#contract/searched-text.ts';
import type { RunConfig } from '#contract/run.ts';
import type { Database } from './database.ts';
import { putConfiguration } from './new-run.ts';
import { putReadings } from './readings.ts';
import type { SeriesPoint, SeriesTable } from './series.ts';

export interface ImportedRun {
  readonly id: string;
  readonly experimentId: string;
  readonly dataset: string;
  readonly datasetName: string;
  readonly model: string;
  readonly modelTitle: string;
  readonly config: RunConfig;
  readonly run: LoggedRun;
  readonly createdAt: number;
}

export interface KnownImport {
  readonly runId: string;
  readonly trashed: boolean;
}

const stage = 'train';

export class ImportedRuns {
  readonly #database: Database;
  readonly #series: SeriesTable;

  constructor(database: Database, series: SeriesTable) {
    this.#database = database;
    this.#series = series;
  }

  /** Runs by the hash of their content, those in the trash too. */
  known(): ReadonlyMap<string, KnownImport> {
    const rows = this.#database.all<{ hash: string; runId: string; trashed: number }>(
      'SELECT i.hash, r.id AS run_id, r.trashed_at IS NOT NULL AS trashed FROM imported i JOIN run r ON r.number = i.run',
    );
    return new Map(rows.map(({ hash, runId, trashed }) => [hash, { runId, trashed: trashed === 1 }]));
  }

  /** All of them or none; call with whole runs. Those whose content is known are passed over. Returns how many were new. */
  put(runs: readonly ImportedRun[]): number {
    return this.#database.transaction(() => {
      let added = 0;
      for (const run of runs) {
        const { hash } = run.run.origin;
        if (this.#database.get('SELECT 1 AS found FROM imported WHERE hash = ?', [hash]) !== undefined) continue;
        this.#insert(run);
        added += 1;
      }
      return added;
    });
  }

  #insert({ id, config, run, ...rest }: ImportedRun): void {
    const configuration = `imported-${run.origin.hash.slice(0, 16)}`;
    putConfiguration(this.#database, configuration, rest.model, run.settings);
    const { startedAt, endedAt } = run;
    this.#database.insert('run', {
      ...rest,
      id,
      configuration,
      config: JSON.stringify(config),
      state: 'imported',
      dataHash: '',
      inferred: false,
      // A seed that no log names is none: -1, which nothing shows.
      seed: run.seed ?? -1,
      device: '',
      threads: 0,
      // The run's own name, where it is listed under its model.
      differences: JSON.stringify(rest.modelTitle === run.origin.name ? [] : [{ key: 'run', value: run.origin.name }]),
      startedAt,
      endedAt,
      elapsedMs: startedAt === undefined || endedAt === undefined ? 0 : Math.max(0, endedAt - startedAt),
      epochs: run.steps,
      bestEpoch: run.bestStep,
      note: run.note ?? '',
      // What another tool logged was seen there already: nothing is left to mask.
      testShown: true,
      search: searchText(id, rest, run),
    });
    const { number } = this.#database.get<{ number: number }>('SELECT number FROM run WHERE id = ?', [id])!;
    this.#database.insert('imported', { run: number, hash: run.origin.hash, tool: run.origin.tool, source: run.origin.source });
    for (const name of run.tags) if (name.trim() !== '') this.#database.insert('tag', { run: number, name: name.trim() }, true);
    const points = pointsOf(run);
    this.#series.append(id, stage, 1, points);
    putReadings(this.#database, number, points);
    for (const { part, key, value } of run.values) this.#database.insert('metric', { run: number, part, key, value }, true);
  }
}

/** The points of all series by step, as chunks hold them. */
function pointsOf({ series }: LoggedRun): SeriesPoint[] {
  const steps = new Map<number, Record<string, number>>();
  for (const { key, steps: own, values } of series)
    for (const [at, step] of own.entries()) {
      let point = steps.get(step);
      if (point === undefined) steps.set(step, (point = {}));
      point[key] = values[at]!;
    }
  return [...steps].sort(([a], [b]) => a - b).map(([epoch, values], at) => ({ seq: at + 1, epoch, values }));
}

function searchText(
  id: string,
  { model, modelTitle, dataset, datasetName }: Pick<ImportedRun, 'model' | 'modelTitle' | 'dataset' | 'datasetName'>,
  run: LoggedRun,
): string {
  const settings = Object.entries(run.settings).map(([key, value]) => `${key} ${String(value)}`);
  const { name, tool, source } = run.origin;
  return searchable([id, modelTitle, model, 'on', datasetName, dataset, name, tool, source, 'imported', ...settings].join(' '));
}
