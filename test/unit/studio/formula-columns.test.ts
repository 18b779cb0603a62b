import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { toProblem } from '#contract/problem.ts';
import { parametersRequestSchema } from '#contract/parameters.ts';
import { statisticsRequestSchema } from '#contract/statistics.ts';
import { tableRequestSchema, type TableRequest } from '#contract/table.ts';
import { formats } from '#export/formats.ts';
import { parallel, reachedText } from '#renderer/charts/parallel.ts';
import type { Store } from '#store/store.ts';
import { comparisonSource } from '#studio/comparison-source.ts';
import { parametersOf } from '#studio/parameters.ts';
import { profileOf } from '#studio/profile.ts';
import { RunView } from '#studio/run-view.ts';
import { statisticsOf, type StatisticsNeeds } from '#studio/statistics.ts';
import { buildTable } from '#studio/table.ts';
import { testAll } from '#worker/test-task.ts';
import { options } from '../../fixtures/table.ts';
import { storeForEach } from '../store/opened-store.ts';
import { experimentsOf, finishAll, parsed, plannerOf, putDataset } from './store-fixture.ts';

describe('G18: formula columns in Compare and its exports', () => {
  let store: Store;
  let needs: StatisticsNeeds;

  storeForEach((opened) => {
    store = opened;
    putDataset(store, 'demo');
    const models = [{ model: 'lightgcn', vary: { n_layers: [1, 2] } }];
    const { experimentId } = experimentsOf(store).start(parsed({ models, seeds: [1, 2], name: 'Depths' }), 1);
    const of = (validation: number) => ({ validation, test: validation / 2 });
    finishAll(store, experimentId, [
      [of(0.1), of(0.2)],
      [of(0.3), of(0.5)],
    ]);
    const planner = plannerOf(store);
    const view = new RunView(planner, (run) => `/runs/${run}`);
    needs = {
      source: comparisonSource(store, view, planner.cards),
      tests: {
        run: (task) => testAll(task, () => undefined, new AbortController().signal),
        profile: () => Promise.resolve([]),
      },
      file: () => undefined,
      perUserFile: () => undefined,
      datasetFolder: () => undefined,
    };
  });

  const request = (more: TableRequest) => v.parse(tableRequestSchema, { rows: 'configuration', metrics: ['recall@20'], ...more });
  const cost = { text: 'n_layers * 10 - val.recall@20', label: 'Cost', better: 'lower' as const };

  it('are worked out run by run, then averaged over seeds and marked in the direction that was said; ranks are of metrics', () => {
    const table = buildTable(needs.source, request({ formulas: [cost] }));
    expect(table.metrics[1]).toMatchObject({ key: `=${cost.text}`, label: 'Cost', better: 'lower' });
    expect(table.cells.map((row) => row[1]!.mean)).toEqual(
      [10 - (0.1 + 0.2) / 2, 20 - (0.3 + 0.5) / 2].map((mean) => expect.closeTo(mean, 12) as number),
    );
    expect(table.cells.map((row) => [row[1]!.n, row[1]!.mark])).toEqual([
      [2, 'best'],
      [2, 'second'],
    ]);
    // Of the metric alone: a formula is made of what is ranked, or of costs.
    expect(table.ranks).toEqual([2, 1]);
  });

  it('are named in the caption with what they are, beside the K of the metrics', () => {
    const { caption } = buildTable(needs.source, request({ formulas: [cost] }));
    expect(caption).toContain('Full ranking, K 20;');
    expect(caption).toContain('One column is a formula, worked out for each run and then averaged: Cost = n_layers * 10 - val.recall@20.');
    const second = { text: 'val.recall@20 * 2', better: 'higher' as const };
    expect(buildTable(needs.source, request({ formulas: [cost, second] })).caption).toContain(
      '2 columns are formulas, worked out for each run and then averaged: Cost = n_layers * 10 - val.recall@20; val.recall@20 * 2.',
    );
    expect(buildTable(needs.source, request({})).caption).not.toContain('formula');
  });

  it('stand in every format under their names, in files under the formula itself', () => {
    const table = buildTable(needs.source, request({ formulas: [cost] }));
    expect(formats.csv.write(table, options('csv'))).toContain(`demo/validation/=${cost.text}/mean`);
    expect(formats.latex.write(table, options('latex'))).toContain('Cost $\\downarrow$');
    expect(formats.markdown.write(table, options('markdown'))).toContain('Cost ↓');
  });

  it('are axes of charts, and tested per seed; users have no value of a run', async () => {
    const asked = request({ formulas: [cost] });
    const profile = await profileOf(needs, { table: asked, k: 20 });
    expect(profile.entries.map(({ values }) => values[`=${cost.text}`]?.mean)).toEqual([
      expect.closeTo(9.85, 12),
      expect.closeTo(19.6, 12),
    ]);
    const statistics = (design: 'user' | 'seed') =>
      statisticsOf(needs, v.parse(statisticsRequestSchema, { table: asked, options: { design, test: 't', minimum: 0 } }));
    expect((await statistics('seed')).comparisons[1]).toMatchObject({ finding: { difference: expect.closeTo(9.75, 12) as number, n: 2 } });
    expect((await statistics('user')).comparisons[1]!.note).toBe('a formula has a value for each run and none for a user: test per seed');
  });

  it('stand in place of a metric beside the settings of the runs; a run without a value is counted', () => {
    const ask = (formula: NonNullable<TableRequest['formulas']>[number]) =>
      parametersOf(needs.source, v.parse(parametersRequestSchema, { formula }));
    const found = ask(cost);
    expect(found.metric).toMatchObject({ key: `=${cost.text}`, label: 'Cost', better: 'lower' });
    expect(found.runs.map(({ value }) => value)).toEqual([9.9, 9.8, 19.7, 19.5].map((value) => expect.closeTo(value, 12) as number));
    const drawn = parallel(found, { limits: {}, width: 600, height: 360 });
    expect(drawn.axes.map(({ key }) => key)).toEqual(['n_layers', `=${cost.text}`]);
    // Less is better: the run of least cost is the strongest line.
    expect(drawn.runs.find(({ merit }) => merit === 1)!.id).toBe(found.runs[1]!.id);
    expect(reachedText(ask({ text: 'val.recall@20 / 1000000' }))(0.0000001)).toBe('0.000000100');
    const some = ask({ text: '1 / (val.recall@20 - 0.3)' });
    expect([some.runs.length, some.missing, some.parameters.map(({ key }) => key)]).toEqual([3, 1, ['n_layers']]);
    const masked = ask({ text: 'test.recall@20 * 1' });
    expect([masked.runs, masked.missing, masked.parameters]).toEqual([[], 4, []]);
    expect(() => ask({ text: 'val.recall@20 + recal' })).toThrow(/no field recal/);
  });

  it.each([
    ['val.recall@20 / ', 'formula, character 16', /A value is missing/],
    ['elapsedSeconds + peakMemoryBytes', 'formula, character 16', /seconds \+ bytes has no meaning/],
    ['val.recall@20 + recal', 'formula, character 17', /no field recal/],
  ])('name the place of a mistake: %s', (text, where, message) => {
    let problem;
    try {
      buildTable(needs.source, request({ formulas: [{ text }] }));
    } catch (error) {
      problem = toProblem(error);
    }
    expect(problem).toMatchObject({ where, message: expect.stringMatching(message) as string });
  });

  it('do not let masked test values out', () => {
    const table = buildTable(needs.source, request({ formulas: [{ text: 'test.recall@20 * 1' }] }));
    expect(table.cells.every((row) => row[1]!.mean === undefined)).toBe(true);
  });
});
