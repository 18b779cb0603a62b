import { describe, expect, test } from 'vitest';
import type { FieldInfo, ReportedRow, ViewState } from '#contract/runs-table.ts';
import { movedColumn, sized } from '#renderer/state/column-order.ts';
import { History } from '#renderer/state/history.svelte.ts';
import { completionsAt } from '#renderer/state/query-completion.ts';
import { reportedShown } from '#contract/reported-match.ts';
import { columnOf, deltaOf, formulaWords, placesOf, shownColumns, withRoom } from '#renderer/state/run-columns.ts';
import { emptyView, isSameView, viewOfFile, viewOfLink, viewToFile, viewToLink } from '#renderer/state/view-state.ts';

const view: ViewState = {
  ...emptyView,
  filter: 'model = "Über 100%" and val.recall@20 > 0.1',
  columns: [{ key: 'n' }, { key: '=val.recall@20 / epochs', label: 'Je Epoche ∆' }],
  sort: [
    { field: 'dataset', descending: false },
    { field: '=val.recall@20 / epochs', descending: true },
  ],
  group: ['dataset'],
  reading: 'last',
  baseline: ['run-1', 'run-2'],
};

describe('room that columns have left', () => {
  const columns = (['dataset', 'val.recall@20', 'bestEpoch'] as const).map((key) => columnOf({ key }, 'best'));
  const before = columns.reduce((sum, { width }) => sum + width, 0);

  test('is none where they fill the frame or reach over it', () => {
    expect(withRoom(columns, 268, 0)).toEqual({ first: 268, columns });
    expect(withRoom(columns, 268, -40)).toEqual({ first: 268, columns });
  });

  test('leaves what a person has sized, and gives the rest to the others', () => {
    const sizedOnes = columns.map((column, at) => (at === 0 ? { ...column, isSized: true } : column));
    const found = withRoom(sizedOnes, 300, 400, true);
    expect([found.first, found.columns[0]!.width]).toEqual([300, columns[0]!.width]);
    expect(found.columns[2]!.width).toBeGreaterThan(columns[2]!.width);
  });

  test('leaves differences as they are, so that the edge of a column behind them follows the pointer', () => {
    const withDeltas = shownColumns({ ...view, columns: [{ key: 'val.recall@20' }, { key: 'bestEpoch' }] }, new Set());
    const [recall, delta, best] = withRoom(withDeltas, 268, 1500).columns;
    expect([delta!.kind, delta!.width]).toEqual(['delta', withDeltas[1]!.width]);
    expect(recall!.width - withDeltas[0]!.width).toBe(best!.width - withDeltas[2]!.width);
  });

  test('goes to the configuration, then to names that were cut, then to every column; nothing is lost', () => {
    for (const spare of [100, 250, 333, 1500]) {
      const found = withRoom(columns, 268, spare);
      expect(found.first + found.columns.reduce((sum, { width }) => sum + width, 0)).toBe(268 + before + spare);
    }
    expect(withRoom(columns, 268, 100).columns).toEqual(columns);
    const [dataset, recall, best] = withRoom(columns, 268, 1500).columns;
    const each = best!.width - columns[2]!.width;
    expect(each).toBeGreaterThan(0);
    expect(recall!.width - columns[1]!.width).toBe(each);
    expect(dataset!.width - columns[0]!.width).toBe(each + 172);
  });
});

describe('a view', () => {
  test('comes back whole from a link and from a file', () => {
    expect(viewOfLink(viewToLink(view))).toEqual(view);
    expect(viewToLink(view)).toMatch(/^[\w-]+$/);
    expect(viewOfLink(viewToLink(emptyView))).toEqual(emptyView);
    expect(viewOfFile(viewToFile('Mine', view), 'a.json')).toMatchObject({ name: 'Mine', state: view });
    expect(isSameView(view, viewOfLink(viewToLink(view))!)).toBe(true);
    expect(isSameView(view, { ...view, reading: 'best' })).toBe(false);
  });

  test('that cannot be read is none, and a file says so', () => {
    expect(viewOfLink('%%%')).toBeUndefined();
    expect(viewOfLink('eyJyZWFkaW5nIjoib2RkIn0')).toBeUndefined();
    expect(() => viewOfFile('{"avocet":"other"}', 'a.json')).toThrow('a.json: The file holds no view');
    expect(() => viewOfFile('x', 'a.json')).toThrow('a.json: The file is not JSON');
  });
});

