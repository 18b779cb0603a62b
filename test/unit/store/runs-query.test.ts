import { describe, expect, test } from 'vitest';
import type { Store } from '#store/store.ts';
import type { RunsQuery } from '#contract/view.ts';
import { addExperiment, addRun, finishRun, query } from './fixture.ts';
import { storeForEach } from './opened-store.ts';

let store: Store;

/** LightGCN with 2 and 3 layers on two datasets, MGCN on one; two seeds each, and one MGCN run that still waits. */
storeForEach((opened) => {
  store = opened;
  addExperiment(store, 'exp-a', 'Layers');
  addExperiment(store, 'exp-b', 'Pictures');
  let value = 0.1;
  for (const dataset of ['demo', 'baby']) {
    for (const layers of [2, 3]) {
      for (const seed of [1, 2]) {
        const id = `run-${dataset}-${layers}-${seed}`;
        addRun(store, {
          id,
          dataset,
          configuration: `lightgcn-${layers}`,
          hyper: { n_layers: layers, kind: layers === 2 ? 'two' : 'three' },
          seed,
        });
        finishRun(store, id, { 'recall@20': value, 'ndcg@20': value / 2 }, { 'recall@20': 1 - value });
        value += 0.01;
      }
    }
  }
  for (const seed of [1, 2])
    addRun(store, { id: `run-mgcn-${seed}`, experiment: 'exp-b', model: 'mgcn', hyper: { cl_loss: 0.01 }, seed, configuration: 'mgcn-1' });
  finishRun(store, 'run-mgcn-1', { 'recall@20': 0.5 });
});

const ids = (wish: RunsQuery) =>
  store.page(query({ collapse: false, sort: [{ field: 'id', descending: false }], ...wish })).rows.map((row) => row.runs[0]!.id);

