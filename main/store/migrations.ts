/** Numbered, forward only: entry n brings version n to n + 1. Never edit a released entry; add one. */
import type { Database } from './database.ts';
import { addLineage } from './lineage-migration.ts';
import { readStoredSeries } from './readings.ts';

export type Migration = (database: Database) => void;

const first: Migration = (database) => {
  database.exec(`
    CREATE TABLE dataset (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      folder TEXT NOT NULL,
      data_hash TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      summary TEXT NOT NULL
    ) STRICT;

    CREATE TABLE experiment (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      question TEXT NOT NULL,
      note TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      protocol TEXT NOT NULL,
      request TEXT NOT NULL,
      estimated_seconds REAL,
      frozen_at INTEGER,
      selection TEXT
    ) STRICT;

    -- Rows of an experiment's matrix, in grid order.
    CREATE TABLE experiment_row (
      experiment_id TEXT NOT NULL REFERENCES experiment (id),
      position INTEGER NOT NULL,
      configuration TEXT NOT NULL,
      model TEXT NOT NULL,
      title TEXT NOT NULL,
      differences TEXT NOT NULL,
      inferred INTEGER NOT NULL,
      PRIMARY KEY (experiment_id, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE configuration (
      hash TEXT PRIMARY KEY,
      model TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE setting (
      configuration TEXT NOT NULL REFERENCES configuration (hash),
      key TEXT NOT NULL,
      number REAL,
      text TEXT NOT NULL,
      PRIMARY KEY (configuration, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX setting_number ON setting (key, number, configuration);

    CREATE TABLE run (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      experiment_id TEXT NOT NULL REFERENCES experiment (id),
      state TEXT NOT NULL,
      dataset TEXT NOT NULL,
      dataset_name TEXT NOT NULL,
      data_hash TEXT NOT NULL,
      model TEXT NOT NULL,
      model_title TEXT NOT NULL,
      inferred INTEGER NOT NULL,
      configuration TEXT NOT NULL REFERENCES configuration (hash),
      seed INTEGER NOT NULL,
      device TEXT NOT NULL,
      threads INTEGER NOT NULL,
      config TEXT NOT NULL,
      differences TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      started_at INTEGER,
      ended_at INTEGER,
      epochs INTEGER NOT NULL DEFAULT 0,
      best_epoch INTEGER,
      best_value REAL,
      seconds_per_epoch REAL,
      evaluation_seconds REAL,
      elapsed_ms INTEGER NOT NULL DEFAULT 0,
      estimated_seconds REAL,
      estimated_low REAL,
      estimated_high REAL,
      estimate_basis TEXT,
      peak_memory_bytes INTEGER,
      leaked_tensors INTEGER,
      stop_reason TEXT,
      problem TEXT,
      attempt INTEGER NOT NULL DEFAULT 0,
      starred INTEGER NOT NULL DEFAULT 0,
      note TEXT NOT NULL DEFAULT '',
      queue_position REAL,
      held INTEGER NOT NULL DEFAULT 0,
      trashed_at INTEGER,
      progress TEXT,
      provenance TEXT,
      parameters INTEGER,
      evaluated_users TEXT,
      test_evaluations INTEGER NOT NULL DEFAULT 0,
      test_shown INTEGER NOT NULL DEFAULT 0,
      search TEXT NOT NULL
    ) STRICT;
    CREATE INDEX run_state ON run (state, queue_position);
    CREATE INDEX run_group ON run (dataset, configuration, seed);
    CREATE INDEX run_experiment ON run (experiment_id);

    -- A cell may show a run of an earlier experiment (known): the same data, configuration and seed are not run twice.
    CREATE TABLE experiment_cell (
      experiment_id TEXT NOT NULL REFERENCES experiment (id),
      position INTEGER NOT NULL,
      dataset TEXT NOT NULL,
      configuration TEXT NOT NULL,
      model TEXT NOT NULL,
      seed INTEGER NOT NULL,
      run_id TEXT NOT NULL REFERENCES run (id),
      known INTEGER NOT NULL,
      PRIMARY KEY (experiment_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX experiment_cell_run ON experiment_cell (run_id);

    -- One value per run, part and key: the reading at the best validation epoch.
    CREATE TABLE metric (
      run INTEGER NOT NULL REFERENCES run (number),
      part TEXT NOT NULL,
      key TEXT NOT NULL,
      value REAL NOT NULL,
      PRIMARY KEY (run, part, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tag (
      run INTEGER NOT NULL REFERENCES run (number),
      name TEXT NOT NULL,
      PRIMARY KEY (run, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tag_name ON tag (name, run);

    CREATE TABLE attempt (
      run_id TEXT NOT NULL REFERENCES run (id),
      attempt INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      last_at INTEGER NOT NULL,
      ended_at INTEGER,
      last_seq INTEGER NOT NULL DEFAULT 0,
      from_epoch INTEGER NOT NULL DEFAULT 0,
      recomputed_epochs INTEGER NOT NULL DEFAULT 0,
      phase TEXT,
      outcome TEXT,
      PRIMARY KEY (run_id, attempt)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE stage (
      run_id TEXT NOT NULL REFERENCES run (id),
      position INTEGER NOT NULL,
      id TEXT NOT NULL,
      model TEXT NOT NULL,
      -- What decides its result; stages with equal keys are trained once.
      key TEXT NOT NULL,
      state TEXT NOT NULL,
      epochs INTEGER NOT NULL DEFAULT 0,
      best_epoch INTEGER,
      seconds REAL NOT NULL DEFAULT 0,
      PRIMARY KEY (run_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX stage_key ON stage (key);

    CREATE TABLE artifact (
      run_id TEXT NOT NULL REFERENCES run (id),
      name TEXT NOT NULL,
      file TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      PRIMARY KEY (run_id, name)
    ) STRICT, WITHOUT ROWID;

    -- Up to a few hundred epochs of all series of a stage: int32 epochs, and float64 values series by series (absent = NaN).
    CREATE TABLE series_chunk (
      run_id TEXT NOT NULL REFERENCES run (id),
      stage TEXT NOT NULL,
      attempt INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      keys TEXT NOT NULL,
      last_epoch INTEGER NOT NULL,
      epochs BLOB NOT NULL,
      points BLOB NOT NULL,
      PRIMARY KEY (run_id, stage, attempt, seq)
    ) STRICT;

    CREATE TABLE preference (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- What a short measured task said about the speed of this machine.
    CREATE TABLE calibration (
      device TEXT PRIMARY KEY,
      measured_at INTEGER NOT NULL,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `);
};

