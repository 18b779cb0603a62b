import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Store } from '#store/store.ts';
import { addRun, finished, finishRun, query, sequence, started, temporaryHome, worked, type Home } from './fixture.ts';

// Under the old Electron of the desktop ring libsql takes the driver's place; the store must not notice.
vi.mock('better-sqlite3', async () => ({ default: (await import('libsql')).default }));

let home: Home;
let store: Store;
beforeEach(async () => {
  home = temporaryHome();
  store = (await import('#store/store.ts')).openStore(home.folder);
});
afterEach(() => {
  store.close();
  home.remove();
});

test('runs, series, queries, freezing and the lock work on the driver that replaces better-sqlite3', async () => {
  addRun(store, { id: 'run-a', seed: 1 });
  addRun(store, { id: 'run-b', seed: 2 });
  const attempt = store.runs.beginAttempt('run-a', 1000);
  store.events.apply('run-a', attempt, sequence([started(), ...worked(1), ...worked(2)]));
  store.events.apply('run-a', attempt, sequence([finished(2, { 'recall@20': 0.3 }, { 'recall@20': 0.2 })], 100));
  finishRun(store, 'run-b', { 'recall@20': 0.5 });
  expect(store.series.of('run-a', ['loss'])[0]).toMatchObject({ epochs: Int32Array.of(1, 2), values: Float64Array.of(10, 5) });
  const page = store.page(
    query({
      search: 'lightgcn',
      where: [{ field: 'n_layers', operator: '=', value: 3 }],
      sort: [{ field: 'val.recall@20', descending: true }],
    }),
  );
  expect(page).toMatchObject({ totalRows: 1, totalRuns: 2, rows: [{ n: 2 }] });
  expect(page.rows[0]!.mean['recall@20']).toBeCloseTo(0.4, 12);
  expect(store.runs.summary('run-a')!.test.state).toBe('masked');
  const winners = [
    { dataset: 'demo', model: 'lightgcn', configuration: 'lightgcn-config', differences: '', mean: 0.4, n: 2, runIds: ['run-a'] },
  ];
  store.experiments.freeze('exp-a', { frozenAt: 1, frozenBy: 'me', criterion: 'c', candidates: 1, winners });
  expect(store.runs.summary('run-a')!.test).toEqual({ state: 'shown', values: { 'recall@20': 0.2 } });
  expect(store.experiments.get('exp-a')!.selection!.winners).toEqual(winners);
  store.preferences.set('queue.held', true);
  expect(store.preferences.get('queue.held')).toBe(true);
  const { tryLock } = await import('#store/lock.ts');
  const lock = tryLock(`${home.folder}/owner.lock`);
  expect(lock).toBeDefined();
  expect(tryLock(`${home.folder}/owner.lock`)).toBeUndefined();
  lock!.release();
});
