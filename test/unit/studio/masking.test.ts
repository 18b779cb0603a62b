import { describe, expect, test } from 'vitest';
import { hasNothingToSelect } from '#studio/masking.ts';
import { checksOf, selectionOf } from '#studio/selection.ts';
import { epoch, finished, query, sequence, started } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import type { Store } from '#store/store.ts';
import { experimentsOf, finishAll, parsed, putDataset } from './store-fixture.ts';

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
  putDataset(store, 'baby');
});

const sweep = (layers: readonly number[], seeds: readonly number[], more = {}) =>
  experimentsOf(store).start(parsed({ models: [{ model: 'lightgcn', vary: { n_layers: [...layers] } }], seeds: [...seeds], ...more }), 1);
const select = (id: string) => selectionOf(store.experiments.rows(id), store.experiments.cells(id), store.runs.ofExperiment(id), 5, 'me');
const states = (id: string) => store.runs.ofExperiment(id).map((run) => run.test.state);

describe('S1, G5: selection by validation alone', () => {
  test('with opposite orders in validation and test the validation winner is chosen, and its test value is not read before', () => {
    const { experimentId } = sweep([2, 3], [1, 2]);
    finishAll(store, experimentId, [
      [
        { validation: 0.2, test: 0.111 },
        { validation: 0.22, test: 0.112 },
      ],
      [
        { validation: 0.1, test: 0.911 },
        { validation: 0.12, test: 0.912 },
      ],
    ]);
    expect(states(experimentId)).toEqual(['masked', 'masked', 'masked', 'masked']);
    const everything = JSON.stringify([
      experimentsOf(store).detail(experimentId),
      store.page(query({})),
      store.page(query({ collapse: false })),
      experimentsOf(store).list(),
    ]);
    expect(everything).not.toMatch(/0\.9?11[12]|0\.911/);
    const selection = select(experimentId);
    expect(selection).toMatchObject({
      candidates: 2,
      winners: [{ dataset: 'demo', model: 'lightgcn', differences: 'n_layers 2', n: 2, nextBest: 0.11 }],
    });
    expect(selection.winners[0]!.mean).toBeCloseTo(0.21, 12);
    store.experiments.freeze(experimentId, selection);
    expect(states(experimentId)).toEqual(['shown', 'shown', 'masked', 'masked']);
  });

  test('per dataset and model one winner; a tie goes to the earlier in the grid', () => {
    const { experimentId } = experimentsOf(store).start(
      parsed({ datasets: ['demo', 'baby'], models: [{ model: 'lightgcn', vary: { n_layers: [1, 2] } }, { model: 'bpr' }] }),
      1,
    );
    finishAll(store, experimentId, [[{ validation: 0.3, test: 0 }], [{ validation: 0.3, test: 0 }], [{ validation: 0.1, test: 0 }]]);
    expect(select(experimentId).winners.map((winner) => `${winner.dataset} ${winner.model} ${winner.differences}`)).toEqual([
      'demo lightgcn n_layers 1',
      'demo bpr ',
      'baby lightgcn n_layers 1',
      'baby bpr ',
    ]);
  });
});

test('S2: a lucky seed does not win, the mean does; seeds are never ranked', () => {
  const { experimentId } = sweep([2, 3], [1, 2, 3, 4, 5]);
  const seeds = (values: readonly number[]) => values.map((validation) => ({ validation, test: 0 }));
  finishAll(store, experimentId, [seeds([0.5, 0.1, 0.1, 0.1, 0.1]), seeds([0.2, 0.21, 0.22, 0.21, 0.2])]);
  const winner = select(experimentId).winners[0]!;
  expect(winner).toMatchObject({ differences: '', n: 5 });
  expect(winner.mean).toBeCloseTo(0.208, 12);
  expect(winner.sd).toBeCloseTo(Math.sqrt((2 * 0.008 ** 2 + 2 * 0.002 ** 2 + 0.012 ** 2) / 4), 12);
});