describe('columns', () => {
  test('fold where equal everywhere, and carry differences where there is a baseline', () => {
    const keys = (state: ViewState, folded: string[] = []) => shownColumns(state, new Set(folded)).map(({ key }) => key);
    expect(keys(emptyView)).toContain('dataset');
    expect(keys(emptyView, ['dataset'])).not.toContain('dataset');
    expect(keys({ ...emptyView, fold: false }, ['dataset'])).toContain('dataset');
    expect(keys({ ...emptyView, collapse: false })).not.toContain('n');
    expect(keys({ ...emptyView, baseline: ['run-1'] }).slice(2, 6)).toEqual([
      'val.recall@20',
      'val.recall@20 Δ',
      'val.ndcg@20',
      'val.ndcg@20 Δ',
    ]);
    expect(shownColumns({ ...emptyView, reading: 'last' }, new Set())[2]!.label).toBe('↑ Recall@20, last epoch');
  });

  test('of formulas show a mean and its spread in the same places, and no spread that rounding made', () => {
    expect(formulaWords(0.072616, 0.01049)).toEqual({ value: '0.0726', sd: '0.0105' });
    expect(formulaWords(0.05233, 0.0132)).toEqual({ value: '0.0523', sd: '0.0132' });
    expect(formulaWords(1.0309278, 1.9e-16)).toEqual({ value: '1.0309', sd: '0' });
    expect(formulaWords(-3, 0)).toEqual({ value: '−3', sd: '0' });
    expect(formulaWords(12345.6, 12.3)).toEqual({ value: '12346', sd: '12' });
    expect(formulaWords(1.234e-9, 3e-10)).toEqual({ value: '1.23e-9', sd: '3.00e-10' });
    expect(formulaWords(0, 0.5)).toEqual({ value: '0.00', sd: '0.50' });
    expect(formulaWords(0.25, undefined)).toEqual({ value: '0.25' });
    expect([placesOf(0.0412), placesOf(1234), placesOf(0)]).toEqual([4, 0, 0]);
  });

  test('move within their bounds', () => {
    const columns = [{ key: 'a' }, { key: 'b' }, { key: 'c' }];
    expect(movedColumn(columns, 'c', -2)!.map(({ key }) => key)).toEqual(['c', 'a', 'b']);
    expect(movedColumn(columns, 'a', 9)!.map(({ key }) => key)).toEqual(['b', 'c', 'a']);
    expect(movedColumn(columns, 'a', -1)).toBeUndefined();
  });

  test('are as wide as a person made them, within bounds that a link cannot break', () => {
    const widths = { columns: [{ key: 'dataset' }, { key: 'n', width: 60 }, { key: 'seed' }], nameWidth: undefined };
    const of = (key: string, width: number | undefined, before: { key: string; width: number }[] = []) =>
      sized(widths, { key, width, before });
    expect(of('dataset', 120.4).columns).toEqual([{ key: 'dataset', width: 120 }, widths.columns[1], { key: 'seed' }]);
    expect(of('dataset', -5).columns[0]).toEqual({ key: 'dataset', width: 40 });
    expect(of('n', undefined).columns[1]).toEqual({ key: 'n' });
    expect(of('nothing', 60)).toEqual(widths);
    // What stands before keeps the width it is shown in, unless it has its own.
    const before = ['name', 'dataset', 'n'].map((key) => ({ key, width: 300 }));
    expect(of('seed', 80, before)).toEqual({
      nameWidth: 300,
      columns: [
        { key: 'dataset', width: 300 },
        { key: 'n', width: 60 },
        { key: 'seed', width: 80 },
      ],
    });
    expect(of('name', 9e9).nameWidth).toBe(900);
    expect([columnOf({ key: 'dataset', width: 9e9 }, 'best').width, columnOf({ key: 'dataset', width: -1 }, 'best').width]).toEqual([
      800, 40,
    ]);
    const wide = { ...view, columns: [{ key: 'dataset', width: 240 }], nameWidth: 360 };
    expect(viewOfLink(viewToLink(wide))).toEqual(wide);
  });

  test('differences are absolute, in percent or in sd of the baseline', () => {
    const base = { value: 0.2, sd: 0.05, n: 3 };
    expect(deltaOf({ value: 0.25 }, base, 'absolute')).toBeCloseTo(0.05, 12);
    expect(deltaOf({ value: 0.25 }, base, 'percent')).toBeCloseTo(25, 10);
    expect(deltaOf({ value: 0.25 }, base, 'sd')).toBeCloseTo(1, 12);
    expect(deltaOf({ value: 0.25 }, { value: 0.2 }, 'sd')).toBeUndefined();
    expect(deltaOf({ missing: 'failed' }, base, 'absolute')).toBeUndefined();
  });
});

