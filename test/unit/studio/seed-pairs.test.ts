import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { statisticsRequestSchema } from '#contract/statistics.ts';
import { tableRequestSchema } from '#contract/table.ts';
import type { ComparedRun } from '#studio/compared-run.ts';
import { statisticsOf, type StatisticsNeeds } from '#studio/statistics.ts';
import { buildTable } from '#studio/table.ts';
import { testAll } from '#worker/test-task.ts';
import { comparedRun, comparisonSourceOf } from '../../fixtures/compared-runs.ts';

/** Recall of each seed by model; the formula is what `formula` gives for a run. */
function needsOf(
  values: Readonly<Record<string, Readonly<Record<number, number>>>>,
  formula: (run: ComparedRun) => number | undefined = () => undefined,
): StatisticsNeeds {
  const specs = Object.entries(values).flatMap(([model, seeds]) =>
    Object.entries(seeds).map(([seed, recall]) => ({ model, seed: Number(seed), recall })),
  );
  return {
    source: { ...comparisonSourceOf(specs.map(comparedRun)), formula: (_key, runs) => runs.map(formula) },
    tests: { run: (task) => testAll(task, () => undefined, new AbortController().signal), profile: () => Promise.resolve([]) },
    file: () => undefined,
    datasetFolder: () => undefined,
    perUserFile: () => undefined,
  };
}

async function bySeed(needs: StatisticsNeeds, formulas: readonly string[] = []) {
  const table = { baseline: 'base', metrics: ['recall@20'], formulas: formulas.map((text) => ({ text })) };
  const request = v.parse(statisticsRequestSchema, { table, options: { design: 'seed', test: 't', minimum: 0 } });
  return (await statisticsOf(needs, request)).comparisons;
}

const base = { 1: 0.1, 2: 0.12, 3: 0.11, 4: 0.14, 5: 0.13, 6: 0.1 };
const good = { 1: 0.2, 2: 0.21, 3: 0.22, 4: 0.23, 5: 0.24, 6: 0.25 };

describe('pairs of seeds', () => {
  it('keep each value with its seed where a run has none', async () => {
    const isWithout = ({ config }: ComparedRun) => config.model === 'good' && config.seed === 2;
    const needs = needsOf({ base, good }, (run) => (isWithout(run) ? undefined : run.summary.validation!['recall@20']! * 2));
    const found = (await bySeed(needs, ['val.recall@20 * 2']))[1]!;
    expect(found.pairs).toEqual(([1, 3, 4, 5, 6] as const).map((seed) => ({ seed, first: 2 * good[seed], second: 2 * base[seed] })));
    // scipy.stats.ttest_rel([.4, .44, .46, .48, .5], [.2, .22, .28, .26, .2]): t 10.9825, p 0.0003905843.
    expect(found.finding).toMatchObject({
      n: 5,
      difference: expect.closeTo(0.224, 12) as number,
      p: expect.closeTo(0.0003905843, 9) as number,
    });
  });

  it('are what a gain is relative to', async () => {
    const { 6: _, ...five } = good;
    const [found] = await bySeed(needsOf({ base: { ...base, 6: 0.9 }, good: five }));
    // Mean of seeds 1 to 5: 0.22 over 0.12.
    expect(found!.finding).toMatchObject({ n: 5, method: 'paired t', relative: expect.closeTo(0.1 / 0.12, 12) as number });
  });

  it('are none where seeds differ: Welch counts the runs of each side', async () => {
    const later = Object.fromEntries(Object.entries(good).map(([seed, value]) => [Number(seed) + 4, value]));
    const [found] = await bySeed(needsOf({ base, good: later }));
    expect(found).toMatchObject({ finding: { method: 'Welch t', n: 12, verdict: 'better' } });
    expect(found!.pairs).toBeUndefined();
    expect(found!.note).toBeUndefined();
    const { 4: _, 5: __, 6: ___, ...three } = good;
    const [few] = await bySeed(
      needsOf({ base: { ...base, 7: 0.12 }, good: Object.fromEntries(Object.entries(three).map(([s, x]) => [Number(s) + 9, x])) }),
    );
    expect(few).toMatchObject({ finding: { method: 'Welch t', n: 10, verdict: 'few' }, note: 'only 3 seeds: five are needed for a star' });
  });
});

describe('a gain over a value below 0', () => {
  const needs = needsOf({ base, good }, ({ summary }) => summary.validation!['recall@20']! - 1);
  const formula = { text: 'val.recall@20 - 1', better: 'higher' as const };

  it('is positive where the better is larger, as in Runs', async () => {
    const means = [0.7 / 6 - 1, 1.35 / 6 - 1] as const;
    const gain = (means[1] - means[0]) / -means[0];
    expect(gain).toBeGreaterThan(0);
    expect((await bySeed(needs, [formula.text]))[1]!.finding!.relative).toBeCloseTo(gain, 12);
    const table = buildTable(needs.source, v.parse(tableRequestSchema, { baseline: 'base', metrics: ['recall@20'], formulas: [formula] }));
    expect(table.gains![1]).toBeCloseTo(gain, 12);
  });
});
