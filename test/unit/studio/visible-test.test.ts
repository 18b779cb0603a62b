import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { partWords, tableRequestSchema, type TableRequest } from '#contract/table.ts';
import { formats } from '#export/formats.ts';
import type { Store } from '#store/store.ts';
import type { ComparisonSource } from '#studio/compared-run.ts';
import { selectionOf } from '#studio/selection.ts';
import { buildTable } from '#studio/table.ts';
import { comparedRun, comparisonSourceOf } from '#test/fixtures/compared-runs.ts';
import { options } from '#test/fixtures/table.ts';
import { query } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { experimentsOf, finishAll, parsed, putDataset } from './store-fixture.ts';

const tableOf = (source: ComparisonSource, request: TableRequest = {}) => buildTable(source, v.parse(tableRequestSchema, request));

describe('an experiment of one configuration (S1, G5)', () => {
  it('says beside others of its kind that test was in sight before any choice, and of how many configurations', () => {
    const runs = [
      comparedRun({ model: 'a', seed: 1, recall: 0.1, test: 0.2 }, 0),
      comparedRun({ model: 'a', hyper: { n_layers: 3 }, seed: 1, recall: 0.2, test: 0.3 }, 1),
      comparedRun({ model: 'b', seed: 1, recall: 0.1, test: 0.2 }, 2),
    ].map((run, at) => ({ ...run, summary: { ...run.summary, experimentId: `e${at}` } }));
    const source = (frozen: readonly string[], seen: number): ComparisonSource => ({
      ...comparisonSourceOf(runs),
      experiment: (id) => ({ id, name: id, frozen: frozen.includes(id), choosesNothing: true }),
      shownUnselected: (places) => places.map(({ model }) => (model === 'a' ? seen : 1)),
    });
    const several = tableOf(source([], 2));
    expect(several).toMatchObject({ part: 'test', selection: 'unfrozen' });
    expect(partWords(several)).toBe('Test values, visible without a frozen selection');
    expect(several.caption).toContain('Test values of up to 2 configurations of a model were visible without a frozen selection.');
    expect(several.caption).not.toContain('nothing was selected');
    expect(several.comparable.warnings).toContain('A on demo: test values of 2 configurations were visible without a frozen selection');
    for (const id of ['latex', 'markdown', 'csv', 'json'] as const)
      expect(formats[id].write(several, { ...options(id), facts: true })).toContain('visible without a frozen selection');

    const one = tableOf(source([], 1));
    expect(one.caption).toContain('No selection was frozen: test values were visible as runs finished.');
    expect(partWords(tableOf(source(['e0', 'e1', 'e2'], 0)))).toBe('Test values, selection frozen');
    expect(partWords(tableOf(source(['e0', 'e1'], 0)))).toBe('Test values, selection frozen in part');
    expect(tableOf(source(['e0', 'e1', 'e2'], 1)).comparable.warnings).toContainEqual(
      expect.stringMatching(/^A on demo: test values of one configuration/),
    );
    expect(tableOf(source([], 2), { part: 'validation' }).caption).not.toContain('visible');
  });
});

describe('configurations whose test was seen without a selection', () => {
  let store: Store;
  storeForEach((opened) => {
    store = opened;
    putDataset(store, 'demo');
  });
  const start = (layers: readonly number[], seeds = [1, 2]) => {
    const { experimentId } = experimentsOf(store).start(
      parsed({ models: [{ model: 'lightgcn', vary: { n_layers: [...layers] } }], seeds }),
      1,
    );
    const value = { validation: 0.2, test: 0.1 };
    finishAll(
      store,
      experimentId,
      layers.map(() => seeds.map(() => value)),
    );
    return experimentId;
  };
  const place = (dataset: string) => ({ model: 'lightgcn', dataset });
  const seen = () => store.experiments.shownUnselected([place('demo')])[0];

  it('are those started one by one, not their seeds, nor what a sweep masks or has selected', () => {
    expect(seen()).toBe(0);
    start([1]);
    expect(seen()).toBe(1);
    start([2]);
    expect(seen()).toBe(2);
    const sweep = start([3, 4]);
    expect(seen()).toBe(2);
    const selection = selectionOf(store.experiments.rows(sweep), store.experiments.cells(sweep), store.runs.ofExperiment(sweep), 5, 'me');
    store.experiments.freeze(sweep, selection);
    expect(seen()).toBe(2);
    // The first of equal means won; another seed of it, started by itself, is of the same configuration.
    start([3], [3]);
    expect(seen()).toBe(2);
    // Each where it was asked for, those without any between them.
    expect(store.experiments.shownUnselected([place('other'), place('demo'), place('nowhere'), place('demo')])).toEqual([0, 2, 0, 2]);
    expect(store.experiments.shownUnselected([])).toEqual([]);
  });

  it('stay counted when their runs are deleted for good, and count once where they ran again', () => {
    start([1]);
    start([2]);
    const ids = store.page(query({})).rows.flatMap(({ runs }) => runs.map(({ id }) => id));
    store.trash.move(ids, 5);
    expect(store.trash.purge(ids)).toHaveLength(4);
    expect(store.page(query({ trashed: true })).totalRuns).toBe(0);
    expect(seen()).toBe(2);
    start([2]);
    expect(seen()).toBe(2);
    start([3]);
    expect(seen()).toBe(3);
  });

  it('are those too that a sweep hides again after they were seen, and none that it held before they ended', () => {
    for (const layers of [1, 2, 3]) start([layers]);
    const take = (layers: readonly number[], now: number) =>
      experimentsOf(store).start(parsed({ models: [{ model: 'lightgcn', vary: { n_layers: [...layers] } }], seeds: [1, 2] }), now)
        .experimentId;
    const sweep = take([1, 2, 3], Date.now() + 1000);
    expect(seen()).toBe(3);
    const { checks } = experimentsOf(store).detail(sweep).wouldFreeze!;
    expect(checks).toContainEqual({
      state: 'open',
      text: '6 of these runs showed their test values before this experiment took them up.',
    });
    expect(checks.map(({ text }) => text).join(' ')).not.toContain('no test value has been shown');
    const selection = selectionOf(store.experiments.rows(sweep), store.experiments.cells(sweep), store.runs.ofExperiment(sweep), 5, 'me');
    store.experiments.freeze(sweep, selection);
    expect(seen()).toBe(2);
    const alone = take([4], 1);
    take([4, 5], 2);
    const value = { validation: 0.2, test: 0.1 };
    finishAll(store, alone, [[value, value]]);
    expect(seen()).toBe(2);
  });
});