describe('completion', () => {
  const field = (name: string, more: Partial<FieldInfo> = {}): FieldInfo => ({
    name,
    label: name,
    group: 'run',
    type: 'number',
    says: '',
    runs: 3,
    ...more,
  });
  const fields = [
    field('model', {
      type: 'text',
      values: [
        { value: 'LightGCN', runs: 2 },
        { value: 'two words', runs: 1 },
      ],
    }),
    field('val.recall@20', { group: 'validation', low: 0.01, high: 0.13 }),
    field('val.recall@50', { group: 'validation' }),
    field('n_layers', { group: 'setting' }),
  ];
  const at = (text: string) => {
    const { options, from, to } = completionsAt(text, text.length, fields);
    return {
      labels: options.map(({ label }) => label),
      written: options.map(({ insert }) => text.slice(0, from) + insert + text.slice(to)),
    };
  };

  test('offers fields, then operators, then values, then joints', () => {
    expect(at('mod').labels[0]).toBe('model');
    expect(at('val.re').labels).toEqual(['val.recall@20', 'val.recall@50']);
    expect(at('model ').labels).toEqual(['=', '!=', '~', '!~', 'in', 'is missing']);
    expect(at('val.recall@20 ').labels.slice(0, 2)).toEqual(['>', '>=']);
    expect(at('model = light').written).toEqual(['model = LightGCN']);
    expect(at('model in (LightGCN, ').labels).toEqual(['LightGCN', 'two words']);
    expect(at('model = two').written).toEqual(['model = "two words"']);
    expect(at('model = "tw').written).toEqual(['model = "two words"']);
    expect(at('model = LightGCN a').labels[0]).toBe('and');
  });

  test('is silent where all is written', () => {
    expect(at('model = LightGCN').labels).toEqual([]);
    expect(at('model = "two words"').labels).toEqual([]);
    expect(at('val.recall@20 > 0.1').labels).toEqual([]);
  });
});

test('reported rows stand with runs of their dataset that the query speaks of', () => {
  const row = (model: string, dataset: string): ReportedRow => ({
    id: model + dataset,
    citation: 'A paper',
    split: '',
    dataset,
    model,
    note: '',
    values: {},
  });
  const rows = [row('LightGCN', 'baby'), row('MF-BPR', 'baby'), row('BPR', 'sports')];
  const shown = (filter: string, models: string[] = []) =>
    reportedShown(rows, { datasets: ['Baby'], models, filter }).map(({ model }) => model);
  expect(shown('')).toEqual(['LightGCN', 'MF-BPR']);
  expect(shown('', ['lightgcn'])).toEqual(['LightGCN']);
  expect(shown('model = lightgcn or paper')).toEqual(['LightGCN', 'MF-BPR']);
  expect(shown('model != lightgcn')).toEqual(['MF-BPR']);
  expect(shown('val.recall@20 > 0')).toEqual([]);
  expect(shown('model =')).toEqual(['LightGCN', 'MF-BPR']);
});

describe('undo', () => {
  test('is one stack: last first, again in order, ended by a new deed; a message takes back its own', async () => {
    const history = new History();
    const log: string[] = [];
    const deed = (name: string) => ({ label: name, undo: () => void log.push(`-${name}`), redo: () => void log.push(`+${name}`) });
    const [a, b, c] = [deed('a'), deed('b'), deed('c')];
    history.push(a);
    history.push(b);
    await history.undo();
    await history.undo();
    expect(history.undoable).toBeUndefined();
    await history.redo();
    expect(log).toEqual(['-b', '-a', '+a']);
    expect(history.redoable?.label).toBe('b');
    history.push(c);
    expect(history.redoable).toBeUndefined();
    await history.undo(a);
    expect(history.holds(a)).toBe(false);
    expect(history.undoable?.label).toBe('c');
    await history.undo(a);
    expect(log).toEqual(['-b', '-a', '+a', '-a']);
  });
});
