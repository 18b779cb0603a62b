import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Link } from '#contract/link.ts';
import type { RunsQuery } from '#contract/view.ts';
import type { Store } from '#store/store.ts';
import { addExperiment, addRun, finishRun } from '../store/fixture.ts';
import { closeAll, homeWith, openHere } from './fixture.ts';

const columns = ['val.recall@20', 'test.recall@20'];
let link: Link;

/** On each dataset four configurations of two seeds: means .12, .32, .32 and .22; a fifth that has not finished stands higher than all. */
const configurations = { a: [0.1, 0.14], b: [0.3, 0.34], c: [0.34, 0.3], d: [0.2, 0.24] } as const;

function fill(store: Store): void {
  addExperiment(store, 'exp-a', 'Four');
  for (const dataset of ['demo', 'baby'])
    for (const [configuration, values] of Object.entries(configurations))
      for (const [at, value] of values.entries()) {
        const id = `${dataset}-${configuration}-${at + 1}`;
        const model = configuration === 'a' ? 'bpr' : 'lightgcn';
        const testShown = configuration !== 'b' && id !== 'baby-d-2';
        addRun(store, { id, dataset, configuration, model, seed: at + 1, testShown, hyper: { n_layers: 2 } });
        finishRun(store, id, { 'recall@20': value }, { 'recall@20': value / 2 });
      }
  addRun(store, { id: 'demo-e-1', dataset: 'demo', configuration: 'e', hyper: { n_layers: 2 } });
}

beforeEach(async () => {
  link = (await openHere(homeWith(fill), { resume: false })).link();
});
afterEach(closeAll);

const marks = async (query: RunsQuery) => (await link.call('runs.marks', { columns, ...query })).marks;
const demo = { 'demo b': 'best', 'demo c': 'best', 'demo d': 'second' };

test('best and second come from all rows that match, not from a page of them; ties share, and rounding is no difference', async () => {
  const found = await marks({ filter: 'dataset = demo', limit: 1 });
  expect(found['val.recall@20']).toEqual(demo);
  const page = await link.call('runs.page', { filter: 'dataset = demo' });
  expect(page.rows.map(({ key }) => key)).toEqual(expect.arrayContaining(Object.keys(demo)));
});

test('masked test values take no part', async () => {
  expect((await marks({ filter: 'dataset = demo' }))['test.recall@20']).toEqual({ 'demo c': 'best', 'demo d': 'second' });
  // Nor does the mean of those seeds alone that show theirs.
  expect((await marks({ filter: 'dataset = baby' }))['test.recall@20']).toEqual({ 'baby c': 'best', 'baby a': 'second' });
});

test('rows of several datasets are marked within the groups that hold one alone', async () => {
  expect((await marks({}))['val.recall@20']).toEqual({});
  const both = { ...demo, 'baby b': 'best', 'baby c': 'best', 'baby d': 'second' };
  expect((await marks({ group: ['dataset'] }))['val.recall@20']).toEqual(both);
  expect((await marks({ group: ['model'] }))['val.recall@20']).toEqual({});
});

test('a mean of chosen seeds competes with nobody, nor do single seeds', async () => {
  // Seed 2 of c is left out, so .34 of its first stands for c no longer.
  const some = await marks({ filter: 'dataset = demo and not (configuration = c and seed = 2)' });
  expect(some['val.recall@20']).toEqual({ 'demo b': 'best', 'demo d': 'second' });
  expect(await marks({ filter: 'dataset = demo', collapse: false })).toEqual({});
});

test('a pivot has the means of all that match, by two fields, with marks where a column is of one dataset', async () => {
  const pivot = { rows: 'model', columns: 'dataset', value: 'val.recall@20' };
  const found = await link.call('runs.pivot', { query: {}, pivot });
  expect(found).toMatchObject({ rows: ['BPR', 'LIGHTGCN'], columns: ['baby', 'demo'], totalRows: 2, totalColumns: 2 });
  const [bpr, lightgcn] = found.cells;
  expect(bpr![0]).toMatchObject({ n: 2, configurations: 1, mark: 'second' });
  expect(bpr![0]!.value).toBeCloseTo(0.12, 12);
  expect(bpr![0]!.sd).toBeCloseTo(Math.sqrt(2) * 0.02, 12);
  // The run that waits is a configuration without a value.
  expect(lightgcn![1]).toMatchObject({ n: 6, configurations: 4, mark: 'best' });
  // Of b and c some are masked: a mean over the others would be one of chosen runs.
  const test = await link.call('runs.pivot', { query: {}, pivot: { ...pivot, value: 'test.recall@20' } });
  expect(test.cells[1]![0]).toMatchObject({ missing: 'masked' });
  expect(test.cells[0]![0]).toMatchObject({ n: 2, value: expect.closeTo(0.06, 12) as number });
  const held = await link.call('runs.pivot', { query: {}, pivot: { ...pivot, value: '= test.recall@20 - val.recall@20' } });
  expect(held.cells[1]![0]).toMatchObject({ missing: 'masked' });
  expect(held.cells[0]![0]).toMatchObject({ n: 2, value: expect.closeTo(-0.06, 12) as number });
  const mixed = await link.call('runs.pivot', { query: {}, pivot: { rows: 'n_layers', columns: 'model', value: 'val.recall@20' } });
  expect(mixed.cells).toEqual([
    [
      { n: 0, configurations: 2, missing: 'apart' },
      { n: 0, configurations: 7, missing: 'apart' },
    ],
  ]);
  for (const side of ['rows', 'columns'] as const) {
    const bySeed = await link.call('runs.pivot', { query: { datasets: ['demo'] }, pivot: { ...pivot, [side]: 'seed' } });
    expect(bySeed.cells.flat().some((cell) => cell?.value !== undefined)).toBe(true);
    expect(bySeed.cells.flat().some((cell) => cell?.mark !== undefined)).toBe(false);
  }
});

test('a pivot by what the seeds of one configuration differ in has every run where its own value says', async () => {
  const pivot = { rows: 'seed', columns: 'dataset', value: 'val.recall@20' };
  const found = await link.call('runs.pivot', { query: { datasets: ['baby'] }, pivot });
  expect(found.rows).toEqual([1, 2]);
  expect(found.cells).toMatchObject([[{ n: 4, configurations: 4 }], [{ n: 4, configurations: 4 }]]);
  expect(found.cells[0]![0]!.value).toBeCloseTo((0.1 + 0.3 + 0.34 + 0.2) / 4, 12);
});
