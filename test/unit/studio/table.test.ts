import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import type { RunSummary } from '#contract/run.ts';
import type { ReportedRow } from '#contract/runs-table.ts';
import { partWords, tableRequestSchema, type TableRequest } from '#contract/table.ts';
import type { ComparisonSource } from '#studio/compared-run.ts';
import { buildTable } from '#studio/table.ts';
import { buildCurves } from '#studio/curves.ts';
import { sourceVersions } from '#studio/comparisons.ts';
import { formats } from '#export/formats.ts';
import { options } from '#test/fixtures/table.ts';
import { comparedRun, comparisonSourceOf, type RunSpec } from '../../fixtures/compared-runs.ts';

const sourceOf = (specs: readonly RunSpec[], frozen = false) => comparisonSourceOf(specs.map(comparedRun), frozen);

const table = (source: ComparisonSource, request: TableRequest = {}) => buildTable(source, v.parse(tableRequestSchema, request));

describe('a comparison table', () => {
  it('carries the audit of what was selected (G5), in short in the caption of test values', () => {
    const specs = [{ model: 'a', seed: 1, recall: 0.1, test: 0.2 }];
    const winner = { dataset: 'demo', model: 'a', configuration: 'x', differences: '', mean: 0.1, n: 1, runIds: ['run-0'] };
    const selection = {
      frozenAt: Date.UTC(2026, 10, 21),
      frozenBy: 'ada',
      criterion: 'Best mean validation Recall@20 over seeds; ties to grid order',
      candidates: 24,
      winners: [winner],
    };
    const source = { ...sourceOf(specs, true), experiment: (id: string) => ({ id, name: 'Fusion', frozen: true, selection }) };
    const test = table(source);
    expect(test.selections).toEqual([{ experiment: 'Fusion', ...selection }]);
    expect(test.caption).toContain(
      'Selection frozen 2026-11-21: best mean validation Recall@20 over seeds; ties to grid order, 24 candidates.',
    );
    expect(table(source, { part: 'validation' }).caption).not.toContain('Selection frozen');
  });

  it('is about the experiment asked for, and shows test once that one is frozen, also where its runs were taken up from another', () => {
    const specs = [{ model: 'a', seed: 1, recall: 0.1, test: 0.2 }];
    const isOf = (frozen: boolean): ComparisonSource => ({
      ...sourceOf(specs),
      experiment: (id) => ({ id, name: id === 'e1' ? 'Owner' : 'Later', frozen: frozen && id === 'e2' }),
    });
    const scope = { experiments: ['e2'], runs: [] };
    expect(table(isOf(false), { scope })).toMatchObject({ title: 'Later', part: 'validation', frozen: false });
    expect(table(isOf(true), { scope })).toMatchObject({ title: 'Later', part: 'test', frozen: true });
    expect(table(isOf(true), { scope: { experiments: ['e1'], runs: [] } })).toMatchObject({ title: 'Owner', frozen: false });
  });

  it('leaves imported runs out of every mean and rank, and says so; alone they are refused', () => {
    const imported = { model: 'theirs', seed: 0, recall: 0.9, state: 'imported', imported: 'mmrec' } as const;
    const mixed = table(sourceOf([{ model: 'a', seed: 1, recall: 0.1 }, { model: 'b', seed: 1, recall: 0.2 }, imported]));
    expect(mixed.rows.map(({ model }) => model)).toEqual(['a', 'b']);
    expect(mixed.ranks).toEqual([2, 1]);
    expect(mixed.notes).toContainEqual(expect.stringMatching(/^Left out, as imported runs enter no test.*: THEIRS$/));
    expect(() => table(sourceOf([imported]))).toThrow(/Imported runs are not compared/);
  });

  it('never ranks runs of one dataset whose protocol ids differ, and carries the id that all of them have', () => {
    const one = [0.2, 0.3].map((recall, at) => ({ model: `m${at}`, seed: 1, recall, protocolId: 'aaaabbbbcc' }));
    const alone = table(sourceOf(one));
    expect(alone.comparable.ok).toBe(true);
    expect(alone.groups[0]).toMatchObject({ protocolId: 'aaaabbbbcc' });
    const mixed = table(sourceOf([...one, { model: 'other', seed: 1, recall: 0.4, protocolId: 'ddddeeeeff' }]));
    expect(mixed.comparable.reasons).toEqual(['demo has runs under different rules for missing features: aaaabbbb, ddddeeee']);
    expect(mixed.groups[0]!.protocolId).toBeUndefined();
  });

  it('never ranks next items with held-out items, nor next items in different orders, and says why', () => {
    const family = [
      { model: 'next', seed: 1, recall: 0.2, order: '11112222aa' },
      { model: 'next', hyper: { k: 5 }, seed: 1, recall: 0.1, order: '11112222aa' },
    ];
    const rows = 'configuration' as const;
    const alone = table(sourceOf(family), { rows });
    expect(alone.comparable).toMatchObject({ ok: true, reasons: [] });
    expect(alone.cells[0]?.[0]?.mark).toBe('best');
    expect(alone.caption).toContain('Next item after each user’s history');
    const mixed = table(sourceOf([...family, { model: 'a', seed: 1, recall: 0.3 }]), { rows, baseline: 'a' });
    expect(mixed.caption).toContain('NEXT: next item after each user’s history');
    expect(mixed.comparable.reasons).toEqual([
      'Different tasks: the next item after a history (NEXT) and held-out items from train rows (A)',
    ]);
    expect(mixed.cells.flat().some(({ mark }) => mark !== undefined)).toBe(false);
    expect(mixed.gains).toBeUndefined();
    expect(mixed.ranks).toBeUndefined();
    const otherwise = table(sourceOf([...family, { model: 'next', hyper: { k: 6 }, seed: 1, recall: 0.3, order: '33334444bb' }]), { rows });
    expect(otherwise.comparable.reasons).toEqual(['demo has runs on different orders of rows: 11112222, 33334444']);
  });

  it('ranks means over seeds, not the lucky seed (S2)', () => {
    const result = table(
      sourceOf([
        { model: 'a', seed: 1, recall: 0.1 },
        { model: 'a', seed: 2, recall: 0.1 },
        { model: 'b', seed: 1, recall: 0.14 },
        { model: 'b', seed: 2, recall: 0.05 },
      ]),
    );
    expect(result.cells[0]?.[0]).toMatchObject({ mean: 0.1, sd: 0, n: 2, mark: 'best' });
    expect(result.cells[1]?.[0]).toMatchObject({ n: 2, mark: 'second' });
  });

  it('chooses the winner of a model by validation although test says the opposite (S1)', () => {
    const specs: RunSpec[] = [
      { model: 'a', hyper: { k: 5 }, seed: 1, recall: 0.12, test: 0.05 },
      { model: 'a', hyper: { k: 10 }, seed: 1, recall: 0.11, test: 0.2 },
    ];
    const open = table(sourceOf(specs));
    expect(open.part).toBe('validation');
    const frozen = table(sourceOf(specs, true));
    expect(frozen.part).toBe('test');
    expect(frozen.cells[0]?.[0]?.mean).toBe(0.05);
    expect(frozen.rows[0]?.differences).toBe('k 5');
  });

  it('names the winning setting also when only the winner is unmasked', () => {
    const specs: RunSpec[] = [
      { model: 'a', hyper: { k: 5 }, seed: 1, recall: 0.12, test: 0.05 },
      { model: 'a', hyper: { k: 10 }, seed: 1, recall: 0.11 },
    ];
    expect(table(sourceOf(specs, true)).rows).toEqual([expect.objectContaining({ model: 'a', differences: 'k 5' })]);
  });

  it('says in its caption that a grid is not complete, as do its exports (S11)', () => {
    const specs: RunSpec[] = [
      { model: 'a', hyper: { k: 5 }, seed: 1, recall: 0.12 },
      { model: 'a', hyper: { k: 10 }, seed: 1, recall: 0.11 },
    ];
    const source = { ...sourceOf(specs), experiment: (id: string) => ({ id, name: 'Fusion', frozen: false, incomplete: '37/60 runs' }) };
    const part = table(source, { scope: { experiments: ['e1'] } });
    expect(part.caption).toContain('Incomplete: 37/60 runs.');
    expect(formats.latex.write(part, options('latex'))).toContain('Incomplete: 37/60 runs.');
    expect(formats.markdown.write(part, options('markdown'))).toContain('Incomplete: 37/60 runs.');
  });

  it('refuses test values before freezing and says how to get them', () => {
    expect(() => table(sourceOf([{ model: 'a', seed: 1, recall: 0.1 }]), { part: 'test' })).toThrow(/not frozen/);
  });

  it('keeps a failed run out of the mean and says so (S6)', () => {
    const result = table(
      sourceOf([
        { model: 'a', seed: 1, recall: 0.1 },
        { model: 'a', seed: 2, recall: 9, state: 'failed' },
      ]),
    );
    expect(result.cells[0]?.[0]).toMatchObject({ mean: 0.1, n: 1 });
    expect(result.notes[0]).toContain('n = 1 of 2 (failed)');
  });

  it('counts a repeated seed once, the latest run of it', () => {
    const result = table(
      sourceOf([
        { model: 'a', seed: 1, recall: 0.1 },
        { model: 'a', seed: 1, recall: 0.3 },
      ]),
    );
    expect(result.cells[0]?.[0]).toMatchObject({ mean: 0.3, n: 1 });
  });

  it('calls different splits and protocols not comparable, and marks and ranks nothing among them (G20)', () => {
    const result = table(
      sourceOf([
        { model: 'a', seed: 1, recall: 0.1 },
        { model: 'b', seed: 1, recall: 0.2, split: '7bcd', protocol: 'mmrec' },
      ]),
      { baseline: 'a' },
    );
    expect(result.comparable.ok).toBe(false);
    expect(result.comparable.reasons).toHaveLength(2);
    expect(result.cells.flat().some((cell) => cell.mark !== undefined)).toBe(false);
    expect(result.ranks).toBeUndefined();
    expect(result.gains).toBeUndefined();
  });

  it('says of a budget that was unlocked for one model whose it was, in its warnings and its caption', () => {
    const runs = [
      { model: 'a', seed: 1, recall: 0.1, budget: { epochs: 50 } },
      { model: 'b', seed: 1, recall: 0.2 },
      { model: 'c', seed: 1, recall: 0.3 },
    ];
    const { comparable, caption } = table(sourceOf(runs));
    expect(comparable.warnings).toEqual(['Different epoch limits: 50 (A), 1000 (B, C)']);
    expect(caption).toContain(' Unequal budget: epoch limit 50 (A), 1000 (B, C). ');
    const equal = table(sourceOf(runs.map((run) => ({ ...run, budget: { epochs: 50 } }))));
    expect([equal.comparable.warnings, equal.caption.includes('Unequal')]).toEqual([[], false]);
    const beside = table(sourceOf([runs[0]!, { ...runs[1]!, isUntrained: true }]));
    expect([beside.comparable.warnings, beside.caption.includes('Unequal')]).toEqual([[], false]);
  });

  describe('with candidate sets and uses of validation', () => {
    const cold = { candidates: 'cold-items', validation: 'whole' } as const;
    const nested = { candidates: 'all', validation: 'nested' } as const;
    const published = 'ce6fb74455eeb278e71cb1167d01a2d3026e94146c52436aa80eaa214649a8df';

    it('says in its caption what validation also did, and what was ranked (S12)', () => {
      const caption = (evaluation?: RunSpec['evaluation']) =>
        table(sourceOf([{ model: 'a', seed: 1, recall: 0.1, ...(evaluation === undefined ? {} : { evaluation }) }])).caption;
      expect(caption()).toContain('epoch chosen on validation Recall@20. The values shown also chose the epoch.');
      expect(caption()).toContain('Full ranking, K');
      expect(caption(nested)).toContain('Nested validation: half of its users chose the epoch, the values shown are of the other half.');
      expect(caption(nested)).not.toContain('also chose the epoch');
      expect(caption(cold)).toContain('Ranking among cold items alone (items without a train row), K');
    });

    it('never lets a model compete with itself across candidate sets, and marks, ranks and tests nothing between them', () => {
      const result = table(
        sourceOf([
          { model: 'a', seed: 1, recall: 0.1, split: published },
          { model: 'a', seed: 1, recall: 0.6, split: published, evaluation: cold },
          { model: 'b', seed: 1, recall: 0.2, split: published },
        ]),
      );
      expect(result.rows.map(({ key, differences }) => [key, differences])).toEqual([
        ['a', ''],
        ['a validation cold-items whole', 'candidates cold-items'],
        ['b', ''],
      ]);
      expect(result.cells.map(([cell]) => cell?.mean)).toEqual([0.1, 0.6, 0.2]);
      expect(result.comparable.reasons).toEqual(['Different candidate sets: all items and cold items alone']);
      expect(result.cells.flat().some(({ mark }) => mark !== undefined)).toBe(false);
      expect(result.ranks).toBeUndefined();
      const halves = table(
        sourceOf([
          { model: 'a', seed: 1, recall: 0.1 },
          { model: 'b', seed: 1, recall: 0.2, evaluation: nested },
        ]),
      );
      expect(halves.comparable.reasons).toEqual(['Different uses of validation: whole for epoch and configuration and nested']);
    });

    it('puts no value of a paper beside a ranking among cold items', () => {
      const reported: ReportedRow = {
        id: 'r1',
        citation: 'A paper',
        split: published,
        dataset: 'baby',
        model: 'X',
        note: '',
        values: { 'recall@20': 0.09 },
      };
      const shown = (evaluation?: RunSpec['evaluation']) => {
        const runs = sourceOf(
          [{ model: 'a', seed: 1, recall: 0.1, test: 0.1, split: published, ...(evaluation === undefined ? {} : { evaluation }) }],
          true,
        );
        return table({ ...runs, reported: () => [reported] }).reported?.length ?? 0;
      };
      expect([shown(), shown(nested), shown(cold)]).toEqual([1, 1, 0]);
    });
  });

  it('gives the gain of the best other row over the baseline', () => {
    const result = table(
      sourceOf([
        { model: 'a', seed: 1, recall: 0.1 },
        { model: 'b', seed: 1, recall: 0.11 },
      ]),
      { baseline: 'a' },
    );
    expect(result.gains?.[0]).toBeCloseTo(0.1, 12);
  });

  it('says why a cell is empty', () => {
    const result = table(
      sourceOf([
        { model: 'a', seed: 1, recall: 0.1 },
        { model: 'b', seed: 1, recall: 0.1, dataset: 'baby' },
      ]),
    );
    expect(result.cells[0]?.[2]).toEqual({ n: 0, missing: 'not run', runIds: [] });
    const open = (state: RunSummary['state']) =>
      table(
        sourceOf([
          { model: 'a', seed: 1, recall: 0.1 },
          { model: 'b', seed: 1, recall: 0, state },
        ]),
      ).cells[1]?.[0]?.missing;
    expect((['queued', 'paused', 'running', 'stopped', 'failed'] as const).map(open)).toEqual([
      'waiting',
      'paused',
      'running',
      'stopped',
      'failed',
    ]);
  });

  it('lists the known metrics for an unknown one', () => {
    expect(() => table(sourceOf([{ model: 'a', seed: 1, recall: 0.1 }]), { metrics: ['hits@7'] })).toThrow(/no metric "hits@7"/);
  });
});

