import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from '#store/store.ts';
import { addRun, openStore, temporaryHome, type Home } from './fixture.ts';

let home: Home;
let store: Store;
beforeEach(() => {
  home = temporaryHome();
  store = openStore(home.folder);
  for (const letter of ['a', 'b', 'c', 'd']) addRun(store, { id: letter });
});
afterEach(() => {
  store.close();
  home.remove();
});

const order = () => store.runs.waiting().map((run) => run.id);
const reopen = () => {
  store.close();
  store = openStore(home.folder);
};

test('runs wait in the order they came, also after reopening', () => {
  expect(order()).toEqual(['a', 'b', 'c', 'd']);
  reopen();
  expect(order()).toEqual(['a', 'b', 'c', 'd']);
});

test('named runs come first, the others keep their order; unknown names change nothing', () => {
  store.runs.order(['c', 'nobody', 'b']);
  reopen();
  expect(order()).toEqual(['c', 'b', 'a', 'd']);
});

test('a run put back comes before all others', () => {
  store.runs.beginAttempt('a', 1);
  expect(order()).toEqual(['b', 'c', 'd']);
  store.runs.setState('a', 'paused');
  store.runs.requeue('a');
  expect(order()).toEqual(['a', 'b', 'c', 'd']);
});

test('ids and counts by state are those of the rows, the trash left out', () => {
  store.runs.beginAttempt('b', 1);
  store.changes.apply(['d'], { type: 'trash' }, 1);
  expect([...store.runs.countsByState()].sort()).toEqual([
    ['preparing', 1],
    ['queued', 2],
  ]);
  expect(store.runs.idsInStates(['queued', 'preparing', 'failed']).sort()).toEqual(['a', 'b', 'c']);
  expect(store.runs.idsInStates([])).toEqual([]);
});

test('a hold lasts over a restart and ends when the run starts', () => {
  store.runs.hold(['b'], true);
  reopen();
  expect(store.runs.waiting().map((run) => run.held)).toEqual([false, true, false, false]);
  store.runs.beginAttempt('b', 1);
  expect(store.runs.summary('b')!.held).toBe(false);
});

test('trash takes a waiting run out of the queue; a working one stays', () => {
  store.runs.beginAttempt('d', 1);
  expect(store.trash.move(['a', 'd'], 5)).toBe(1);
  expect(order()).toEqual(['b', 'c']);
  expect(store.runs.summary('d')!.state).toBe('preparing');
});

test('restored from the trash, a run waits again at its place; one that was stopped stays stopped', () => {
  store.runs.setState('c', 'stopped');
  expect(store.trash.move(['b', 'c'], 5)).toBe(2);
  store.trash.restore(['b', 'c']);
  expect(order()).toEqual(['a', 'b', 'd']);
  expect(store.runs.summary('c')!.state).toBe('stopped');
});
