/** Folds and repeated splits: one test over them with the variance that overlapping train rows ask for (protocol.md section 9, rule 2). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { splitRuleSchema } from '#contract/split-rule.ts';
import { statisticsRequestSchema, type StatisticsRequest } from '#contract/statistics.ts';
import { tableRequestSchema } from '#contract/table.ts';
import { buildTable } from '#studio/table.ts';
import { statisticsOf, type StatisticsNeeds } from '#studio/statistics.ts';
import { testAll } from '#worker/test-task.ts';
import { comparedRun, comparisonSourceOf, type RunSpec } from '../../fixtures/compared-runs.ts';

const reference = JSON.parse(readFileSync(new URL('../../fixtures/statistics/reference.json', import.meta.url), 'utf8')) as {
  corrected: { differences: number[]; ratio: number; p: Record<string, number>; low: number; high: number; dz: number }[];
};
const [five] = reference.corrected;

function needsOf(specs: readonly RunSpec[]): StatisticsNeeds {
  return {
    source: comparisonSourceOf(specs.map(comparedRun)),
    tests: { run: (task) => testAll(task, () => undefined, new AbortController().signal), profile: () => Promise.resolve([]) },
    file: () => undefined,
    datasetFolder: () => undefined,
    perUserFile: () => undefined,
  };
}
const ask = (specs: readonly RunSpec[], request: StatisticsRequest = {}) =>
  statisticsOf(needsOf(specs), v.parse(statisticsRequestSchema, { options: { design: 'seed' }, ...request }));

/** The runs of one split: its rows are 300 in train and 100 held out, so the ratio is the third of the reference. */
function onSplit(at: number, rule: Record<string, unknown>, values: Readonly<Record<string, number>>): RunSpec[] {
  const made = { rule: v.parse(splitRuleSchema, rule), train: 300, validation: 100, test: 100 };
  return Object.entries(values).flatMap(([model, recall]) =>
    // Two seeds whose mean is the value.
    [0.001, -0.001].map((off, seed) => ({ model, seed, recall: recall + off, dataset: `part ${at}`, split: `${at}`.repeat(8), made })),
  );
}
const folds = (differences: readonly number[]) =>
  differences.flatMap((difference, at) =>
    onSplit(at, { rule: 'k-fold', folds: 5, fold: at + 1 }, { base: 0.1 + at / 100, other: 0.1 + at / 100 + difference }),
  );

