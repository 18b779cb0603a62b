/** Experiments: what was launched, its matrix, and the frozen selection. */
import * as v from 'valibot';
import { experimentRequestSchema, type ParsedExperimentRequest, type Selection } from '#contract/experiment.ts';
import type { Database } from './database.ts';

export interface StoredExperiment {
  readonly id: string;
  readonly name: string;
  readonly question: string;
  readonly note: string;
  readonly createdAt: number;
  readonly protocol: 'validation' | 'mmrec';
  readonly request: ParsedExperimentRequest;
  readonly estimatedSeconds?: number;
  readonly frozenAt?: number;
  readonly selection?: Selection;
}

export interface MatrixRow {
  readonly configuration: string;
  readonly model: string;
  readonly title: string;
  readonly differences: string;
  readonly inferred: boolean;
}

export interface MatrixCell {
  readonly dataset: string;
  readonly configuration: string;
  readonly model: string;
  readonly seed: number;
  readonly runId: string;
  /** The run belongs to an earlier experiment and is reused. */
  readonly known: boolean;
}

interface ExperimentRow {
  id: string;
  name: string;
  question: string;
  note: string;
  createdAt: number;
  protocol: 'validation' | 'mmrec';
  request: string;
  estimatedSeconds: number | null;
  frozenAt: number | null;
  selection: string | null;
}

const elsewhere = 'FROM experiment_cell c JOIN experiment e ON e.id = c.experiment_id WHERE c.run_id = r.id AND e.id <> r.experiment_id';
/** Run r finished in an experiment of one configuration, which shows test, before any other experiment held it. */
const wasShown = `r.ended_at IS NOT NULL AND EXISTS (SELECT 1 ${elsewhere}) AND NOT EXISTS (SELECT 1 ${elsewhere} AND e.created_at <= r.ended_at)
  AND (SELECT json_extract(o.request, '$.search') FROM experiment o WHERE o.id = r.experiment_id) IS NULL
  AND (SELECT COUNT(DISTINCT dataset) = COUNT(DISTINCT dataset || char(10) || configuration) FROM experiment_cell WHERE experiment_id = r.experiment_id)`;

/** Whether the test values of `run r` are or were in sight without a choice made on validation. */
export const testSeen = `r.state IN ('finished', 'stopped') AND (r.test_shown = 1 OR (${wasShown}))`;

