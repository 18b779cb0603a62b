import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { itemSegmentsOf, userSegmentOf } from '#contract/segments.ts';
import { statisticsRequestSchema, type StatisticsRequest } from '#contract/statistics.ts';
import { groupTitle, tableColumns, tableRequestSchema, type Table, type TableRequest } from '#contract/table.ts';
import { metricKeys } from '#contract/run.ts';
import { countIds } from '#data/fingerprint.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';
import { randomStream } from '#data/random.ts';
import { changeRemarks } from '#data/remarks.ts';
import { userRows } from '#data/user-rows.ts';
import { formats } from '#export/formats.ts';
import { wilcoxon } from '#stats/wilcoxon.ts';
import { statisticsOf, tableOf, type StatisticsNeeds } from '#studio/statistics.ts';
import { scoreLists } from '#training/metrics.ts';
import { profileAll } from '#worker/profile-task.ts';
import { testAll } from '#worker/test-task.ts';
import { comparedRun, comparisonSourceOf } from '../../fixtures/compared-runs.ts';
import { importedFolder } from '../../fixtures/dataset-folder.ts';
import { drawnDataset } from '../../fixtures/drawn-dataset.ts';
import { options as exportOptions } from '../../fixtures/table.ts';

const keys = [...metricKeys];
const width = 50;
const dataset = drawnDataset({ users: 120, rowsPerUser: 12 });
const segments = { users: [0, 4, 10], items: { by: 'rows' as const, head: 0.5 } };
const evaluated = Int32Array.from(new Set(dataset.validation.users)).sort();
const heldOut = userRows(dataset.validation, dataset.users);
const trainRows = countIds(dataset.train.users, dataset.users);
const ofItem = itemSegmentsOf(countIds(dataset.train.items, dataset.items), segments.items).segments;

/** Lists of a made-up run: `luck` of the held-out items come first, the rest in a drawn order. */
function listsOf(seed: number, luck: number): Int32Array {
  const random = randomStream(seed, 'lists');
  const lists = new Int32Array(dataset.users * width).fill(-1);
  for (let user = 0; user < dataset.users; user++) {
    const own = [...heldOut.indices.subarray(heldOut.offsets[user]!, heldOut.offsets[user + 1]!)];
    const rank = new Map(Array.from({ length: dataset.items }, (_, item) => [item, random.uniform() - (own.includes(item) ? luck : 0)]));
    const order = [...rank].sort((a, b) => a[1] - b[1]).map(([item]) => item);
    order.slice(0, width).forEach((item, at) => (lists[user * width + at] = item));
  }
  return lists;
}

