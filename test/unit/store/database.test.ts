import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArtifactTable } from '#store/artifacts.ts';
import { TrashTable } from '#store/trash.ts';
import { checkNodeApi, openDatabase, schemaVersion, type Database } from '#store/database.ts';
import { LineageTable } from '#store/lineage.ts';
import { migrations, type Migration } from '#store/migrations.ts';
import { PastRuns } from '#store/past-runs.ts';
import { PreferenceTable } from '#store/preferences.ts';
import { RunsPages } from '#store/runs-query.ts';
import { VerificationTable } from '#store/verifications.ts';
import { query, temporaryHome, type Home } from './fixture.ts';

let home: Home;
let file: string;
beforeEach(() => {
  home = temporaryHome();
  file = join(home.folder, 'deep', 'avocet.sqlite');
});
afterEach(() => home.remove());

const addColour: Migration = (database) => database.exec("ALTER TABLE preference ADD COLUMN colour TEXT NOT NULL DEFAULT 'white'");

describe('opening the store', () => {
  test('makes folder and tables, all of them STRICT, in WAL mode', () => {
    const database = openDatabase(file);
    expect(schemaVersion(database)).toBe(migrations.length);
    expect(database.get('PRAGMA journal_mode')).toEqual({ journalMode: 'wal' });
    const tables = database.all<{ sql: string }>("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    expect(tables.length).toBeGreaterThan(10);
    for (const { sql } of tables) expect(sql).toMatch(/\) STRICT/);
    database.close();
  });

  test('a newer store is refused in words and left as it is', () => {
    openDatabase(file, [...migrations, addColour]).close();
    expect(() => openDatabase(file)).toThrowError(
      expect.objectContaining({
        problem: expect.objectContaining({ code: 'store.newer', values: { found: migrations.length + 1, newest: migrations.length } }),
      }),
    );
    const newer = openDatabase(file, [...migrations, addColour]);
    expect(schemaVersion(newer)).toBe(migrations.length + 1);
    newer.close();
  });

  test('a migration backs the store up first and keeps its rows', () => {
    const before = openDatabase(file);
    before.insert('preference', { key: 'settings', value: '"old"' });
    before.close();
    const after = openDatabase(file, [...migrations, addColour]);
    expect(after.get('SELECT * FROM preference')).toEqual({ key: 'settings', value: '"old"', colour: 'white' });
    after.close();
    const copies = readdirSync(join(home.folder, 'deep', 'backups'));
    expect(copies).toEqual([`avocet-version-${migrations.length}.sqlite`]);
    const copy = openDatabase(join(home.folder, 'deep', 'backups', copies[0]!));
    expect(schemaVersion(copy)).toBe(migrations.length);
    expect(copy.get('SELECT * FROM preference')).toEqual({ key: 'settings', value: '"old"' });
    copy.close();
  });

  test('a migration that fails changes nothing', () => {
    openDatabase(file).close();
    const broken: Migration = (database) => {
      addColour(database);
      throw new Error('disk full');
    };
    expect(() => openDatabase(file, [...migrations, broken])).toThrow('disk full');
    const again = openDatabase(file);
    expect(schemaVersion(again)).toBe(migrations.length);
    expect(again.all<{ name: string }>("SELECT name FROM pragma_table_info('preference')").map((row) => row.name)).not.toContain('colour');
    again.close();
  });

  test('the first opening needs no backup', () => {
    openDatabase(file).close();
    expect(existsSync(join(home.folder, 'deep', 'backups'))).toBe(false);
  });

  test('a file that is no database is a problem with a place', () => {
    expect(() => openDatabase(home.folder)).toThrowError(
      expect.objectContaining({ problem: expect.objectContaining({ kind: 'disk', code: 'store.unreadable', where: home.folder }) }),
    );
  });
});

test('a full disk is named as such, and nothing of the transaction stays', () => {
  const database = openDatabase(file);
  const { pageCount } = database.get<{ pageCount: number }>('PRAGMA page_count')!;
  database.exec(`PRAGMA max_page_count = ${pageCount + 10}`);
  const preferences = new PreferenceTable(database);
  const fill = () =>
    database.transaction(() => {
      for (let n = 0; n < 100; n++) preferences.set(`key ${n}`, 'x'.repeat(3000));
    });
  // SQLite has ended the transaction itself by then.
  expect(fill).toThrowError(expect.objectContaining({ code: 'SQLITE_FULL' }));
  expect(preferences.get('key 0')).toBeUndefined();
  database.exec(`PRAGMA max_page_count = ${pageCount + 1000}`);
  fill();
  expect(preferences.get('key 99')).toHaveLength(3000);
  database.close();
});

