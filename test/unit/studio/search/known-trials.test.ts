import { expect, test } from 'vitest';
import type { Store } from '#store/store.ts';
import { Searches } from '#studio/searches.ts';
import type { SearchRequest } from '#studio/search/studies.ts';
import { finishRun } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { experimentsOf, parsed, plannerOf, putDataset } from '../store-fixture.ts';

let store: Store;
let searches: Searches;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
  searches = new Searches({
    planner: plannerOf(store),
    experiments: experimentsOf(store),
    places: () => 1,
    stop: () => undefined,
    areCardsKnown: () => true,
    onStandstill: () => undefined,
  });
});

const trials = 5;
const models = [{ model: 'lightgcn', vary: { n_layers: [1, 2, 3, 4], reg_weight: [1e-5, 1e-4, 1e-3, 1e-2] } }];
const asked = (threads: number) => parsed({ models, threads, search: { strategy: 'tpe', trials, seed: 3 } }) as SearchRequest;
const finishOpen = () => store.runs.waiting().forEach(({ id }, at) => finishRun(store, id, { 'recall@20': 0.1 + at / 100 }, {}));
const proposed = (id: string) => store.searches.trials(id).length;

function searchToItsEnd(): void {
  const { experimentId } = searches.start(asked(1), 1);
  for (let at = 0; at < trials; at++) {
    finishOpen();
    searches.advance(2);
  }
  expect(proposed(experimentId)).toBe(trials);
}

test('known trials follow each other at once, and in turns where others wait', () => {
  searchToItsEnd();
  // The same trials under other threads: every one of them is known.
  const { experimentId } = searches.start(asked(2), 3);
  const steps: number[] = [];
  while (searches.advance(4, () => true)) steps.push(proposed(experimentId));
  // One after the other.
  expect(steps).toEqual(steps.map((_, at) => trials - steps.length + 1 + at));
  expect(steps.length).toBeGreaterThan(2);
  expect(proposed(experimentId)).toBe(trials);
  expect(store.runs.waiting()).toEqual([]);
});

test('what a search still comes to follows its runs', () => {
  const { experimentId } = searches.start(asked(1), 1);
  const later = () => searches.rest().later.length;
  const first = later();
  expect(first).toBe(trials - proposed(experimentId));
  expect(later()).toBe(first);
  finishOpen();
  searches.advance(2);
  expect(later()).toBe(first - 1);
});
