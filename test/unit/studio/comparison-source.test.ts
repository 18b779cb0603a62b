import { expect, test, vi } from 'vitest';
import type { Store } from '#store/store.ts';
import { comparisonSource } from '#studio/comparison-source.ts';
import { RunView } from '#studio/run-view.ts';
import { addRun, finishRun } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { plannerOf, putDataset } from './store-fixture.ts';

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
  for (const id of ['run-1', 'run-2']) {
    addRun(store, { id, experiment: 'exp-a', configuration: id });
    finishRun(store, id, { 'recall@20': 0.1 }, { 'recall@20': 0.2 });
  }
});

function source() {
  const planner = plannerOf(store);
  return comparisonSource(store, new RunView(planner, (id) => `/runs/${id}`), planner.cards);
}

const all = { experiments: [], runs: [] };

test('what one screen asks of the same runs is read once, another scope by itself', () => {
  const compared = source();
  const read = vi.spyOn(store.runs, 'inScope');
  const first = compared.runs(all);
  expect(first.map(({ summary }) => summary.id)).toEqual(['run-1', 'run-2']);
  expect(compared.runs({ ...all })).toBe(first);
  expect(read).toHaveBeenCalledTimes(1);
  expect(compared.runs({ experiments: [], runs: ['run-2'] })).toHaveLength(1);
  expect(read).toHaveBeenCalledTimes(2);
});

test('whatever changes is seen with the next question: values shown, notes, tags, names, the trash, another run', () => {
  const compared = source();
  const first = () => compared.runs(all)[0]!.summary;
  expect(first().test.state).toBe('masked');
  store.runs.showTest('run-1', true);
  expect(first().test).toMatchObject({ state: 'shown', values: { 'recall@20': 0.2 } });
  store.runs.annotate(['run-1'], { note: 'odd', addTags: ['kept'] });
  expect(first()).toMatchObject({ note: 'odd', tags: ['kept'] });
  store.datasets.rename('demo', 'Toys');
  expect(first().datasetName).toBe('Toys');
  store.experiments.describe('exp-a', { name: 'Layers' });
  expect(first().experimentName).toBe('Layers');
  addRun(store, { id: 'run-3', experiment: 'exp-a', configuration: 'run-3' });
  expect(compared.runs(all)).toHaveLength(3);
  store.changes.apply(['run-1'], { type: 'trash' }, 5);
  expect(first().id).toBe('run-2');
});

test('a run of a model that trains nothing says so: no budget is spent on it', () => {
  addRun(store, { id: 'run-3', experiment: 'exp-a', model: 'itemknn', configuration: 'itemknn' });
  expect(
    source()
      .runs(all)
      .map(({ summary, isUntrained }) => [summary.id, isUntrained]),
  ).toEqual([
    ['run-1', undefined],
    ['run-2', undefined],
    ['run-3', true],
  ]);
});
