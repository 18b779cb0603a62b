import { describe, expect, test } from 'vitest';
import type { DatasetSummary } from '#contract/dataset.ts';
import { openDatabase } from '#store/database.ts';
import { migrations } from '#store/migrations.ts';
import type { Store } from '#store/store.ts';
import { addRun, finishRun } from './fixture.ts';
import { storeForEach } from './opened-store.ts';

// What lists ask for with every visit: answered from few statements, and without dropping what was read before.

let folder: string;
let store: Store;
storeForEach((opened, place) => ([store, folder] = [opened, place]));

const summary = (id: string, name = id) =>
  ({ id, name, createdAt: 1, fingerprint: { splitHash: `split of ${id}` } }) as unknown as DatasetSummary;
const dataset = (id: string, name = id) => ({ summary: summary(id, name), folder: `/data/${id}`, dataHash: `hash of ${id}` });

describe('datasets', () => {
  test('one that is told again as it is changes nothing that lists have read; one with other data does', () => {
    addRun(store, { id: 'run-1' });
    store.datasets.put(dataset('demo'));
    const { version } = store.pages;
    store.datasets.put(dataset('demo'));
    expect(store.pages.version).toBe(version);
    store.datasets.put({ ...dataset('demo'), dataHash: 'other rows' });
    expect(store.pages.version).toBeGreaterThan(version);
    expect(store.datasets.get('demo')?.dataHash).toBe('other rows');
  });

  test('a name given by a person stays, whether its folder has changed or not', () => {
    store.datasets.put(dataset('demo'));
    store.datasets.rename('demo', 'Mine');
    store.datasets.put(dataset('demo'));
    expect(store.datasets.get('demo')?.summary.name).toBe('Mine');
    store.datasets.put({ ...dataset('demo'), folder: '/elsewhere' });
    expect(store.datasets.get('demo')).toMatchObject({ folder: '/elsewhere', summary: { name: 'Mine' } });
  });

  test('are used by runs of any state, those in the trash too', () => {
    for (const [id, where] of [
      ['run-1', 'demo'],
      ['run-2', 'demo'],
      ['run-3', 'baby'],
    ] as const)
      addRun(store, { id, dataset: where, configuration: id });
    store.changes.apply(['run-2'], { type: 'trash' }, 5);
    expect([...store.datasets.usage()].sort()).toEqual([
      ['baby', 1],
      ['demo', 2],
    ]);
  });
});

describe('runs', () => {
  test('records come for all that are asked for: settings, and the split of the dataset before a run has its own', () => {
    store.datasets.put(dataset('demo'));
    addRun(store, { id: 'run-1', hyper: { n_layers: 2 } });
    addRun(store, { id: 'run-2', dataset: 'gone', configuration: 'other' });
    const records = store.runs.records(['run-2', 'run-1', 'run-9']);
    expect([...records.keys()].sort()).toEqual(['run-1', 'run-2']);
    expect(records.get('run-1')).toEqual({ config: store.runs.config('run-1'), splitHash: 'split of demo' });
    // Without its dataset the data that it was planned with are what is known.
    expect(records.get('run-2')?.splitHash).toBe('data');
  });

  test('a scope keeps the order asked for, once each and without the trash', () => {
    for (const id of ['run-1', 'run-2', 'run-3']) addRun(store, { id, configuration: id });
    store.changes.apply(['run-2'], { type: 'trash' }, 5);
    const found = store.runs.inScope({ experiments: [], runs: ['run-3', 'run-2', 'run-9', 'run-1', 'run-3'] });
    expect(found.map(({ id }) => id)).toEqual(['run-3', 'run-1']);
  });

  test('finished since a time come newest first', () => {
    for (const id of ['run-1', 'run-2', 'run-3']) addRun(store, { id, configuration: id });
    finishRun(store, 'run-1', { 'recall@20': 0.1 });
    finishRun(store, 'run-3', { 'recall@20': 0.1 });
    const ends = new Map(store.runs.summaries(['run-1', 'run-3']).map(({ id, endedAt }) => [id, endedAt!]));
    const found = store.runs.finishedSince(0).map(({ id }) => id);
    expect([...found].sort()).toEqual(['run-1', 'run-3']);
    // Those that ended in the same millisecond come in any order.
    expect(ends.get(found[0]!)).toBeGreaterThanOrEqual(ends.get(found[1]!)!);
    expect(store.runs.finishedSince(Math.max(...ends.values()) + 1)).toEqual([]);
  });

  test('when they ended is indexed in a store of version 9', () => {
    const file = `${folder}/old/avocet.sqlite`;
    openDatabase(file, migrations.slice(0, 9)).close();
    const database = openDatabase(file);
    const plan = database.all<{ detail: string }>('EXPLAIN QUERY PLAN SELECT id FROM run WHERE ended_at >= 1');
    expect(plan.map(({ detail }) => detail).join()).toContain('run_ended');
    database.close();
  });
});