describe('filters', () => {
  test('by state, dataset, model, experiment, tag, star and trash', () => {
    expect(ids({ states: ['queued'] })).toEqual(['run-mgcn-2']);
    expect(ids({ datasets: ['baby'] })).toHaveLength(4);
    expect(ids({ models: ['mgcn'] })).toEqual(['run-mgcn-1', 'run-mgcn-2']);
    store.runs.annotate(['run-baby-2-1'], { starred: true, addTags: ['paper', 'table 2'] });
    expect(ids({ starred: true })).toEqual(['run-baby-2-1']);
    expect(ids({ tags: ['paper'] })).toEqual(['run-baby-2-1']);
    expect(ids({ where: [{ field: 'tag', operator: 'contains', value: 'table' }] })).toEqual(['run-baby-2-1']);
    store.trash.move(['run-baby-2-1', 'run-mgcn-2'], 5);
    expect(ids({ trashed: true })).toEqual(['run-baby-2-1', 'run-mgcn-2']);
    expect(ids({})).toHaveLength(8);
    store.trash.restore(['run-baby-2-1']);
    expect(store.runs.summary('run-baby-2-1')).toMatchObject({ starred: true, tags: ['paper', 'table 2'], state: 'finished' });
  });

  test('by settings and readings, with every operator', () => {
    expect(ids({ where: [{ field: 'n_layers', operator: '=', value: 3 }] })).toHaveLength(4);
    expect(
      ids({
        where: [
          { field: 'n_layers', operator: '<', value: 3 },
          { field: 'val.recall@20', operator: '>=', value: 0.14 },
        ],
      }),
    ).toEqual(['run-baby-2-1', 'run-baby-2-2']);
    expect(
      ids({
        where: [
          { field: 'kind', operator: '=', value: 'two' },
          { field: 'seed', operator: '!=', value: 1 },
        ],
      }),
    ).toEqual(['run-baby-2-2', 'run-demo-2-2']);
    expect(
      ids({
        where: [
          { field: 'kind', operator: 'contains', value: 'THR' },
          { field: 'dataset', operator: 'contains', value: 'baby' },
        ],
      }),
    ).toEqual(['run-baby-3-1', 'run-baby-3-2']);
    expect(ids({ where: [{ field: 'unheard_of', operator: '=', value: 1 }] })).toEqual([]);
  });

  test('search takes all words, in any field, and % is a sign like any other', () => {
    expect(ids({ search: 'MGCN queued' })).toEqual(['run-mgcn-2']);
    expect(ids({ search: 'Pictures finished' })).toEqual(['run-mgcn-1']);
    expect(ids({ search: 'n_layers 2 baby' })).toContain('run-baby-2-1');
    expect(ids({ search: '100%' })).toEqual([]);
    store.runs.annotate(['run-mgcn-1'], { note: '100% sure' });
    expect(ids({ search: '100%' })).toEqual(['run-mgcn-1']);
    // Capitals beyond ASCII, which SQLite does not make small.
    store.runs.annotate(['run-mgcn-2'], { note: 'Überprüft', addTags: ['Épreuve'] });
    for (const search of ['Überprüft', 'ÜBERPRÜFT', 'uberpruft', 'u\u0308berpruft', 'epreuve', 'ÉPREUVE'])
      expect(ids({ search }), search).toEqual(['run-mgcn-2']);
    // Asked with an accent, what has none is found too.
    expect(ids({ search: 'süre' })).toEqual(['run-mgcn-1']);
    expect(ids({ filter: 'not épreuve' })).not.toContain('run-mgcn-2');
    expect(ids({ tags: ['Épreuve'] })).toEqual(['run-mgcn-2']);
    expect(ids({ where: [{ field: 'tag', operator: 'contains', value: 'Épr' }] })).toEqual(['run-mgcn-2']);
  });

  test('texts are compared as they are searched for: neither case nor accents tell them apart', () => {
    store.runs.annotate(['run-mgcn-2'], { note: 'Überprüft', addTags: ['Épreuve'] });
    store.runs.annotate(['run-mgcn-1'], { note: 'zum Prufen' });
    addRun(store, { id: 'run-own', model: 'vbpr', hyper: { kernel: 'Cosinus-Ähnlichkeit' }, configuration: 'vbpr-own' });
    for (const filter of [
      'note = "uberPRUFT"',
      'note ~ ÜBER',
      'note in (überprüft, nothing)',
      'tag = epreuve',
      'tag ~ EPR',
      'tag in (épreuve)',
      'note > "ubb" and note < "uc" or tag = "ÉPREUVE"',
    ])
      expect(ids({ filter }), filter).toEqual(['run-mgcn-2']);
    expect(ids({ filter: 'note ~ prüf' })).toEqual(['run-mgcn-1', 'run-mgcn-2']);
    // A run without the text is not said to differ; without a tag it has not this one.
    for (const filter of ['note != ÜBERPRUFT', 'note !~ uber', 'note not in (uberpruft)']) expect(ids({ filter })).toEqual(['run-mgcn-1']);
    for (const filter of ['tag != epreuve', 'tag !~ épr', 'tag not in (Epreuve)']) {
      expect(ids({ filter })).toHaveLength(10);
      expect(ids({ filter })).not.toContain('run-mgcn-2');
    }
    for (const filter of ['kernel = "cosinus-ahnlichkeit"', 'kernel ~ ähn']) expect(ids({ filter })).toEqual(['run-own']);
    // What is written later is compared too.
    store.runs.annotate(['run-mgcn-1'], { note: 'ueberpruft' });
    expect(ids({ filter: 'note = uberpruft or note = ueberprüft' })).toEqual(['run-mgcn-1', 'run-mgcn-2']);
  });
});

describe('order', () => {
  test('by a reading in either direction, missing values last', () => {
    const sorted = (descending: boolean) => ids({ models: ['mgcn'], sort: [{ field: 'val.recall@20', descending }] });
    expect(sorted(true)).toEqual(['run-mgcn-1', 'run-mgcn-2']);
    expect(sorted(false)).toEqual(['run-mgcn-1', 'run-mgcn-2']);
    expect(
      ids({
        sort: [
          { field: 'n_layers', descending: true },
          { field: 'val.recall@20', descending: true },
        ],
      }).slice(0, 2),
    ).toEqual(['run-baby-3-2', 'run-baby-3-1']);
  });

  test('masked test values give no order away, and no filter', () => {
    const byTest = ids({ models: ['lightgcn'], sort: [{ field: 'test.recall@20', descending: false }] });
    const noOrder = ids({ models: ['lightgcn'], sort: [] });
    expect(byTest).toEqual(noOrder);
    expect(ids({ where: [{ field: 'test.recall@20', operator: '>', value: 0 }] })).toEqual([]);
    store.runs.showTest('run-demo-2-2', true);
    expect(ids({ where: [{ field: 'test.recall@20', operator: '>', value: 0 }] })).toEqual(['run-demo-2-2']);
  });
});