/**
 * Lists of many thousand runs: what they filter, group and order by stands in indexes, since a run's row is long (its configuration,
 * record and search text) and most of what is asked lies behind those.
 */
const second: Migration = (database) => {
  database.exec(`
    CREATE INDEX run_list ON run (
      trashed_at, dataset, configuration, state, model, experiment_id, seed, created_at, starred, test_shown, best_epoch, epochs,
      elapsed_ms, dataset_name, model_title
    );
    CREATE INDEX run_tile ON run (id, experiment_id, state, dataset, dataset_name, elapsed_ms, test_shown);
    CREATE INDEX run_search ON run (search);
    CREATE INDEX run_note ON run (note) WHERE note <> '';
    CREATE INDEX metric_reading ON metric (part, key, run, value);
  `);
};

/**
 * Speeds belong to a machine, a device and a number of threads: a data folder may move. Those of before do not say whose they are. The
 * device in stored settings was wasm where nobody had chosen one, as it stood there by default.
 */
const third: Migration = (database) => {
  database.exec(`
    DROP TABLE calibration;
    CREATE TABLE calibration (
      machine TEXT NOT NULL,
      device TEXT NOT NULL,
      threads INTEGER NOT NULL,
      measured_at INTEGER NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (machine, device, threads)
    ) STRICT, WITHOUT ROWID;
    UPDATE preference SET value = json_set(value, '$.device', 'fastest') WHERE key = 'settings' AND json_extract(value, '$.device') = 'wasm';
  `);
};

