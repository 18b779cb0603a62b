import { describe, expect, test } from 'vitest';
import type { RunsChange } from '#contract/runs-table.ts';
import type { Store } from '#store/store.ts';
import { addExperiment, addRun, finished, finishRun, query, sequence, started, worked } from './fixture.ts';
import { storeForEach } from './opened-store.ts';

let store: Store;
const ids = Array.from({ length: 6 }, (_, at) => `run-${at}`);

storeForEach((opened) => {
  store = opened;
  addExperiment(store, 'exp-a');
  for (const [at, id] of ids.entries()) {
    addRun(store, { id, seed: at, configuration: at < 3 ? 'first' : 'second', hyper: { n_layers: at < 3 ? 1 : 2 } });
    if (at !== 5) finishRun(store, id, { 'recall@20': (at + 1) / 10 }, { 'recall@20': 0.9 }, { epochs: 3, bestEpoch: 1 });
  }
});

/** Everything a person can change of a run. */
const state = () =>
  ids.map((id) => {
    const run = store.runs.summary(id)!;
    const cells = store.pages.cells([[id]], ['my.verdict'], 'best')[0]!;
    const isTrashed = store.pages.matching(query({ filter: 'trashed' })).includes(id);
    return [
      run.state,
      run.starred,
      run.locked,
      run.archivedAt,
      run.tags,
      run.note,
      cells['my.verdict']!.text ?? cells['my.verdict']!.value,
      isTrashed,
    ];
  });

const changes: readonly RunsChange[] = [
  { type: 'star', starred: true },
  { type: 'archive', archived: true },
  { type: 'lock', locked: true },
  { type: 'tag', add: ['paper', ' new '], remove: ['old'] },
  { type: 'note', note: 'all alike' },
  { type: 'own', name: 'verdict', value: '7' },
  { type: 'trash' },
];

test.each(changes)('$type comes back exactly, however different the runs were, and is done again', (change) => {
  store.runs.annotate(['run-0'], { starred: true, addTags: ['old', 'paper'], note: 'first' });
  store.runs.annotate(['run-1'], { addTags: ['old'], note: 'second' });
  store.changes.apply(['run-1'], { type: 'own', name: 'verdict', value: 'good' }, 1);
  store.changes.apply(['run-2'], { type: 'lock', locked: true }, 1);
  store.changes.apply(['run-3'], { type: 'archive', archived: true }, 7);
  const before = state();
  const done = store.changes.apply(ids, change, 9);
  const after = state();
  expect(after).not.toEqual(before);
  expect(done.changed).toBe(new Set(done.undo.flatMap((step) => step.ids)).size);
  for (const step of done.undo) store.changes.apply(step.ids, step.change, 9);
  expect(state()).toEqual(before);
  for (const step of done.redo) store.changes.apply(step.ids, step.change, 9);
  expect(state()).toEqual(after);
});

describe('the trash', () => {
  test('leaves locked runs and runs at work alone, and says how many', () => {
    store.changes.apply(['run-0', 'run-1'], { type: 'lock', locked: true }, 1);
    store.runs.setState('run-2', 'running');
    const done = store.changes.apply(ids, { type: 'trash' }, 5);
    expect(done).toMatchObject({ changed: 3, locked: 2, working: 1 });
    expect(store.pages.matching(query({ trashed: true })).sort()).toEqual(['run-3', 'run-4', 'run-5']);
    // What waited is stopped there and waits again after it.
    expect(store.runs.summary('run-5')!.state).toBe('stopped');
    for (const step of done.undo) store.changes.apply(step.ids, step.change, 5);
    expect(store.runs.summary('run-5')!.state).toBe('queued');
  });

  test('a purge takes records for good, only from the trash, and never a locked run', () => {
    store.changes.apply(['run-0', 'run-1'], { type: 'trash' }, 5);
    store.changes.apply(['run-1'], { type: 'lock', locked: true }, 5);
    expect(store.trash.whole().ids).toEqual(['run-0', 'run-1']);
    expect(store.trash.purge(['run-0', 'run-1', 'run-2'])).toEqual(['run-0']);
    expect(store.runs.summary('run-0')).toBeUndefined();
    expect(store.series.of('run-0')).toEqual([]);
    expect(store.runs.summary('run-1')).toBeDefined();
    expect(store.page(query({})).totalRuns).toBe(4);
  });
});

describe('archived runs', () => {
  test('are left out of the list unless asked for, and shown where they are named by id', () => {
    store.changes.apply(['run-0', 'run-4'], { type: 'archive', archived: true }, 5);
    expect(store.pages.matching(query({}))).toHaveLength(4);
    expect(store.pages.matching(query({ archived: true })).sort()).toEqual(['run-0', 'run-4']);
    expect(store.pages.matching(query({ filter: 'archived or seed = 1' })).sort()).toEqual(['run-0', 'run-1', 'run-4']);
    expect(store.pages.matching(query({ ids: ['run-0', 'run-1'] })).sort()).toEqual(['run-0', 'run-1']);
  });
});