describe('seeds collapsed', () => {
  test('rows are mean, sample sd and n over finished seeds, sorted by the mean', () => {
    const page = store.page(query({ sort: [{ field: 'val.recall@20', descending: true }] }));
    expect(page).toMatchObject({ totalRows: 5, totalRuns: 10 });
    expect(page.rows.map((row) => [row.runs.length, row.n])).toEqual([
      [2, 1],
      [2, 2],
      [2, 2],
      [2, 2],
      [2, 2],
    ]);
    expect(page.rows[1]!.mean['recall@20']).toBeCloseTo(0.165, 12);
    expect(page.rows[1]!.sd['recall@20']).toBeCloseTo(0.01 / Math.SQRT2, 12);
    expect(page.rows[0]!.sd).toEqual({});
    expect(page.rows[1]!.testMean).toBeUndefined();
  });

  test('a filter that leaves out seeds says how many of all finished ones its mean is of', () => {
    const rowsOf = (more: object) => store.page(query({ datasets: ['baby'], models: ['lightgcn'], ...more })).rows;
    expect(rowsOf({}).map(({ n, of }) => [n, of])).toEqual([
      [2, undefined],
      [2, undefined],
    ]);
    const values = rowsOf({ collapse: false }).flatMap(({ mean }) => mean['recall@20'] ?? []);
    const above = [...values].sort((a, b) => b - a)[0]!;
    const [chosen, ...others] = rowsOf({ filter: `val.recall@20 >= ${above}` });
    expect(others).toEqual([]);
    expect(chosen).toMatchObject({ n: 1, of: 2 });
    expect(chosen!.mean['recall@20']).toBe(above);
    // A run by itself is no mean of chosen seeds.
    expect(rowsOf({ collapse: false, filter: `val.recall@20 >= ${above}` })[0]!.of).toBeUndefined();
  });

  test('rows are sorted by the mean best epoch of what has finished, which is what they show', () => {
    const add = (hyper: number, seed: number, best: number) => {
      const id = `run-best-${hyper}-${seed}`;
      addRun(store, { id, model: 'vbpr', hyper: { width: hyper }, seed, configuration: `vbpr-${hyper}` });
      finishRun(store, id, { 'recall@20': 0.1 }, {}, { epochs: 60, bestEpoch: best });
    };
    add(1, 1, 10);
    add(1, 2, 50);
    add(2, 1, 40);
    add(2, 2, 40);
    const rows = store.page(query({ models: ['vbpr'], sort: [{ field: 'bestEpoch', descending: true }] })).rows;
    expect(rows.map((row) => row.runs.map((run) => run.bestEpoch))).toEqual([
      [40, 40],
      [10, 50],
    ]);
  });

  test('test means appear when every seed of the row is shown', () => {
    store.runs.showTest('run-baby-3-1', true);
    const row = () => store.page(query({ datasets: ['baby'], where: [{ field: 'n_layers', operator: '=', value: 3 }] })).rows[0]!;
    expect(row().testMean).toBeUndefined();
    store.runs.showTest('run-baby-3-2', true);
    expect(row().testMean!['recall@20']).toBeCloseTo(1 - 0.165, 12);
  });

  test('a seed that ran twice counts once, with its newest values', () => {
    addRun(store, { id: 'run-again', dataset: 'demo', configuration: 'lightgcn-2', hyper: { n_layers: 2, kind: 'two' }, seed: 1 });
    finishRun(store, 'run-again', { 'recall@20': 0.2 });
    const row = store.page(query({ datasets: ['demo'], where: [{ field: 'n_layers', operator: '=', value: 2 }] })).rows[0]!;
    expect(row).toMatchObject({ n: 2 });
    expect(row.runs).toHaveLength(3);
    expect(row.mean['recall@20']).toBeCloseTo((0.2 + 0.11) / 2, 12);
  });

  test('a seed that ran again counts once in the order and in the mean of its group too', () => {
    // Of seeds 1 and 2 at .10 and .11 the first ran again, worse: .055 with the newer run alone, .07 with both.
    addRun(store, { id: 'run-again', dataset: 'demo', configuration: 'lightgcn-2', hyper: { n_layers: 2, kind: 'two' }, seed: 1 });
    finishRun(store, 'run-again', { 'recall@20': 0 });
    addRun(store, { id: 'run-between', dataset: 'demo', configuration: 'vbpr-1', model: 'vbpr', hyper: { width: 8 }, seed: 1 });
    finishRun(store, 'run-between', { 'recall@20': 0.06 });
    const sort = [{ field: 'val.recall@20', descending: true }];
    const models = ['lightgcn', 'vbpr'];
    const page = store.page(query({ datasets: ['demo'], models, sort, columns: ['val.recall@20'] }));
    expect(page.rows.map(({ mean }) => mean['recall@20']!.toFixed(3))).toEqual(['0.125', '0.060', '0.055']);
    const grouped = store.page(query({ datasets: ['demo'], models: ['lightgcn'], group: ['n_layers'], columns: ['val.recall@20'] }));
    const [two] = grouped.groups!;
    expect(two!.cells['val.recall@20']).toMatchObject({ n: 2 });
    expect((two!.cells['val.recall@20'] as { value: number }).value).toBeCloseTo(0.055, 12);
    // A newer run of the seed that the query leaves out stands for nothing.
    const without = store.page(
      query({ datasets: ['demo'], models, sort, where: [{ field: 'val.recall@20', operator: '>', value: 0.08 }] }),
    );
    expect(without.rows.map(({ mean }) => mean['recall@20']!.toFixed(3))).toEqual(['0.125', '0.105']);
  });

  test('rows stand in the order of what their cells show: means of what runs took, not the longest of them', () => {
    for (const [hyper, seed, epochs] of [
      [1, 1, 10],
      [1, 2, 20],
      [2, 1, 16],
      [2, 2, 17],
    ] as const) {
      const id = `run-took-${hyper}-${seed}`;
      addRun(store, { id, model: 'vbpr', hyper: { width: hyper }, seed, configuration: `vbpr-${hyper}` });
      finishRun(store, id, { 'recall@20': 0.1 }, {}, { epochs, bytes: 5 });
    }
    const { rows } = store.page(query({ models: ['vbpr'], columns: ['epochs'], sort: [{ field: 'epochs', descending: true }] }));
    expect(rows.map(({ cells }) => cells!['epochs'])).toMatchObject([{ value: 16.5 }, { value: 15 }]);
    // Groups take the same rule: means over finished runs, and files of all runs.
    const grouped = store.page(query({ models: ['vbpr'], columns: ['epochs', 'elapsedSeconds', 'fileBytes'], group: ['configuration'] }));
    expect(grouped.groups!.map(({ cells }) => cells['epochs'])).toMatchObject([
      { value: 15, n: 2 },
      { value: 16.5, n: 2 },
    ]);
    expect(grouped.groups![0]!.cells['fileBytes']).toMatchObject({ value: 10, n: 2 });
  });

  test('what has no value stands last in both directions and says why, but for what a person may leave empty', () => {
    const columns = ['n_layers', 'startedAt', 'elapsedSeconds', 'val.recall@20', 'test.recall@20', 'note'];
    for (const descending of [true, false]) {
      const { rows } = store.page(query({ datasets: ['demo'], columns, collapse: false, sort: [{ field: 'n_layers', descending }] }));
      const last = rows.slice(-2).map(({ runs, cells }) => [runs[0]!.id, ...columns.map((column) => cells![column]!.missing)]);
      expect(last).toContainEqual(['run-mgcn-2', 'not set', 'not run', 'not run', 'not run', 'not run', '']);
      expect(last).toContainEqual(['run-mgcn-1', 'not set', undefined, undefined, undefined, 'masked', '']);
    }
  });

  test('pages follow each other without gaps', () => {
    const whole = store.page(query({})).rows.map((row) => row.key);
    const parts = [0, 2, 4].flatMap((offset) => store.page(query({ offset, limit: 2 })).rows.map((row) => row.key));
    expect(parts).toEqual(whole);
    expect(new Set(whole).size).toBe(5);
  });
});