export class ExperimentTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those that were started here. */
  list(): StoredExperiment[] {
    return this.#database
      .all<ExperimentRow>("SELECT * FROM experiment WHERE id NOT LIKE 'import-%' ORDER BY created_at DESC, id")
      .map(toExperiment);
  }

  get(id: string): StoredExperiment | undefined {
    const row = this.#database.get<ExperimentRow>('SELECT * FROM experiment WHERE id = ?', [id]);
    return row === undefined ? undefined : toExperiment(row);
  }

  /** Configurations in grid order. */
  rows(id: string): MatrixRow[] {
    const rows = this.#database.all<{ configuration: string; model: string; title: string; differences: string; inferred: number }>(
      'SELECT configuration, model, title, differences, inferred FROM experiment_row WHERE experiment_id = ? ORDER BY position',
      [id],
    );
    return rows.map((row) => ({ ...row, inferred: row.inferred === 1 }));
  }

  /** Cells by dataset, configuration in grid order, seed. */
  cells(id: string): MatrixCell[] {
    const rows = this.#database.all<{ dataset: string; configuration: string; model: string; seed: number; runId: string; known: number }>(
      'SELECT dataset, configuration, model, seed, run_id, known FROM experiment_cell WHERE experiment_id = ? ORDER BY position',
      [id],
    );
    return rows.map((row) => ({ ...row, known: row.known === 1 }));
  }

  /** Without rows and cells, which {@link append} adds. Call in one transaction with the runs it starts. */
  insert(experiment: StoredExperiment): void {
    const { id, name, question, note, createdAt, protocol, request, estimatedSeconds } = experiment;
    this.#database.insert('experiment', {
      id,
      name,
      question,
      note,
      createdAt,
      protocol,
      request: JSON.stringify(request),
      estimatedSeconds,
    });
  }

  /** What imported runs stand in: a name for where they came from, without rows, cells or anything to select. */
  insertImported(of: { readonly id: string; readonly name: string; readonly note: string; readonly createdAt: number }): void {
    this.#database.insert('experiment', {
      ...of,
      question: '',
      protocol: 'validation',
      request: JSON.stringify({ datasets: [], models: [], seeds: [] }),
    });
  }

  /** More rows and cells after those that are there; a configuration that has a row keeps it. Call in one transaction with its runs. */
  append(id: string, rows: readonly MatrixRow[], cells: readonly MatrixCell[]): void {
    const next = (table: 'experiment_row' | 'experiment_cell') =>
      this.#database.get<{ next: number }>(`SELECT coalesce(max(position), -1) + 1 AS next FROM ${table} WHERE experiment_id = ?`, [id])!
        .next;
    const present = new Set(this.rows(id).map(({ configuration }) => configuration));
    let position = next('experiment_row');
    for (const row of rows) {
      if (present.has(row.configuration)) continue;
      present.add(row.configuration);
      this.#database.insert('experiment_row', { experimentId: id, position: position++, ...row });
    }
    position = next('experiment_cell');
    for (const cell of cells) this.#database.insert('experiment_cell', { experimentId: id, position: position++, ...cell });
  }

  describe(id: string, changes: { readonly name?: string; readonly question?: string; readonly note?: string }): void {
    this.#database.update('experiment', { id }, changes);
  }

  /** Experiments that contain a run, as their own or as a known one. */
  containing(runId: string): string[] {
    return this.#database
      .all<{ experimentId: string }>('SELECT DISTINCT experiment_id FROM experiment_cell WHERE run_id = ?', [runId])
      .map((row) => row.experimentId);
  }

  /** Records the selection and shows the test values of its winners. A selection is made once. */
  freeze(id: string, selection: Selection): void {
    this.#database.transaction(() => {
      this.#database.update('experiment', { id }, { frozenAt: selection.frozenAt, selection: JSON.stringify(selection) });
      for (const winner of selection.winners)
        for (const runId of winner.runIds) this.#database.update('run', { id: runId }, { testShown: true });
    });
  }

  /**
   * How many configurations of each model on its dataset show their test values, or did so until a sweep took them up, without having won a
   * frozen selection; those in the trash or deleted for good too, and more seeds of one that won are no other. A table has many places and selections are long,
   * so they are read once for all.
   */
  shownUnselected(places: readonly { readonly model: string; readonly dataset: string }[]): number[] {
    return this.#database
      .all<{ count: number }>(
        `WITH winner AS MATERIALIZED (
             SELECT (w.value ->> 'dataset') || char(10) || (w.value ->> 'configuration') AS place
             FROM experiment e, json_each(e.selection, '$.winners') w WHERE e.selection IS NOT NULL)
           SELECT COUNT(DISTINCT r.configuration) + (
             SELECT COUNT(*) FROM purged_test u WHERE u.model = p.value ->> 'model' AND u.dataset = p.value ->> 'dataset'
               AND u.dataset || char(10) || u.configuration NOT IN (SELECT place FROM winner)
               AND NOT EXISTS (SELECT 1 FROM run r WHERE r.dataset = u.dataset AND r.configuration = u.configuration AND ${testSeen})
           ) AS count FROM json_each(?) p
           LEFT JOIN run r ON r.model = p.value ->> 'model' AND r.dataset = p.value ->> 'dataset' AND ${testSeen}
             AND r.dataset || char(10) || r.configuration NOT IN (SELECT place FROM winner)
           GROUP BY p.key ORDER BY p.key`,
        [JSON.stringify(places.map(({ model, dataset }) => ({ model, dataset })))],
      )
      .map(({ count }) => count);
  }

  /** How many of these runs showed their test values until a sweep took them up, which hides them. */
  shownBefore(runIds: readonly string[]): number {
    return this.#database.get<{ count: number }>(
      `SELECT COUNT(*) AS count FROM json_each(?) a JOIN run r ON r.id = a.value WHERE r.test_shown = 0 AND r.state IN ('finished', 'stopped') AND ${wasShown}`,
      [JSON.stringify(runIds)],
    )!.count;
  }

  /** Winners of any frozen selection. */
  isWinner(runId: string): boolean {
    const winners = "experiment e, json_each(e.selection, '$.winners') w, json_each(w.value, '$.runIds') r";
    return (
      this.#database.get(`SELECT 1 AS found FROM ${winners} WHERE e.selection IS NOT NULL AND r.value = ? LIMIT 1`, [runId]) !== undefined
    );
  }
}

function toExperiment(row: ExperimentRow): StoredExperiment {
  const { request, selection, frozenAt, estimatedSeconds, ...rest } = row;
  return {
    ...rest,
    request: requestIn(request),
    ...(estimatedSeconds === null ? {} : { estimatedSeconds }),
    ...(frozenAt === null ? {} : { frozenAt }),
    ...(selection === null ? {} : { selection: JSON.parse(selection) as Selection }),
  };
}

/** With what an earlier version had no place for as it is where nothing is said. Imported experiments ask for nothing, and stay as they are. */
function requestIn(text: string): ParsedExperimentRequest {
  const stored: unknown = JSON.parse(text);
  const parsed = v.safeParse(experimentRequestSchema, stored);
  return parsed.success ? parsed.output : (stored as ParsedExperimentRequest);
}