describe('cells', () => {
  test('are means over finished seeds with sd and n, what runs were set to do, or why there is no value', () => {
    const columns = [
      'val.recall@20',
      'last.recall@20',
      'test.recall@20',
      'n_layers',
      'seed',
      'elapsedSeconds',
      '=val.recall@20 * 100',
      'model',
    ];
    const rows = store.page(query({ columns, sort: [{ field: 'n_layers', descending: false }] })).rows;
    const [first, second] = rows.map((row) => row.cells!);
    expect(first!['val.recall@20']!.value).toBeCloseTo(0.2, 12);
    expect(first!['val.recall@20']!.sd).toBeCloseTo(0.1, 12);
    expect(first!['val.recall@20']!.n).toBe(3);
    expect(second!['val.recall@20']).toMatchObject({ n: 2 });
    expect(first!['=val.recall@20 * 100']!.value).toBeCloseTo(20, 10);
    expect(first!['test.recall@20']).toEqual({ missing: 'masked' });
    expect(first!['n_layers']).toEqual({ value: 1 });
    expect(first!['seed']).toEqual({ text: '0, 1, 2' });
    expect(first!['model']).toEqual({ text: 'LIGHTGCN' });
    expect(store.pages.cells([['run-5'], ['gone']], ['val.recall@20'], 'best')).toEqual([
      { 'val.recall@20': { missing: 'not run' } },
      { 'val.recall@20': { missing: 'not run' } },
    ]);
  });

  test('say of stopped seeds that they were stopped: what each has is shown where it stands alone', () => {
    for (const seed of [1, 2]) {
      addRun(store, { id: `halted-${seed}`, seed, configuration: 'halted' });
      const stopped = finished(1, { 'recall@20': 0.4 }, {}, { stopReason: 'stopped-by-user' });
      store.events.apply(
        `halted-${seed}`,
        store.runs.beginAttempt(`halted-${seed}`, 9_000),
        sequence([started(), ...worked(1, {}), stopped]),
      );
    }
    const cells = (...ids: string[]) => store.pages.cells([ids], ['val.recall@20', 'test.recall@20'], 'best')[0];
    expect(cells('halted-1', 'halted-2')).toEqual({ 'val.recall@20': { missing: 'stopped' }, 'test.recall@20': { missing: 'stopped' } });
    expect(cells('halted-1')).toMatchObject({ 'val.recall@20': { value: 0.4, n: 1 } });
  });

  test('take the reading asked for, in cells, orders and filters alike', () => {
    addRun(store, { id: 'late', seed: 9, configuration: 'late' });
    const attempt = store.runs.beginAttempt('late', 1);
    const epochs = [0.1, 0.5, 0.3].map((recall, at) => ({
      type: 'epochFinished' as const,
      stage: 'train',
      epoch: at + 1,
      loss: 1,
      terms: {},
      learningRate: 0.1,
      trainSeconds: 1,
      evaluationSeconds: 1,
      validation: { 'recall@20': recall },
      bestEpoch: Math.min(2, at + 1),
      bestValue: 0.5,
      misses: 0,
    }));
    store.events.apply(
      'late',
      attempt,
      [{ type: 'stageStarted' as const, stage: 'train', model: 'lightgcn', fromEpoch: 0 }, ...epochs].map((event, at) => ({
        seq: at + 1,
        at: 10 + at,
        event,
      })),
    );
    const value = (reading: 'best' | 'last' | 'min' | 'max') =>
      store.pages.cells([['late']], ['val.recall@20'], reading)[0]!['val.recall@20']!.value;
    expect([value('best'), value('last'), value('min'), value('max')]).toEqual([0.5, 0.3, 0.1, 0.5]);
    const found = (reading: 'best' | 'last') => store.pages.matching(query({ reading, filter: 'seed = 9 and val.recall@20 >= 0.4' }));
    expect([found('best'), found('last')]).toEqual([['late'], []]);
  });
});

test('a group over several datasets or protocols has no mean of results: it would pool splits', () => {
  addRun(store, { id: 'elsewhere', dataset: 'baby', configuration: 'there', seed: 0, hyper: { n_layers: 7 } });
  addRun(store, { id: 'here', configuration: 'this', seed: 0, hyper: { n_layers: 7 } });
  for (const [id, recall] of Object.entries({ elsewhere: 0.1, here: 0.5 })) finishRun(store, id, { 'recall@20': recall });
  const columns = ['val.recall@20', '=val.recall@20 * 2', 'bestEpoch'];
  const asked = { filter: 'n_layers = 7', columns };
  const [group] = store.page(query({ ...asked, group: ['n_layers'] })).groups!;
  expect(group!.apart).toBe('dataset');
  expect(Object.keys(group!.cells!)).toEqual(['bestEpoch']);
  const apart = store.page(query({ ...asked, group: ['dataset', 'n_layers'] })).groups!;
  expect(apart.map((each) => [each.apart, each.cells!['val.recall@20']!.value, each.cells!['=val.recall@20 * 2']!.value])).toEqual([
    [undefined, 0.5, 1],
    [undefined, 0.1, 0.2],
  ]);
});

test('groups come in order with their rows, runs and means over finished runs', () => {
  const page = store.page(query({ group: ['n_layers'], columns: ['val.recall@20'], sort: [{ field: 'val.recall@20', descending: true }] }));
  expect(page.groups!.map(({ values, rows, runs }) => [values, rows, runs])).toEqual([
    [[1], 1, 3],
    [[2], 1, 3],
  ]);
  expect(page.groups![1]!.cells!['val.recall@20']!.value).toBeCloseTo(0.45, 12);
  expect(page.groups![1]!.cells!['val.recall@20']!.sd).toBeCloseTo(0.1 / Math.SQRT2, 12);
  const single = store.page(query({ group: ['state', 'seed'], collapse: false }));
  expect(single.groups!.map(({ values }) => values)).toEqual([...[0, 1, 2, 3, 4].map((seed) => ['finished', seed]), ['queued', 5]]);
  expect(single.rows.map((row) => row.runs[0]!.seed)).toEqual([0, 1, 2, 3, 4, 5]);
});