describe('an old Node', () => {
  test('is named with what is needed, before the driver could crash', () => {
    expect(() => checkNodeApi('8')).toThrowError(
      expect.objectContaining({
        problem: expect.objectContaining({ code: 'store.node-too-old', message: expect.stringMatching(/Node-API 8.*Node-API 10/) }),
      }),
    );
    expect(() => checkNodeApi(undefined)).toThrow('Node-API none');
    expect(() => checkNodeApi('10')).not.toThrow();
    expect(() => checkNodeApi('11')).not.toThrow();
  });
});

describe('rows', () => {
  test('are camelCase outside and snake_case inside, blobs are bytes, transactions nest and roll back', () => {
    const database = openDatabase(file);
    database.exec('CREATE TABLE odd (run_id TEXT PRIMARY KEY, peak_memory_bytes INTEGER, is_held INTEGER, points BLOB) STRICT');
    database.insert('odd', { runId: 'a', peakMemoryBytes: 5, isHeld: true, points: new Uint8Array([1, 2, 3]) });
    const row = database.get<{ points: Uint8Array }>('SELECT * FROM odd');
    expect(row).toMatchObject({ runId: 'a', peakMemoryBytes: 5, isHeld: 1 });
    expect([...row!.points]).toEqual([1, 2, 3]);
    expect(() =>
      database.transaction(() => {
        database.update('odd', { runId: 'a' }, { peakMemoryBytes: undefined, isHeld: false });
        database.transaction(() => database.insert('odd', { runId: 'b' }));
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(database.all('SELECT run_id, is_held FROM odd')).toEqual([{ runId: 'a', isHeld: 1 }]);
    database.close();
  });
});

/** A store of an earlier version with a finished run, or with as many as are given; each has these values besides the usual ones. */
function oldStore(version: number, ...runs: readonly Readonly<Record<string, string | number>>[]): Database {
  const database = openDatabase(file, migrations.slice(0, version));
  database.exec(
    `INSERT INTO experiment VALUES ('exp-a', 'A', '', '', 1, 'validation', '{}', NULL, NULL, NULL);
     INSERT INTO configuration VALUES ('c', 'mgcn')`,
  );
  for (const run of runs.length === 0 ? [{}] : runs)
    database.insert('run', {
      ...{ id: 'run-a', experimentId: 'exp-a', state: 'finished', dataset: 'demo', datasetName: 'Demo', dataHash: 'd' },
      ...{ model: 'mgcn', modelTitle: 'MGCN', inferred: 0, configuration: 'c', seed: 1, device: 'wasm', threads: 1 },
      ...{ config: '{}', differences: '[]', createdAt: 1, search: 'mgcn on demo' },
      ...run,
    });
  return database;
}

describe('from version 1', () => {
  test('runs get the indexes of the lists, and a page, a sort and a search read no run whole', () => {
    oldStore(1).close();
    const database = openDatabase(file);
    expect(schemaVersion(database)).toBe(migrations.length);
    const pages = new RunsPages(database);
    const asked = vi.spyOn(database, 'plain');
    for (const wish of [{}, { sort: [{ field: 'val.recall@20', descending: true }] }, { search: 'mgcn' }]) pages.page(query(wish));
    const reads = asked.mock.calls.flatMap(([sql, values = []]) =>
      database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, values).filter(({ detail }) => /^(SCAN|SEARCH) [rfm]\b/.test(detail)),
    );
    expect(reads.length).toBeGreaterThan(3);
    for (const { detail } of reads) expect(detail).toContain('USING COVERING INDEX');
    expect(pages.page(query({ search: 'DEMO mgcn' }))).toMatchObject({
      totalRuns: 1,
      rows: [{ runs: [{ id: 'run-a' }] }],
    });
    database.close();
  });
});

describe('from version 2', () => {
  test('speeds without a machine go, and the device that stood in the settings by default is the fastest one', () => {
    const settingsAfter = (settings: string) => {
      const before = openDatabase(file, migrations.slice(0, 2));
      before.insert('preference', { key: 'settings', value: settings }, true);
      before.insert('calibration', { device: 'wasm', measuredAt: 1, value: '{}' }, true);
      before.close();
      const database = openDatabase(file);
      expect(schemaVersion(database)).toBe(migrations.length);
      const { value } = database.get<{ value: string }>("SELECT value FROM preference WHERE key = 'settings'")!;
      const preferences = new PreferenceTable(database);
      expect(preferences.calibrations('here')).toEqual([]);
      const kept = { machine: 'here', device: 'wasm', threads: 2, measuredAt: 5, value: { secondsPerStep: 1 } };
      preferences.setCalibration(kept);
      preferences.setCalibration({ ...kept, threads: 1 });
      preferences.setCalibration({ ...kept, machine: 'there' });
      expect(preferences.calibrations('here')).toEqual([{ ...kept, threads: 1 }, kept]);
      preferences.forgetCalibrations('here', 'wasm');
      expect(preferences.calibrations('here')).toEqual([]);
      expect(preferences.calibrations('there')).toHaveLength(1);
      database.close();
      home.remove();
      return JSON.parse(value) as unknown;
    };
    expect(settingsAfter('{"theme":"dark","device":"wasm"}')).toEqual({ theme: 'dark', device: 'fastest' });
    expect(settingsAfter('{"theme":"dark","device":"tensorflow"}')).toEqual({ theme: 'dark', device: 'tensorflow' });
  });
});

describe('from version 3', () => {
  test('runs are neither archived nor locked, and their series are read: last, lowest and highest of each', () => {
    const before = oldStore(3);
    before.exec(
      "INSERT INTO stage VALUES ('run-a', 0, 'pretrain', 'mgcn', '', 'done', 1, 1, 1), ('run-a', 1, 'train', 'mgcn', '', 'done', 3, 2, 1)",
    );
    const chunk = (stage: string, seq: number, epochs: number[], recall: number[]) =>
      before.insert('series_chunk', {
        runId: 'run-a',
        stage,
        attempt: 1,
        seq,
        keys: '["loss","recall@20","test/recall@20"]',
        lastEpoch: epochs[epochs.length - 1]!,
        epochs: Buffer.from(Int32Array.from(epochs).buffer),
        points: Buffer.from(Float64Array.from([...recall.map(() => 9), ...recall, ...recall.map(() => 0.9)]).buffer),
      });
    chunk('pretrain', 1, [1], [0.7]);
    chunk('train', 2, [1, 2], [0.1, 0.3]);
    chunk('train', 3, [3], [0.2]);
    before.close();
    const database = openDatabase(file);
    expect(database.all('SELECT key, last_epoch, last, low, high FROM reading')).toEqual([
      { key: 'recall@20', lastEpoch: 3, last: 0.2, low: 0.1, high: 0.3 },
    ]);
    expect(database.get('SELECT archived_at, locked FROM run')).toEqual({ archivedAt: null, locked: 0 });
    database.close();
  });
});

describe('from version 6', () => {
  test('runs have no parent, expectation or outcome, and no file of theirs lies in the trash', () => {
    const before = oldStore(6);
    before.exec("INSERT INTO artifact VALUES ('run-a', 'checkpoint-best', 'checkpoint-best.bin', 10, 'abc')");
    before.close();
    const database = openDatabase(file);
    expect(new LineageTable(database).of('run-a')).toEqual({
      id: 'run-a',
      parent: null,
      origin: null,
      trashed: false,
      expectation: '',
      outcome: '',
    });
    const artifacts = new ArtifactTable(database);
    expect(artifacts.of('run-a').map(({ name }) => name)).toEqual(['checkpoint-best']);
    expect(artifacts.trashed('run-a')).toEqual([]);
    expect(new VerificationTable(database).of('run-a')).toEqual([]);
    database.close();
  });
});

describe('from version 11', () => {
  test('past runs of a model on a dataset and device are found by an index, newest first', () => {
    const ran = { config: '{"budget":{"batchSize":2048,"width":64}}', secondsPerEpoch: 1, peakMemoryBytes: 1e8 };
    oldStore(11, { ...ran, id: 'run-a', epochs: 30 }, { ...ran, id: 'run-b', epochs: 40 }).close();
    const database = openDatabase(file);
    const past = new PastRuns(database);
    expect(past.history('mgcn', 'demo', 'wasm').map(({ epochs }) => epochs)).toEqual([40, 30]);
    expect(past.memory('mgcn', 'demo', 'wasm')).toHaveLength(2);
    const plan = (states: string) =>
      database
        .all<{ detail: string }>(
          `EXPLAIN QUERY PLAN SELECT 1 FROM run WHERE model = 'mgcn' AND dataset = 'demo' AND device = 'wasm' AND ${states} ORDER BY number DESC LIMIT 20`,
        )
        .map(({ detail }) => detail)
        .join();
    expect(plan("state = 'finished'")).toContain('run_past');
    expect(plan("state IN ('finished', 'stopped')")).toContain('run_past');
    database.close();
  });
});

describe('from version 12', () => {
  test('no test value of a deleted run has been counted yet, and one that is deleted now is', () => {
    oldStore(12, { testShown: 1, trashedAt: 2 }).close();
    const database = openDatabase(file);
    expect(database.all('SELECT * FROM purged_test')).toEqual([]);
    expect(new TrashTable(database).purge(['run-a'])).toEqual(['run-a']);
    expect(database.all('SELECT * FROM purged_test')).toEqual([{ model: 'mgcn', dataset: 'demo', configuration: 'c' }]);
    database.close();
  });
});