describe('groups', () => {
  const shown = (wish: RunsQuery) => store.page(query({ columns: ['val.recall@20'], ...wish }));
  const facts = ({ groups }: ReturnType<typeof shown>) =>
    groups!.map(({ values, rows, runs, finished, cells }) => [values[0], rows, runs, finished, cells['val.recall@20']?.n]);

  test('by what seeds of one configuration differ in: each has the rows and runs that belong to it, none is dropped', () => {
    addRun(store, { id: 'run-third', dataset: 'demo', configuration: 'lightgcn-2', hyper: { n_layers: 2, kind: 'two' }, seed: 3 });
    addRun(store, { id: 'run-fourth', dataset: 'demo', configuration: 'lightgcn-2', hyper: { n_layers: 2, kind: 'two' }, seed: 4 });
    const bySeed = shown({ datasets: ['demo'], models: ['lightgcn'], group: ['seed'] });
    expect(facts(bySeed)).toEqual([
      [1, 2, 2, 2, 2],
      [2, 2, 2, 2, 2],
      [3, 1, 1, 0, undefined],
      [4, 1, 1, 0, undefined],
    ]);
    const byState = shown({ datasets: ['demo'], models: ['lightgcn'], group: ['state'], sort: [{ field: 'n_layers', descending: false }] });
    expect(facts(byState)).toEqual([
      ['finished', 2, 4, 4, 4],
      ['queued', 1, 2, 0, undefined],
    ]);
    // A configuration in two groups is two rows: each with its own runs, mean and key.
    expect(byState.rows.map(({ runs, n }) => [runs.map(({ seed }) => seed), n])).toEqual([
      [[1, 2], 2],
      [[1, 2], 2],
      [[3, 4], 0],
    ]);
    expect(new Set(byState.rows.map(({ key }) => key)).size).toBe(3);
    expect(byState.totalRows).toBe(3);
    expect(shown({ datasets: ['demo'], models: ['lightgcn'] }).totalRows).toBe(2);
  });

  test('of a configuration are called by its model and by what it differs in from the others of its model', () => {
    for (const [hash, layers, differences] of [
      ['plain', 3, []],
      ['deep', 4, [{ key: 'n_layers', value: '4' }]],
    ] as const)
      addRun(store, {
        id: `run-${hash}`,
        configuration: `vbpr-${hash}`,
        model: 'vbpr',
        hyper: { n_layers: layers, width: 8 },
        differences,
      });
    addRun(store, { id: 'run-alone', configuration: 'bm3-1', model: 'bm3', differences: [{ key: 'width', value: '32' }] });
    const page = shown({ models: ['vbpr', 'bm3'], group: ['configuration'] });
    expect(page.configurations).toEqual({
      'vbpr-plain': { title: 'VBPR', settings: [{ key: 'n_layers', value: '3' }] },
      'vbpr-deep': { title: 'VBPR', settings: [{ key: 'n_layers', value: '4' }] },
      'bm3-1': { title: 'BM3', settings: [] },
    });
    expect(shown({ models: ['vbpr'], group: ['model'] }).configurations).toBeUndefined();
  });
});

