/** The tables of one data folder behind one handle. Only the owner of the folder opens it (studio/owner.ts). */
import { join } from 'node:path';
import { ArtifactTable } from './artifacts.ts';
import { copyInto, databaseName, takeReady } from './copies.ts';
import { openDatabase, type Database } from './database.ts';
import { SearchTable } from './searches.ts';
import { DatasetTable } from './datasets.ts';
import { ExperimentTable } from './experiments.ts';
import { LineageTable } from './lineage.ts';
import { ImportedRuns } from './imported-runs.ts';
import { PastRuns } from './past-runs.ts';
import { isPlaceOfRuns } from './places-of-runs.ts';
import { PreferenceTable } from './preferences.ts';
import { ReportedRows } from './reported.ts';
import { RunsChanges } from './runs-changes.ts';
import type { ParsedRunsQuery } from './runs-conditions.ts';
import { fieldInfo } from './runs-field-info.ts';
import { RunsPages, storedSettings, type RunRowsPage } from './runs-query.ts';
import { RunMeasures } from './run-measures.ts';
import { RunTable } from './runs.ts';
import { SampleTable } from './samples.ts';
import { SavedViews } from './saved-views.ts';
import { SeriesTable } from './series.ts';
import { TileTable } from './tiles.ts';
import { TrainingEvents } from './training-events.ts';
import { TrashTable } from './trash.ts';
import { VerificationTable } from './verifications.ts';
import { VoteTable } from './votes.ts';
import type { Series } from '#contract/run.ts';
import type { FieldInfo } from '#contract/runs-table.ts';

export interface Store {
  readonly datasets: DatasetTable;
  readonly experiments: ExperimentTable;
  readonly runs: RunTable;
  readonly artifacts: ArtifactTable;
  readonly measures: RunMeasures;
  readonly samples: SampleTable;
  readonly lineage: LineageTable;
  readonly verifications: VerificationTable;
  readonly tiles: TileTable;
  readonly past: PastRuns;
  readonly imported: ImportedRuns;
  readonly searches: SearchTable;
  readonly events: TrainingEvents;
  readonly trash: TrashTable;
  readonly preferences: PreferenceTable;
  readonly votes: VoteTable;
  readonly series: {
    /** Series of a run; those over the test part (test/…) only where the run's test values are shown. */
    of(runId: string, keys?: readonly string[]): Series[];
  };
  readonly changes: RunsChanges;
  readonly views: SavedViews;
  readonly reported: ReportedRows;
  /** The runs table: pages, cells of rows in sight, and all that a query matches. */
  readonly pages: RunsPages;
  /** What queries and columns may name, with counts and ranges, piece by piece. */
  fields(): Iterable<readonly FieldInfo[]>;
  page(query: ParsedRunsQuery): RunRowsPage;
  /** Names of the settings that stored runs have. */
  settings(): string[];
  /** Whether a run has a value of this metric: of a part of its data, or as an imported log calls it. */
  measured(part: 'validation' | 'test' | 'log', key: string): boolean;
  /** True for a folder in which a command of the person's own ran, a result file it left, and the log that an imported run was read from. */
  isPlaceOfRuns(path: string): boolean;
  /** All or nothing, over several tables. */
  transaction<T>(work: () => T): T;
  /** A whole copy in a new file, while this one is in use. */
  copyTo(path: string): void;
  close(): void;
}

/** A copy that was laid ready to be restored takes the place of the database first. */
export function openStore(home: string): Store {
  takeReady(home, Date.now());
  return storeOn(openDatabase(join(home, databaseName)));
}

export function storeOn(database: Database): Store {
  const runs = new RunTable(database);
  const series = new SeriesTable(database);
  const pages = new RunsPages(database);
  const trash = new TrashTable(database);
  return {
    datasets: new DatasetTable(database),
    experiments: new ExperimentTable(database),
    runs,
    artifacts: new ArtifactTable(database),
    measures: new RunMeasures(database),
    samples: new SampleTable(database),
    lineage: new LineageTable(database),
    verifications: new VerificationTable(database),
    tiles: new TileTable(database, runs),
    past: new PastRuns(database),
    imported: new ImportedRuns(database, series),
    searches: new SearchTable(database),
    events: new TrainingEvents(database, runs, series),
    trash,
    changes: new RunsChanges(database, trash),
    views: new SavedViews(database),
    reported: new ReportedRows(database),
    pages,
    fields: () => fieldInfo(database),
    preferences: new PreferenceTable(database),
    votes: new VoteTable(database),
    series: {
      of: (runId, keys = []) => series.of(runId, keys, runs.isTestShown(runId) ? undefined : (key) => !key.startsWith('test/')),
    },
    page: (query) => pages.page(query),
    settings: () => storedSettings(database),
    measured: (part, key) =>
      database.get('SELECT 1 AS found FROM metric INDEXED BY metric_reading WHERE part = ? AND key = ? LIMIT 1', [part, key]) !== undefined,
    isPlaceOfRuns: (path) => isPlaceOfRuns(database, path),
    transaction: (work) => database.transaction(work),
    copyTo: (path) => copyInto(database, path),
    close: () => database.close(),
  };
}
