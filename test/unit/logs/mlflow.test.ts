import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { parameterOf } from '#logs/parts/mlflow-run.ts';
import { pythonValue } from '#logs/parts/python-values.ts';
import { cleanUp, place, problemsIn, runsIn, seriesOf, valuesOf } from './reading.ts';

afterAll(cleanUp);

const meta = (more: string) => `run_id: abc\nrun_name: lightgcn-a\nstart_time: 1000\nend_time: 61000\n${more}`;
const files = {
  'mlruns/1/meta.yaml': 'experiment_id: "1"\nname: fusion\nlifecycle_stage: active\n',
  'mlruns/1/abc/meta.yaml': meta('status: 3\nlifecycle_stage: active\n'),
  'mlruns/1/abc/params/model': 'LightGCN',
  'mlruns/1/abc/params/lr': '0.001',
  'mlruns/1/abc/params/seed': '42',
  'mlruns/1/abc/metrics/valid_recall_20': '1000 0.25 1\n2000 0.5 2\n3000 0.125 3\n',
  'mlruns/1/abc/metrics/train/loss': '1000 2.5 1\n2000 nan 2\n',
  'mlruns/1/abc/metrics/auc': '2000 0.75 0\n1000 0.5 0\n',
  'mlruns/1/abc/tags/mlflow.note.content': 'a note',
  'mlruns/1/abc/tags/team': 'ada',
};

function store(): string {
  const root = place({});
  const database = new Sqlite(join(root, 'mlflow.db'));
  database.exec(`
    CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, status TEXT, start_time BIGINT, end_time BIGINT, lifecycle_stage TEXT, experiment_id INTEGER);
    CREATE TABLE metrics (key TEXT, value REAL, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN);
    CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
    CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
    INSERT INTO experiments VALUES (1, 'fusion');
    INSERT INTO runs VALUES ('abc', 'lightgcn-a', 'FINISHED', 1000, 61000, 'active', 1), ('dead', 'gone', 'FINISHED', 1, 2, 'deleted', 1),
      ('bad', 'broken', 'FAILED', 5, 6, 'active', 1);
    INSERT INTO metrics VALUES ('valid_recall_20', 0.25, 1000, 'abc', 1, 0), ('valid_recall_20', 0.5, 2000, 'abc', 2, 0), ('valid_recall_20', 0.125, 3000, 'abc', 3, 0),
      ('train/loss', 2.5, 1000, 'abc', 1, 0), ('train/loss', 0, 2000, 'abc', 2, 1), ('auc', 0.75, 2000, 'abc', 0, 0), ('auc', 0.5, 1000, 'abc', 0, 0);
    INSERT INTO params VALUES ('model', 'LightGCN', 'abc'), ('lr', '0.001', 'abc'), ('seed', '42', 'abc');
    INSERT INTO tags VALUES ('mlflow.note.content', 'a note', 'abc'), ('team', 'ada', 'abc');
  `);
  database.close();
  return root;
}

describe('parameters', () => {
  it.each([
    ['0.001', 0.001],
    ['1e-05', 1e-5],
    ['-3.', -3],
    ['.5', 0.5],
    ['0', 0],
    [' 42\n', 42],
    ['9007199254740991', 9007199254740991],
    ['12345678901234567890', '12345678901234567890'],
    ['007', '007'],
    ['0x1f', '0x1f'],
    ['0b11', '0b11'],
    ['1e999', '1e999'],
    ['True', true],
    ['', ''],
  ])('%j is %j: ids keep their zeros and digits', (text, value) => {
    expect(parameterOf(text)).toBe(value);
    // As Python prints it, without the space around it.
    if (text.trim() === text) expect(pythonValue(text)).toBe(value);
  });
});

describe('MLflow', () => {
  it.each([
    ['file', () => place(files)],
    ['SQLite', store],
  ])('is read from its %s store', async (_, made) => {
    const runs = await runsIn(made());
    const run = runs.find(({ model }) => model === 'LightGCN')!;
    expect(run).toMatchObject({
      // Its auc was given no steps: none of its points may pass for one.
      origin: { tool: 'mlflow', name: 'fusion/lightgcn-a', steps: 'unknown', remarks: ['1 point is not a finite number and left out'] },
      ...{ seed: 42, startedAt: 1000, endedAt: 61000, state: 'finished', bestStep: 2, note: 'a note', tags: ['team: ada'] },
      settings: { lr: 0.001, seed: 42 },
    });
    // Where no steps were given the points are counted, in the order of their times.
    expect(seriesOf(run)).toEqual({
      'recall@20': [
        [1, 2, 3],
        [0.25, 0.5, 0.125],
      ],
      loss: [[1], [2.5]],
      auc: [
        [1, 2],
        [0.5, 0.75],
      ],
    });
    expect(valuesOf(run)).toEqual({ 'validation recall@20': 0.5, 'log auc': 0.75 });
  });

  it('has the same content in both stores', async () => {
    const [a] = await runsIn(place(files));
    const b = (await runsIn(store())).find(({ model }) => model === 'LightGCN');
    expect(a!.origin.hash).toBe(b!.origin.hash);
  });

  it('says what was deleted there, and how a run ended', async () => {
    const root = store();
    expect(await problemsIn(root)).toEqual([
      expect.objectContaining({ code: 'logs.deleted', where: `${join(root, 'mlflow.db')}, run dead` }),
    ]);
    const broken = (await runsIn(root)).find(({ origin }) => origin.name === 'fusion/broken');
    expect(broken).toMatchObject({ state: 'failed', origin: { remarks: ['MLflow says of its end: FAILED'] } });
  });

  it('names file and line of what cannot be read, and reads YAML as data', async () => {
    const root = place({ ...files, 'mlruns/1/abc/metrics/auc': '1 0.5 0\nhello\n' });
    expect(await problemsIn(root)).toEqual([
      expect.objectContaining({
        code: 'logs.damaged',
        where: `${join(root, 'mlruns/1/abc/metrics/auc')}:2`,
        message: '"hello" is no time, value and step',
      }),
    ]);
    const torn = place({ ...files, 'mlruns/1/abc/meta.yaml': 'run_id: "abc\n  - x: [' });
    expect((await problemsIn(torn))[0]).toMatchObject({ code: 'logs.damaged', where: join(torn, 'mlruns/1/abc/meta.yaml') });
    const tagged = place({ ...files, 'mlruns/1/abc/meta.yaml': meta('status: 3\nuser_id: !!python/object/apply:os.system ["exit 1"]\n') });
    expect(await runsIn(tagged)).toHaveLength(1);
  });
});