describe('folds of one dataset', () => {
  it('are tested together by the corrected resampled t, as SciPy gives it, on values averaged over seeds', async () => {
    const { resplits, rankings } = await ask(folds(five!.differences));
    expect(resplits).toHaveLength(1);
    const [found] = resplits;
    expect(found).toMatchObject({ kind: 'folds', groups: [0, 1, 2, 3, 4] });
    expect(found!.ratio).toBeCloseTo(five!.ratio, 12);
    const { finding } = found!.comparisons.find(({ first, metric }) => first === 'other' && metric === 0)!;
    expect(finding).toMatchObject({ n: 5, effectName: 'd_z', method: 'corrected resampled t (Nadeau–Bengio)' });
    expect(finding!.p).toBeCloseTo(five!.p['two-sided']!, 9);
    expect(finding!.interval![0]).toBeCloseTo(five!.low, 9);
    expect(finding!.interval![1]).toBeCloseTo(five!.high, 9);
    expect(finding!.effect).toBeCloseTo(five!.dz, 6);
    expect(found!.means[0]![0]).toMatchObject({ n: 5 });
    expect(found!.means[0]![0]!.mean).toBeCloseTo(0.12, 12);
    expect(found!.caption).toContain('Over 5 folds');
    expect(found!.caption).toContain('Nadeau–Bengio');
    // Five folds are one dataset: there is nothing to rank over.
    expect(rankings).toEqual([]);
  });

  it('look the other way where less is better or sides are exchanged', async () => {
    const there = (await ask(folds(five!.differences), { table: { baseline: 'base' } })).resplits[0]!.comparisons[0]!.finding!;
    const back = (await ask(folds(five!.differences), { table: { baseline: 'other' } })).resplits[0]!.comparisons[0]!.finding!;
    expect(back.p).toBeCloseTo(there.p, 12);
    expect(back.difference).toBeCloseTo(-there.difference, 12);
    expect([there.verdict, back.verdict]).toEqual(['better', 'worse']);
    const sided = (await ask(folds(five!.differences), { options: { design: 'seed', alternative: 'less' }, table: { baseline: 'base' } }))
      .resplits[0]!;
    expect(sided.comparisons[0]!.finding!.p).toBeCloseTo(five!.p['less']!, 6);
  });

  it('differ in nothing where the same values stand under other seeds', async () => {
    const values: Record<string, number[]> = { base: [0.1, 0.2, 0.3], other: [0.3, 0.2, 0.1] };
    const specs = folds([0, 0, 0, 0, 0]).flatMap((spec) =>
      spec.seed > 0 ? [] : values[spec.model]!.map((recall, seed) => ({ ...spec, seed, recall })),
    );
    expect((await ask(specs)).resplits[0]!.comparisons[0]!.finding).toMatchObject({ n: 5, difference: 0, p: 1 });
  });

  it('earn no star where there are fewer than five, and count only where both rows have a value', async () => {
    const three = (await ask(folds(five!.differences.slice(0, 3)))).resplits[0]!;
    expect(three.comparisons[0]).toMatchObject({ finding: { n: 3 }, note: expect.stringContaining('only 3 splits') });
    expect(three.comparisons[0]!.finding!.verdict).not.toBe('better');
    const holed = folds(five!.differences).filter(({ model, dataset }) => model !== 'other' || dataset !== 'part 2');
    expect((await ask(holed)).resplits[0]!.comparisons[0]!.finding!.n).toBe(4);
  });
});

describe('repeated random splits', () => {
  const ratio = (at: number, more = {}) => ({ rule: 'ratio-per-user', validation: 0.2, test: 0.2, order: 'random', ...more, at });
  const splits = (count: number, more?: (at: number) => object) =>
    Array.from({ length: count }, (_, at) =>
      onSplit(at, ratio(at, more?.(at) ?? {}), { base: 0.1, other: 0.1 + five!.differences[at]! }),
    ).flat();

  it('of one rule are a family; other shares, an order in time and unknown splits are not', async () => {
    expect((await ask(splits(5))).resplits).toMatchObject([{ kind: 'splits', groups: [0, 1, 2, 3, 4] }]);
    expect((await ask(splits(2, (at) => ({ test: 0.1 + at / 10 })))).resplits).toEqual([]);
    expect((await ask(splits(3, () => ({ order: 'time' })))).resplits).toEqual([]);
    const unknown = splits(3).map(({ made: _made, ...spec }) => spec);
    expect((await ask(unknown)).resplits).toEqual([]);
    // Without a family these are three datasets to rank over.
    expect((await ask(unknown)).rankings[0]).toMatchObject({ datasets: 3 });
  });

  it('count as one dataset beside others in the ranks', async () => {
    const beside: RunSpec[] = ['base', 'other'].map((model, at) => ({
      model,
      seed: 0,
      recall: 0.5 - at / 10,
      dataset: 'elsewhere',
      split: '99999999',
    }));
    expect((await ask([...splits(4), ...beside])).rankings[0]).toMatchObject({ datasets: 2, averages: [1.5, 1.5] });
    // The column of the table too: four splits won against one dataset lost are a draw of two.
    const source = comparisonSourceOf([...splits(4), ...beside].map(comparedRun));
    expect(buildTable(source, v.parse(tableRequestSchema, {})).ranks).toEqual([1.5, 1.5]);
  });
});