describe('a table by segment', () => {
  const specs = ['a', 'b'].flatMap((model, of) => [1, 2, 3].map((seed) => ({ model, seed, luck: 0.3 * of })));
  const values = specs.map(({ seed, luck, model }) => {
    const items = listsOf(seed + (model === 'a' ? 0 : 10), luck);
    return {
      items,
      scores: scoreLists({ users: Int32Array.from({ length: dataset.users }, (_, u) => u), items, width }, heldOut, undefined, evaluated),
    };
  });
  let folder: string;
  let needs: StatisticsNeeds;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'avocet-segments-'));
    const datasetFolder = await importedFolder(dataset, folder);
    await changeRemarks(datasetFolder, { segments });
    for (const [at, { items, scores }] of values.entries()) {
      const rows = [...evaluated].flatMap((user, row) => [user, ...keys.map((key) => scores.get(key)![row]!)]);
      await writeFile(
        join(folder, `run-${at}-per-user-validation`),
        writeNpy(Float64Array.from(rows), [evaluated.length, keys.length + 1]),
      );
      await writeFile(join(folder, `run-${at}-top50`), writeNpy(items, [dataset.users, width]));
    }
    const meanOf = (key: string, at: number) => values[at]!.scores.get(key)!.reduce((sum, value) => sum + value, 0) / evaluated.length;
    const runs = specs.map((spec, at) => {
      const run = comparedRun({ model: spec.model, seed: spec.seed, recall: 0 }, at);
      return { ...run, summary: { ...run.summary, validation: Object.fromEntries(keys.map((key) => [key, meanOf(key, at)])) } };
    });
    const signal = new AbortController().signal;
    const file = (id: string, name: string) => (name === 'top50-validation' ? undefined : join(folder, `${id}-${name}`));
    needs = {
      source: comparisonSourceOf(runs),
      tests: { run: (task) => testAll(task, () => undefined, signal), profile: (task) => profileAll(task, () => undefined, signal) },
      file,
      perUserFile: (id, part) => file(id, `per-user-${part}`),
      datasetFolder: () => datasetFolder,
    };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const made = (request: TableRequest): Promise<Table> => tableOf(needs, v.parse(tableRequestSchema, request));
  const statistics = (request: StatisticsRequest) => statisticsOf(needs, v.parse(statisticsRequestSchema, request));

  it('G7: user segments weighted by their users give the overall value, for every metric and row', async () => {
    const table = await made({ segments: 'users', metrics: keys });
    const own = table.groups.flatMap(({ segment }, group) => (segment === undefined ? [] : [{ n: segment.n, group }]));
    expect(own.length).toBeGreaterThan(1);
    expect(own.reduce((sum, { n }) => sum + n, 0)).toBe(evaluated.length);
    for (const row of table.cells)
      for (const column of keys.keys()) {
        const weighted = own.reduce((sum, { n, group }) => sum + row[group * keys.length + column]!.mean! * n, 0) / evaluated.length;
        expect(weighted).toBeCloseTo(row[column]!.mean!, 12);
      }
  });

  it('G7: hits of item segments add up to those of all items', async () => {
    const table = await made({ segments: 'items', metrics: ['precision@20'] });
    for (const row of table.cells) {
      const hits = table.groups.reduce((sum, { segment }, at) => sum + (segment === undefined ? 0 : row[at]!.mean! * 20 * segment.n), 0);
      expect(hits).toBeCloseTo(row[0]!.mean! * 20 * evaluated.length, 9);
    }
  });

  it('has a formula once beside the segments of its dataset, in the table and in every file', async () => {
    const text = 'val.recall@20 / val.ndcg@20';
    const source = { ...needs.source, formula: (_key: string, runs: readonly unknown[]) => runs.map((_run, at) => at + 1) };
    const request = v.parse(tableRequestSchema, {
      segments: 'users',
      metrics: ['recall@20'],
      formulas: [{ text, label: 'Share' }],
      baseline: 'a',
    });
    const table = await tableOf({ ...needs, source }, request);
    const columns = tableColumns(table).map(({ group, metric }) => `${groupTitle(group)} ${metric.label}`);
    expect(columns).toEqual(['demo Recall@20', 'demo Share', 'demo: cold, 0 Recall@20', 'demo: 5 to 10 Recall@20']);
    for (const row of table.cells) expect(row.map(({ mean }) => mean === undefined)).toEqual([false, false, false, false]);
    expect(table.cells.map((row) => row[1]!.mean)).toEqual([2, 2]);
    expect(table.gains).toHaveLength(4);
    const plain = await made({ segments: 'users', metrics: ['recall@20'] });
    expect(table.cells.map((row) => [row[2]!.mean, row[3]!.mean])).toEqual(plain.cells.map((row) => [row[1]!.mean, row[2]!.mean]));
    const written = [formats.csv, formats.markdown, formats.latex].map((format) => format.write(table, exportOptions('csv')));
    // In CSV it has a column of means, one of sds and one of n; a caption names it as well.
    const heading = /Share(?! =)| \/ val\.ndcg@20\/mean/g;
    expect(written.map((text) => [...text.matchAll(heading)].length)).toEqual([1, 1, 1]);
    // With nothing but formulas there is nothing to say of a segment.
    const own = await tableOf({ ...needs, source }, { ...request, metrics: [] });
    expect(own.groups.map(groupTitle)).toEqual(['demo']);
  });

  it('has groups of columns for segments somebody is in, marks in each, ranks over whole datasets, and says so in its caption', async () => {
    const table = await made({ segments: 'users' });
    expect(table.groups.map(groupTitle)).toEqual(['demo', 'demo: cold, 0', 'demo: 5 to 10']);
    expect(table.caption).toContain('By how many train rows a user has');
    expect(table.title).toBe('Fusion, by user segment');
    expect(table.ranks).toEqual((await made({})).ranks);
    for (const column of table.cells[0]!.keys()) expect(table.cells.filter((row) => row[column]!.mark === 'best')).toHaveLength(1);
    expect((await made({ datasets: ['elsewhere'] }).catch((error: unknown) => String(error))) as string).toMatch(/No run/);
  });

  it('tests a user segment over its users alone, and an item segment over users with a held-out item in it', async () => {
    const mean = (key: string, model: number, row: number) =>
      [0, 1, 2].reduce((sum, seed) => sum + values[model * 3 + seed]!.scores.get(key)![row]!, 0) / 3;
    const byUsers = await statistics({ table: { segments: 'users', metrics: ['recall@20'] } });
    const at = byUsers.groups.findIndex(({ segment }) => segment?.id === '5-10');
    const members = [...evaluated].flatMap((user, row) => (userSegmentOf(trainRows[user]!, segments.users) === 2 ? [row] : []));
    const expected = wilcoxon(members.map((row) => mean('recall@20', 1, row) - mean('recall@20', 0, row)))!;
    const found = byUsers.comparisons.find(({ column }) => column === at)!.finding!;
    expect(found.n).toBe(members.length);
    expect(found.p).toBeCloseTo(expected.p, 12);

    const byItems = await statistics({ table: { segments: 'items', metrics: ['recall@20'] } });
    const tail = byItems.groups.findIndex(({ segment }) => segment?.id === 'tail');
    const inTail = (user: number) =>
      [...heldOut.indices.subarray(heldOut.offsets[user]!, heldOut.offsets[user + 1]!)].filter((item) => ofItem[item] === 1);
    const users = [...evaluated].filter((user) => inTail(user).length > 0);
    const recall = (run: number, user: number) => {
      const list = [...values[run]!.items.subarray(user * width, user * width + 20)];
      return inTail(user).filter((item) => list.includes(item)).length / inTail(user).length;
    };
    const recallMean = (model: number, user: number) => [0, 1, 2].reduce((sum, seed) => sum + recall(model * 3 + seed, user), 0) / 3;
    const differences = users.map((user) => recallMean(1, user) - recallMean(0, user));
    const tested = byItems.comparisons.find(({ column }) => column === tail)!.finding!;
    expect(tested.n).toBe(users.length);
    expect(tested.difference).toBeCloseTo(differences.reduce((sum, value) => sum + value, 0) / users.length, 12);
    expect(tested.p).toBeCloseTo(wilcoxon(differences)!.p, 12);
  });

  it('tests runs per seed within a segment, and what a whole dataset gives does not depend on segments beside it', async () => {
    const options = { design: 'seed' as const, minimum: 0 };
    const byItems = await statistics({ table: { segments: 'items', metrics: ['recall@20'] }, options });
    expect(byItems.comparisons.every(({ finding }) => finding?.n === 3)).toBe(true);
    const bootstrap = { design: 'user' as const, test: 'bootstrap' as const, resamples: 200, correction: 'none' as const };
    const [alone, beside] = [
      await statistics({ options: bootstrap }),
      await statistics({ table: { segments: 'users' }, options: bootstrap }),
    ];
    expect(beside.comparisons[0]!.finding).toEqual(alone.comparisons[0]!.finding);
    expect(beside.rankings).toEqual(alone.rankings);
  });

  it('goes into every format with its segments named', async () => {
    const table = await made({ segments: 'items', baseline: 'a', tests: {} });
    expect(table.cells[1]!.every(({ finding }) => finding !== undefined)).toBe(true);
    const csv = formats.csv.write(table, exportOptions('csv'));
    expect(csv).toContain('demo/items:tail/validation/recall@20/mean');
    expect(formats.markdown.write(table, exportOptions('markdown'))).toContain('demo: tail items Recall@20');
    const latex = formats.latex.write(table, exportOptions('latex'));
    expect(latex).toContain('\\multicolumn{6}{c}{demo}');
    expect(latex).toContain('\\multicolumn{2}{c}{tail items}');
    for (const line of latex.split('\n').filter((text) => / & /.test(text) && !text.includes('multicolumn')))
      expect(line.split(' & ')).toHaveLength(1 + table.groups.length * table.metrics.length);
  });
});