describe('curves of a comparison', () => {
  it('averages epoch by epoch over the runs still training, and says how many they are', () => {
    const seeds = [1, 2, 3].map((seed) => ({ model: 'a', seed, recall: 0.1 }));
    const curves = buildCurves(sourceOf(seeds), { experiments: [], runs: [] }, 'recall@20');
    // Runs 0 and 2 have two epochs, run 1 has three: the third epoch is one run of three.
    expect([...curves.curves[0]!.mean.values]).toEqual([2, 3, 4]);
    expect([...curves.curves[0]!.held]).toEqual([3, 3, 1]);
    expect(curves.curves[0]).toMatchObject({ whole: 2, runIds: ['run-0', 'run-1', 'run-2'] });
    const two = buildCurves(sourceOf(seeds.slice(0, 2)), { experiments: [], runs: [] }, 'recall@20');
    expect([...two.curves[0]!.mean.values]).toEqual([1.5, 2.5, 4]);
    expect(two.curves[0]!.whole).toBe(2);
    expect(two.curves[0]!.sd?.[0]).toBeCloseTo(Math.SQRT1_2, 12);
  });

  it('says of each metric what that metric was at the best epochs', () => {
    const runs = sourceOf([1, 2].map((seed) => ({ model: 'a', seed, recall: 0.1 * seed })));
    const best = (metric: string) => buildCurves(runs, { experiments: [], runs: [] }, metric).curves[0]!.bestValue;
    expect(best('recall@20')).toBeCloseTo(0.15, 12);
    expect(best('ndcg@20')).toBeCloseTo(0.075, 12);
    expect(best('map@20')).toBeUndefined();
  });
});