/** The runs table: archive and lock, the last, lowest and highest value of each validation series, own columns, views and reported rows. */
const runsTable: Migration = (database) => {
  database.exec(`
    ALTER TABLE run ADD COLUMN archived_at INTEGER;
    ALTER TABLE run ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;
    DROP INDEX run_list;
    CREATE INDEX run_list ON run (
      trashed_at, archived_at, dataset, configuration, state, model, experiment_id, seed, created_at, starred, locked, test_shown,
      best_epoch, epochs, elapsed_ms, dataset_name, model_title
    );
    CREATE TABLE reading (
      run INTEGER NOT NULL REFERENCES run (number),
      key TEXT NOT NULL,
      last_epoch INTEGER NOT NULL,
      last REAL NOT NULL,
      low REAL NOT NULL,
      high REAL NOT NULL,
      PRIMARY KEY (run, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE own_value (
      run INTEGER NOT NULL REFERENCES run (number),
      name TEXT NOT NULL,
      number REAL,
      text TEXT NOT NULL,
      PRIMARY KEY (run, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE saved_view (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      state TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE reported (
      id TEXT PRIMARY KEY,
      citation TEXT NOT NULL,
      split TEXT NOT NULL,
      dataset TEXT NOT NULL,
      model TEXT NOT NULL,
      note TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE reported_value (
      reported TEXT NOT NULL REFERENCES reported (id) ON DELETE CASCADE,
      key TEXT NOT NULL,
      value REAL NOT NULL,
      PRIMARY KEY (reported, key)
    ) STRICT, WITHOUT ROWID;
  `);
  readStoredSeries(database);
};

/** Blind votes: which of two lists a person preferred without knowing whose they were. `choice` is a, b or tie. */
const votes: Migration = (database) => {
  database.exec(`
    CREATE TABLE vote (
      id INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      dataset TEXT NOT NULL,
      run_a TEXT NOT NULL,
      run_b TEXT NOT NULL,
      user INTEGER NOT NULL,
      k INTEGER NOT NULL,
      choice TEXT NOT NULL
    ) STRICT;
    CREATE INDEX vote_pair ON vote (run_a, run_b);
  `);
};

/** Trials of searches, and how runs stood at the rungs of successive halving. */
const searches: Migration = (database) => {
  database.exec(`
    CREATE TABLE trial (
      experiment_id TEXT NOT NULL REFERENCES experiment (id),
      -- Place of the model choice in the request, from 0.
      choice INTEGER NOT NULL,
      dataset TEXT NOT NULL,
      -- From 0, in the order they were proposed.
      number INTEGER NOT NULL,
      configuration TEXT NOT NULL,
      -- The varied settings, JSON.
      point TEXT NOT NULL,
      PRIMARY KEY (experiment_id, choice, dataset, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE verdict (
      run_id TEXT NOT NULL REFERENCES run (id),
      epoch INTEGER NOT NULL,
      rank INTEGER NOT NULL,
      of INTEGER NOT NULL,
      goes_on INTEGER NOT NULL,
      PRIMARY KEY (run_id, epoch)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX verdict_end ON verdict (run_id) WHERE goes_on = 0;
  `);
};

/** Runs that other tools recorded, by what was in their files. */
const importedRuns: Migration = (database) => {
  database.exec(`
    CREATE TABLE imported (
      run INTEGER PRIMARY KEY REFERENCES run (number),
      hash TEXT NOT NULL UNIQUE,
      tool TEXT NOT NULL,
      source TEXT NOT NULL
    ) STRICT;
  `);
};

/** Settings that are texts, by what they say: which are the same in many thousand configurations is read from here. */
const textSettings: Migration = (database) => {
  database.exec('CREATE INDEX setting_text ON setting (key, text, configuration) WHERE number IS NULL');
};

/** When runs ended: the queue tells what finished today with every change, and would else read every run for it. */
const endedRuns: Migration = (database) => {
  database.exec('CREATE INDEX run_ended ON run (ended_at) WHERE ended_at IS NOT NULL');
};

/** The device a run is bound to, "cpu" or "gpu1"; none where it may compute on any. */
const pins: Migration = (database) => {
  database.exec('ALTER TABLE run ADD COLUMN pin TEXT');
};

/** What runs of a model took on a dataset and device: plans, the queue and cards ask for the newest of them again and again. */
const pastRuns: Migration = (database) => {
  database.exec('CREATE INDEX run_past ON run (model, dataset, device, state)');
};

/** Whose test values were seen and whose runs were then deleted for good: what was seen stays counted. */
const purgedTest: Migration = (database) => {
  database.exec(`
    CREATE TABLE purged_test (
      model TEXT NOT NULL,
      dataset TEXT NOT NULL,
      configuration TEXT NOT NULL,
      PRIMARY KEY (model, dataset, configuration)
    ) STRICT, WITHOUT ROWID;
  `);
};

export const migrations: readonly Migration[] = [
  first,
  second,
  third,
  runsTable,
  votes,
  searches,
  addLineage,
  importedRuns,
  textSettings,
  endedRuns,
  pins,
  pastRuns,
  purgedTest,
];