test('facets count what matches; constants are settings that all matched runs share', () => {
  const page = store.page(query({ models: ['lightgcn'], datasets: ['baby'] }));
  expect(page.facets['state']).toEqual([{ value: 'finished', label: 'finished', count: 4 }]);
  expect(page.facets['experiment']).toEqual([{ value: 'exp-a', label: 'Layers', count: 4 }]);
  const constants = new Map(page.constants.map(({ key, value }) => [key, value]));
  expect(constants.get('epochs')).toBe('100');
  expect(constants.get('protocol')).toBe('validation');
  expect(constants.has('n_layers')).toBe(false);
  const all = store.page(query({}));
  expect(all.constants.map(({ key }) => key)).not.toContain('cl_loss');
  expect(all.facets['model']).toEqual([
    { value: 'lightgcn', label: 'LIGHTGCN', count: 8 },
    { value: 'mgcn', label: 'MGCN', count: 2 },
  ]);
});

test('experiments of one name are told apart by when they were begun, others need no date', () => {
  store.experiments.describe('exp-b', { name: 'Layers' });
  const alike = store.page(query({})).facets['experiment']!;
  expect(alike.map(({ label, begunAt }) => [label, begunAt])).toEqual([
    ['Layers', 1000],
    ['Layers', 1000],
  ]);
  store.experiments.describe('exp-b', { name: 'Pictures' });
  expect(store.page(query({})).facets['experiment']!.every(({ begunAt }) => begunAt === undefined)).toBe(true);
});
