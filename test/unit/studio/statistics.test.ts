import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as v from 'valibot';
import { starOf } from '#contract/significance.ts';
import { statisticsRequestSchema, type Statistics, type StatisticsRequest, type TestTask } from '#contract/statistics.ts';
import { tableRequestSchema } from '#contract/table.ts';
import { metricKeys } from '#contract/run.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';
import { randomStream } from '#data/random.ts';
import { buildTable } from '#studio/table.ts';
import { statisticsOf, withStars, type StatisticsNeeds } from '#studio/statistics.ts';
import { testAll } from '#worker/test-task.ts';
import { comparedRun, comparisonSourceOf, type RunSpec } from '../../fixtures/compared-runs.ts';

const users = 400;

/** A run of a model whose users do `gain` better than others, in a folder with its per-user file. */
function home(specs: readonly RunSpec[], gains: Readonly<Record<string, number>>): { needs: StatisticsNeeds; asked: TestTask[] } {
  const folder = mkdtempSync(join(tmpdir(), 'avocet-statistics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const keys = metricKeys;
  const noise = randomStream(1, 'users');
  const taste = Array.from({ length: users }, () => noise.uniform());
  const files = new Map<string, string>();
  const valued = specs.map((spec, index) => {
    const table = new Float64Array(users * (keys.length + 1));
    let sum = 0;
    for (let user = 0; user < users; user++) {
      table[user * (keys.length + 1)] = user;
      const value = Math.max(0, taste[user]! + (gains[spec.model] ?? 0) + 0.02 * noise.normal());
      sum += value;
      for (const [column, key] of keys.entries())
        table[user * (keys.length + 1) + 1 + column] = key === 'recall@20' ? value : key === 'ndcg@20' ? value / 2 : 0;
    }
    const file = join(folder, `${index}.npy`);
    writeFileSync(file, writeNpy(table, [users, keys.length + 1]));
    files.set(`run-${index}`, file);
    return { ...spec, recall: sum / users };
  });
  const asked: TestTask[] = [];
  const needs: StatisticsNeeds = {
    source: comparisonSourceOf(valued.map(comparedRun)),
    tests: {
      run: (task) => {
        asked.push(task);
        return testAll(task, () => undefined, new AbortController().signal);
      },
      profile: () => Promise.resolve([]),
    },
    file: () => undefined,
    datasetFolder: () => undefined,
    perUserFile: (runId, part) => (part === 'test' ? undefined : files.get(runId)),
  };
  return { needs, asked };
}

function ask(needs: StatisticsNeeds, request: StatisticsRequest): Promise<Statistics> {
  return statisticsOf(needs, v.parse(statisticsRequestSchema, request));
}

const grid = (models: readonly string[], seeds: readonly number[], dataset?: string): RunSpec[] =>
  models.flatMap((model) => seeds.map((seed) => ({ model, seed, recall: 0, ...(dataset === undefined ? {} : { dataset }) })));

const finding = (statistics: Statistics, first: string, column = 0) =>
  statistics.comparisons.find((comparison) => comparison.first === first && comparison.column === column)?.finding;

describe('statistics of a comparison', () => {
  it('tests per user on values averaged over seeds, stars in the direction of the metric (G4)', async () => {
    const { needs, asked } = home(grid(['base', 'good', 'bad', 'same'], [1, 2, 3]), { good: 0.05, bad: -0.05 });
    const result = await ask(needs, { table: { baseline: 'base' } });
    expect(asked[0]).toMatchObject({ design: 'user', test: 'wilcoxon' });
    expect(result.familySize).toBe(6);
    expect(finding(result, 'good')).toMatchObject({ n: users, verdict: 'better', effectName: 'rank-biserial' });
    expect(finding(result, 'bad')?.verdict).toBe('worse');
    expect(finding(result, 'same')?.verdict).not.toBe('better');
    expect(finding(result, 'good')!.interval![0]).toBeGreaterThan(0);
    expect(finding(result, 'good')!.adjusted).toBeGreaterThanOrEqual(finding(result, 'good')!.p);
    expect(starOf(finding(result, 'good')?.verdict)).toBe('*');
    expect(starOf(finding(result, 'bad')?.verdict)).toBe('†');
    expect(result.caption).toBe(
      '* better, † worse than BASE: Wilcoxon signed-rank (zeros by Pratt) per user on values averaged over 3 seeds, two-sided, Holm over 6 comparisons, adjusted p < 0.05 and a difference beyond the noise floor.',
    );
    // The difference of per-user means is the difference that the table shows.
    const cells = buildTable(needs.source, v.parse(tableRequestSchema, {})).cells;
    expect(finding(result, 'good')!.difference).toBeCloseTo(cells[1]![0]!.mean! - cells[0]![0]!.mean!, 12);
  });

  it('gives no star for a difference within the minimum, however small its p', async () => {
    const { needs } = home(grid(['base', 'good'], [1, 2]), { good: 0.05 });
    const result = await ask(needs, { table: { baseline: 'base', metrics: ['recall@20'] }, options: { minimum: 0.2 } });
    expect(finding(result, 'good')?.adjusted).toBeLessThan(1e-6);
    expect(finding(result, 'good')?.verdict).toBe('small');
    expect(result.minimums[0]).toEqual({ value: 0.2, from: 'chosen by you' });
  });

  it('pairs seeds, and gives three of them no star', async () => {
    const three = home(grid(['base', 'good'], [1, 2, 3]), { good: 0.05 });
    const few = await ask(three.needs, { table: { baseline: 'base', metrics: ['recall@20'] }, options: { design: 'seed' } });
    expect(few.comparisons[0]).toMatchObject({ note: 'only 3 seeds: five are needed for a star', finding: { n: 3, verdict: 'few' } });
    expect(few.comparisons[0]?.pairs?.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    const five = home(grid(['base', 'good'], [1, 2, 3, 4, 5]), { good: 0.05 });
    const enough = await ask(five.needs, { table: { baseline: 'base', metrics: ['recall@20'] }, options: { design: 'seed' } });
    expect(enough.comparisons[0]?.finding).toMatchObject({ n: 5, method: 'paired t', verdict: 'better' });
  });

  it('takes Welch where seeds are not shared', async () => {
    const { needs } = home([...grid(['base'], [1, 2, 3, 4, 5]), ...grid(['good'], [6, 7, 8, 9, 10])], { good: 0.05 });
    const result = await ask(needs, { table: { baseline: 'base', metrics: ['recall@20'] }, options: { design: 'seed' } });
    expect(result.comparisons[0]?.finding).toMatchObject({ n: 10, method: 'Welch t', effectName: 'd', verdict: 'better' });
    expect(result.caption).toMatch(/: Welch’s t per seed over 5 seeds,/);
    const mixed = home([...grid(['base', 'good'], [1, 2, 3]), ...grid(['fewer'], [1, 2])], { good: 0.05 });
    const both = await ask(mixed.needs, { table: { baseline: 'base', metrics: ['recall@20'] }, options: { design: 'seed' } });
    expect(both.comparisons.map((comparison) => comparison.finding?.method)).toEqual(['paired t', 'Welch t']);
    expect(both.caption).toMatch(/: paired t, and Welch’s t where seeds differ, per seed over 2 to 3 seeds,/);
  });

  it('tests nothing across splits: reasons instead of stars (G20)', async () => {
    const { needs, asked } = home(
      [...grid(['base'], [1, 2]), ...grid(['good'], [1, 2]).map((spec) => ({ ...spec, split: 'another0split' }))],
      { good: 0.1 },
    );
    const table = v.parse(tableRequestSchema, { baseline: 'base', tests: {} });
    const result = await ask(needs, { table });
    expect(asked).toEqual([]);
    expect(result.blocked[0]).toContain('different splits');
    expect(result.comparisons.every((comparison) => comparison.finding === undefined && comparison.note === 'not comparable')).toBe(true);
    const starred = await withStars(needs, buildTable(needs.source, table), table);
    expect(starred.cells.flat().some((cell) => cell.finding !== undefined)).toBe(false);
    expect(starred.stars?.caption).toContain('Not tested: ');
  });

  it('is about validation before freezing and never asks for files of test', async () => {
    const { needs } = home(grid(['base', 'good'], [1, 2]), { good: 0.1 });
    const parts = new Set<string>();
    const watched = { ...needs, perUserFile: (id: string, part: Statistics['part']) => (parts.add(part), needs.perUserFile(id, part)) };
    expect((await ask(watched, { table: { baseline: 'base' } })).part).toBe('validation');
    expect([...parts]).toEqual(['validation']);
    await expect(ask(watched, { table: { part: 'test' } })).rejects.toThrow('masked');
  });

  it('tests what was frozen on the test part', async () => {
    const specs = grid(['base', 'good'], [1, 2]).map((spec) => ({ ...spec, test: spec.model === 'good' ? 0.6 : 0.5 }));
    const { needs } = home(specs, { good: 0.1 });
    const frozen = comparisonSourceOf(specs.map(comparedRun), true);
    const parts = new Set<string>();
    const perUserFile = (id: string, part: Statistics['part']) => (parts.add(part), needs.perUserFile(id, 'validation'));
    const result = await ask({ ...needs, source: frozen, perUserFile }, { table: { baseline: 'base', metrics: ['recall@20'] } });
    expect(result).toMatchObject({ part: 'test', frozen: true });
    expect([...parts]).toEqual(['test']);
    expect(result.assumptions.join(' ')).not.toContain('Validation values');
    // Whoever goes through the baselines with test in sight makes more comparisons than one correction counts.
    const alone = 'The baseline is no part of a selection: p are corrected for this one alone.';
    expect(result.caption).toContain(alone);
    expect((await ask(needs, { table: { baseline: 'base' } })).caption).not.toContain(alone);
  });

  it('puts findings into the cells of the table and keeps the caption apart', async () => {
    const { needs } = home(grid(['base', 'good'], [1, 2]), { good: 0.1 });
    const request = v.parse(tableRequestSchema, { baseline: 'base', tests: { test: 't' } });
    const table = await withStars(needs, buildTable(needs.source, request), request);
    expect(table.cells[0]?.[0]?.finding).toBeUndefined();
    expect(table.cells[1]?.[0]?.finding).toMatchObject({ verdict: 'better', effectName: 'd_z' });
    expect(table.stars?.caption).toContain('paired t per user on values averaged over 2 seeds');
    expect(table.cells[1]?.[0]?.halfWidth).toBeGreaterThan(table.cells[1]![0]!.sd!);
  });

  it('takes every pair into the family where asked, and repeats a bootstrap', async () => {
    const { needs } = home(grid(['a', 'b', 'c'], [1, 2]), { c: 0.1 });
    const request: StatisticsRequest = {
      table: { metrics: ['recall@20'] },
      family: 'pairs',
      options: { test: 'bootstrap', resamples: 500 },
    };
    const result = await ask(needs, request);
    expect(result.familySize).toBe(3);
    expect(result.caption).toMatch(/^Every pair: paired bootstrap \(500 resamples, seed 1\)/);
    expect((await ask(needs, request)).comparisons).toEqual(result.comparisons);
  });

  it('ranks over datasets, never values: wins, ties and losses, and no test below five', async () => {
    const datasets = ['d1', 'd2', 'd3', 'd4', 'd5'];
    const all = (models: readonly string[], names: readonly string[]) => names.flatMap((name) => grid(models, [1, 2], name));
    const gains = { good: 0.1, bad: -0.1 };
    const four = home(all(['base', 'good', 'bad'], datasets.slice(1)), gains);
    const few = await ask(four.needs, { table: { baseline: 'base', metrics: ['recall@20'] } });
    expect(few.rankings[0]).toMatchObject({ datasets: 4, averages: [2, 1, 3] });
    expect(few.rankings[0]?.friedman).toBeUndefined();
    const five = home(all(['base', 'good', 'bad'], datasets), gains);
    const ranking = (await ask(five.needs, { table: { baseline: 'base', metrics: ['recall@20'] } })).rankings[0]!;
    expect(ranking.friedman?.p).toBeLessThan(0.01);
    expect(ranking.tally).toEqual([
      { win: 0, tie: 5, loss: 0 },
      { win: 5, tie: 0, loss: 0 },
      { win: 0, tie: 0, loss: 5 },
    ]);
  });

  it('says where per-user values are missing instead of testing a part of the seeds', async () => {
    const { needs } = home(grid(['base', 'good'], [1, 2]), { good: 0.1 });
    const partial = {
      ...needs,
      perUserFile: (id: string, part: Statistics['part']) => (id === 'run-3' ? undefined : needs.perUserFile(id, part)),
    };
    const result = await ask(partial, { table: { baseline: 'base', metrics: ['recall@20'] } });
    expect(result.comparisons[0]).toMatchObject({ note: 'no per-user values on one side' });
    expect(result.familySize).toBe(0);
  });
});
