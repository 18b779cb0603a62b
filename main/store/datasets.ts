/** The index of datasets; the data itself are immutable folders. Names may change, ids and folders do not. */
import type { DatasetSummary } from '#contract/dataset.ts';
import type { Database } from './database.ts';

interface DatasetRow {
  id: string;
  name: string;
  folder: string;
  dataHash: string;
  createdAt: number;
  summary: string;
}

export interface IndexedDataset {
  readonly summary: DatasetSummary;
  readonly folder: string;
  /** Split and features in one value: equal hashes mean equal data. */
  readonly dataHash: string;
}

export class DatasetTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): IndexedDataset[] {
    return this.#database.all<DatasetRow>('SELECT * FROM dataset ORDER BY created_at, id').map(toIndexed);
  }

  get(id: string): IndexedDataset | undefined {
    const row = this.#database.get<DatasetRow>('SELECT * FROM dataset WHERE id = ?', [id]);
    return row === undefined ? undefined : toIndexed(row);
  }

  /**
   * Adds a dataset, or takes its summary anew; a name given by a person stays. One that is known as it is is not written: folders are looked
   * at with every list, and lists of runs are kept until something changes.
   */
  put(dataset: IndexedDataset): void {
    const { summary, folder, dataHash } = dataset;
    const text = JSON.stringify(summary);
    this.#database.transaction(() => {
      const stored = this.#database.get<DatasetRow>('SELECT * FROM dataset WHERE id = ?', [summary.id]);
      if (stored?.folder === folder && stored.dataHash === dataHash && stored.summary === text) return;
      const known = this.#database.update('dataset', { id: summary.id }, { folder, dataHash, summary: text });
      if (known === 0) {
        this.#database.insert('dataset', {
          id: summary.id,
          name: summary.name,
          folder,
          dataHash,
          createdAt: Math.round(summary.createdAt),
          summary: text,
        });
      }
    });
  }

  rename(id: string, name: string): boolean {
    return this.#database.update('dataset', { id }, { name }) > 0;
  }

  forget(id: string): void {
    this.#database.run('DELETE FROM dataset WHERE id = ?', [id]);
  }

  /** Runs on each dataset, those in the trash included; imported ones only bear its name. */
  usage(): ReadonlyMap<string, number> {
    const rows = this.#database.all<{ dataset: string; count: number }>(
      "SELECT dataset, count(*) AS count FROM run INDEXED BY run_list WHERE state <> 'imported' GROUP BY dataset",
    );
    return new Map(rows.map((row) => [row.dataset, row.count]));
  }
}

function toIndexed(row: DatasetRow): IndexedDataset {
  const summary = { ...(JSON.parse(row.summary) as DatasetSummary), name: row.name };
  return { summary, folder: row.folder, dataHash: row.dataHash };
}