describe('what has nothing to select', () => {
  test('shows its test values: one configuration, any seeds, any datasets', () => {
    const cells = (...pairs: [string, string][]) => pairs.map(([dataset, configuration]) => ({ dataset, configuration }));
    expect(hasNothingToSelect(cells(['a', 'x'], ['a', 'x'], ['b', 'x']))).toBe(true);
    expect(hasNothingToSelect(cells(['a', 'x'], ['b', 'y']))).toBe(true);
    expect(hasNothingToSelect(cells(['a', 'x'], ['a', 'y']))).toBe(false);
    const { experimentId } = experimentsOf(store).start(parsed({ datasets: ['demo', 'baby'], seeds: [1, 2] }), 1);
    finishAll(store, experimentId, [
      [
        { validation: 0.1, test: 0.2 },
        { validation: 0.1, test: 0.2 },
      ],
    ]);
    expect(states(experimentId)).toEqual(['shown', 'shown', 'shown', 'shown']);
    expect(experimentsOf(store).detail(experimentId).wouldFreeze).toBeUndefined();
  });

  test('two models are a choice too', () => {
    const { experimentId } = experimentsOf(store).start(parsed({ models: [{ model: 'lightgcn' }, { model: 'bpr' }] }), 1);
    finishAll(store, experimentId, [[{ validation: 0.1, test: 0.2 }], [{ validation: 0.2, test: 0.1 }]]);
    expect(states(experimentId)).toEqual(['masked', 'masked']);
  });
});

describe('runs shared between experiments', () => {
  test('a masked run cannot be unmasked by asking for it alone', () => {
    const wide = sweep([2, 3], [1]);
    finishAll(store, wide.experimentId, [[{ validation: 0.1, test: 0.2 }], [{ validation: 0.2, test: 0.1 }]]);
    const alone = experimentsOf(store).start(parsed({}), 2);
    expect(alone.known).toBe(1);
    expect(states(alone.experimentId)).toEqual(['masked']);
  });

  test('a shown run is hidden while a sweep that took it up is not frozen, unless it won a frozen selection', () => {
    const alone = experimentsOf(store).start(parsed({}), 1);
    finishAll(store, alone.experimentId, [[{ validation: 0.3, test: 0.2 }]]);
    expect(states(alone.experimentId)).toEqual(['shown']);
    const wide = sweep([3, 2], [1]);
    expect(states(alone.experimentId)).toEqual(['masked']);
    finishAll(store, wide.experimentId, [[], [{ validation: 0.1, test: 0.2 }]]);
    store.experiments.freeze(wide.experimentId, select(wide.experimentId));
    expect(states(wide.experimentId)).toEqual(['shown', 'masked']);
    sweep([3, 4], [1]);
    expect(states(alone.experimentId)).toEqual(['shown']);
  });
});

test('runs that finish after the freeze stay masked (S1), and an incomplete grid says so (S11)', () => {
  const { experimentId } = sweep([2, 3], [1, 2]);
  finishAll(store, experimentId, [[{ validation: 0.2, test: 0.3 }], [{ validation: 0.1, test: 0.3 }]]);
  const check = () =>
    checksOf(store.experiments.rows(experimentId), store.experiments.cells(experimentId), store.runs.ofExperiment(experimentId));
  expect(check()[0]).toMatchObject({ state: 'open', text: expect.stringMatching(/incomplete: 2 of 4 runs are finished, 2 still open/) });
  expect(check().at(-1)?.text).toContain('no test value has been shown');
  store.experiments.freeze(experimentId, select(experimentId));
  // What another selection has shown is said to whoever freezes next.
  expect(check().at(-1)).toMatchObject({ state: 'open', text: expect.stringMatching(/has shown the test values of 1 of these runs/) });
  const late = store.experiments
    .cells(experimentId)
    .filter((cell) => cell.seed === 2)
    .map((cell) => cell.runId);
  finishAll(store, experimentId, [
    [undefined as never, { validation: 0.9, test: 0.9 }],
    [undefined as never, { validation: 0.9, test: 0.9 }],
  ]);
  expect(store.runs.summaries(late).map((run) => run.test.state)).toEqual(['masked', 'masked']);
  expect(check()[0]).toMatchObject({ state: 'good', text: 'All 4 runs are finished.' });
});

test('S4: the test part is scored once per finished run, also when the end is told again by a second process', () => {
  const { experimentId } = sweep([2, 3], [1]);
  finishAll(store, experimentId, [[{ validation: 0.2, test: 0.3 }]]);
  const id = store.experiments.cells(experimentId)[0]!.runId;
  expect(store.runs.testEvaluations(id)).toBe(1);
  const attempt = store.runs.beginAttempt(id, 99_000);
  store.events.apply(id, attempt, sequence([started(), epoch(1), finished(1, { 'recall@20': 0.2 }, { 'recall@20': 0.3 })]));
  expect(store.runs.summary(id)).toMatchObject({ state: 'finished', attempt: 2 });
  expect(store.runs.testEvaluations(id)).toBe(1);
});