describe('an experiment with nothing to select', () => {
  const alone = (specs: readonly RunSpec[]): ComparisonSource => ({
    ...sourceOf(specs),
    experiment: (id) => ({ id, name: 'One', frozen: false, choosesNothing: true }),
  });

  it('shows its test values as its runs do, and says that nothing was selected', () => {
    const shown = table(
      alone([
        { model: 'a', seed: 1, recall: 0.1, test: 0.2 },
        { model: 'a', seed: 2, recall: 0.1, test: 0.4 },
      ]),
    );
    expect(shown).toMatchObject({ part: 'test', frozen: true, selection: 'none' });
    expect(shown.cells[0]?.[0]).toMatchObject({ n: 2 });
    expect(shown.cells[0]?.[0]?.mean).toBeCloseTo(0.3, 12);
    expect(shown.caption).toContain('One configuration a dataset: nothing was selected.');
    expect(shown.caption).not.toContain('masked');
    expect(partWords(shown)).toBe('Test values, nothing to select');
  });

  it('stays masked while one of its runs is, as an experiment that selects has taken it up', () => {
    const taken = alone([
      { model: 'a', seed: 1, recall: 0.1, test: 0.2 },
      { model: 'a', seed: 2, recall: 0.1 },
    ]);
    expect(table(taken)).toMatchObject({ part: 'validation', frozen: false, selection: 'open' });
    expect(() => table(taken, { part: 'test' })).toThrow('Test values are masked');
  });
});

