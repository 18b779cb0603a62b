import { expect, test } from 'vitest';
import { openDatabase } from '#store/database.ts';
import { valuesOfRuns } from '#store/runs-cell-values.ts';
import { columnSql } from '#store/runs-conditions.ts';
import type { Store } from '#store/store.ts';
import { addRun, finishRun } from './fixture.ts';
import { storeForEach } from './opened-store.ts';

let folder: string;
let store: Store;
storeForEach((opened, place) => ([store, folder] = [opened, place]));

const columns = [
  'val.recall@20',
  'val.ndcg@20',
  'last.recall@20',
  'max.recall@20',
  'min.ndcg@20',
  'test.recall@20',
  'n_layers',
  'init',
  'unknown',
  'seed',
  'model',
  'tag',
  'createdAt',
  'val.recall@20',
  '=n_layers * 10 + val.recall@20',
  '=1 / (seed - 2)',
];

/** Enough runs for the columns of SQL to be read together, and some that lack one thing or another. */
const many = 240;

test.each([
  ['a few runs', 7],
  ['many runs', many],
])('values of %s are those that each column alone has of each run', (_, count) => {
  store.transaction(() => {
    for (let at = 0; at < count; at++) {
      const id = `run-${at}`;
      const hyper = at % 5 === 0 ? { init: 'xavier' } : { n_layers: at % 4, init: at % 3 === 0 ? 'normal' : 2 };
      addRun(store, { id, seed: at % 6, configuration: `configuration-${at % 20}`, hyper, testShown: at % 2 === 0 });
      if (at % 7 !== 3)
        finishRun(store, id, { 'recall@20': at / 1000, ...(at % 2 === 0 ? { 'ndcg@20': at / 500 } : {}) }, { 'recall@20': at / 900 });
    }
  });
  store.changes.apply(['run-1', 'run-2'], { type: 'tag', add: ['good'], remove: [] }, 5);
  const database = openDatabase(`${folder}/avocet.sqlite`);
  try {
    const runs = database.plain<{ n: number; c: string }>('SELECT number AS n, configuration AS c FROM run ORDER BY number DESC');
    const asked = { numbers: runs.map(({ n }) => n), configurations: runs.map(({ c }) => c) };
    const found = valuesOfRuns(database, asked, columns, 'best');
    expect(found).toHaveLength(columns.length);
    for (const [at, column] of columns.entries()) {
      const { sql, values } = columnSql(column, 'best');
      const alone = runs.map(
        ({ n }) => database.plain<{ v: unknown }>(`SELECT ${sql} AS v FROM run r WHERE r.number = ?`, [...values, n])[0]!.v ?? undefined,
      );
      expect(found[at], column).toEqual(alone);
    }
    // None of them is empty by mistake, and a masked test value is none.
    const [validation, , , , , tests] = found;
    expect(validation!.some((value) => typeof value === 'number')).toBe(true);
    expect(tests!.filter((value) => value !== undefined).length).toBeGreaterThan(0);
    expect(tests!.filter((value) => value !== undefined).length).toBeLessThan(validation!.filter((value) => value !== undefined).length);
  } finally {
    database.close();
  }
});