describe('rows of papers', () => {
  const lattice = '63963b3a96889886d40072123d34260230a4e383d1cb183136b71d5b2e80c1f2';
  const printed = (more: Partial<ReportedRow>): ReportedRow => ({
    ...{ id: 'r', citation: 'Doe 2023', split: 'lattice/mmssl-split', dataset: 'Baby', model: 'MF-BPR', note: '' },
    ...{ values: { 'recall@20': 0.0698, 'recall@50': 0.1 } },
    ...more,
  });
  const on = { seed: 1, dataset: 'whatever', split: lattice };
  const specs = [
    { ...on, model: 'a', recall: 0.01, test: 0.01 },
    { ...on, model: 'b', recall: 0.005, test: 0.005 },
  ];
  const beside = (rows: readonly ReportedRow[], frozen = true) => table({ ...sourceOf(specs, frozen), reported: () => rows });

  it('stand beside runs of the very split, whatever the dataset is called, outside marks and ranks', () => {
    const result = beside([
      printed({}),
      printed({ citation: 'MMRec', split: 'mmrec-random-8:1:1' }),
      printed({ citation: 'By hash', split: lattice.slice(0, 12), values: { 'ndcg@20': 0.03 } }),
      printed({ citation: 'Other metrics', values: { 'recall@50': 0.1 } }),
    ]);
    expect(result.reported).toEqual([
      { citation: 'Doe 2023', model: 'bpr', title: 'MF-BPR', note: '', values: [0.0698, null] },
      { citation: 'By hash', model: 'bpr', title: 'MF-BPR', note: '', values: [null, 0.03] },
    ]);
    expect(result.rows).toHaveLength(2);
    expect(result.cells.map(([cell]) => cell?.mark)).toEqual(['best', 'second']);
    expect(result.ranks).toEqual([1, 2]);
  });

  it('hold no value while test is masked', () => {
    expect(beside([printed({})], false).reported).toEqual([
      { citation: 'Doe 2023', model: 'bpr', title: 'MF-BPR', note: '', values: [null, null] },
    ]);
  });
});

describe('sources of models of one’s own', () => {
  it('are each version once, from a run that still has it; other models have none', () => {
    const runs = ['aa', 'aa', 'bb', undefined].map((source, at) => {
      const run = comparedRun({ model: 'mine', seed: at, recall: 0.1 }, at);
      return source === undefined ? run : { ...run, config: { ...run.config, source } };
    });
    const versions = sourceVersions(runs, ({ summary, config }) =>
      summary.id === 'run-0' ? undefined : { id: 'mine', hash: config.source!, files: [{ name: 'model.ts', text: config.source! }] },
    );
    expect(versions).toEqual([
      { hash: 'aa', title: 'MINE', runs: 2, files: [{ name: 'model.ts', text: 'aa' }] },
      { hash: 'bb', title: 'MINE', runs: 1, files: [{ name: 'model.ts', text: 'bb' }] },
    ]);
    expect(sourceVersions(runs, () => undefined)).toEqual([]);
  });
});
