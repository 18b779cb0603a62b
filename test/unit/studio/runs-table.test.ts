import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { readSheet } from 'read-excel-file/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Link } from '#contract/link.ts';
import { addExperiment, addRun, finishRun } from '../store/fixture.ts';
import { closeAll, homeWith, openHere, refusal } from './fixture.ts';

let home: string;
let link: Link;
const ids = Array.from({ length: 12 }, (_, at) => `run-${at}`);

beforeEach(async () => {
  home = homeWith((store) => {
    addExperiment(store, 'exp-a', 'Layers');
    for (const [at, id] of ids.entries()) {
      const layers = Math.floor(at / 3);
      const differences = layers === 0 ? [] : [{ key: 'n_layers', value: String(layers) }];
      addRun(store, { id, seed: at % 3, configuration: `layers-${layers}`, hyper: { n_layers: layers }, differences });
      finishRun(store, id, { 'recall@20': (at + 1) / 100, 'ndcg@20': (at + 1) / 200, 'auc@10': 0.7 }, { 'recall@20': 0.5 });
    }
  });
  for (const id of ids) {
    mkdirSync(join(home, 'runs', id), { recursive: true });
    writeFileSync(join(home, 'runs', id, 'top50.npy'), 'x');
  }
  link = (await openHere(home, { resume: false })).link();
});
afterEach(closeAll);

describe('changes of all that a query matches', () => {
  test('reach every run of it, and their steps bring back what was', async () => {
    const change = await link.call('runs.change', { query: { filter: 'n_layers >= 2' }, change: { type: 'trash' } });
    expect(change).toMatchObject({ changed: 6, locked: 0 });
    expect((await link.call('runs.page', {})).totalRuns).toBe(6);
    await link.call('runs.steps', { steps: change.undo });
    expect((await link.call('runs.page', {})).totalRuns).toBe(12);
    await link.call('runs.steps', { steps: change.redo });
    expect((await link.call('runs.page', { trashed: true })).totalRuns).toBe(6);
  });

  test('steps over runs that were deleted for good meanwhile say how many, and windows elsewhere hear of every edit', async () => {
    const asked = new AbortController();
    const status = link.stream('studio.watch', {}, asked.signal)[Symbol.asyncIterator]();
    const before = (await status.next()).value!.edits;
    const { undo } = await link.call('runs.change', { ids: ['run-1', 'run-2'], change: { type: 'trash' } });
    await link.call('runs.purge', { ids: ['run-1'] });
    expect(await link.call('runs.steps', { steps: undo })).toEqual({ changed: 1, gone: 1 });
    const { id } = await link.call('views.save', { name: 'Mine', state: {} });
    await link.call('views.remove', { id });
    await link.call('runs.trash', { ids: ['run-3'] });
    await link.call('runs.restore', { ids: ['run-3'] });
    await link.call('experiments.describe', { id: 'exp-a', name: 'Another name' });
    let edits = before;
    while (edits < before + 8) edits = (await status.next()).value!.edits;
    asked.abort();
    expect(edits).toBe(before + 8);
  });

  test('a locked run refuses the trash and being run over, by name and in words (G13)', async () => {
    await link.call('runs.change', { ids: ['run-0'], change: { type: 'lock', locked: true } });
    const locked = { code: 'run.locked', message: expect.stringMatching(/^The run is locked and was not moved to the trash/) };
    expect(await refusal(link.call('runs.change', { ids: ['run-0'], change: { type: 'trash' } }))).toMatchObject(locked);
    expect(await refusal(link.call('runs.trash', { ids: ['run-0'] }))).toMatchObject(locked);
    expect(await refusal(link.call('runs.stop', { ids: ['run-0'], keep: false }))).toMatchObject({ code: 'run.locked' });
    expect((await link.call('runs.summaries', { ids: ['run-0'] })).runs[0]).toMatchObject({ locked: true, state: 'finished' });
    expect(await link.call('runs.change', { ids, change: { type: 'trash' } })).toMatchObject({ changed: 11, locked: 1 });
  });

  test('a purge takes records and files for good, from the trash alone', async () => {
    await link.call('runs.change', { ids: ['run-1'], change: { type: 'trash' } });
    expect(await link.call('runs.trashed', {})).toMatchObject({ runs: 1 });
    // What is not in the trash stays, and its bytes are not said to be freed.
    for (const [id, bytes] of [
      ['run-1', 100],
      ['run-2', 7000],
    ] as const)
      writeFileSync(join(home, 'runs', id, 'best.bin'), Buffer.alloc(bytes));
    expect(await link.call('runs.purge', { ids: ['run-1', 'run-2'] })).toEqual({ purged: 1, bytes: 101 });
    expect([existsSync(join(home, 'runs', 'run-1')), existsSync(join(home, 'runs', 'run-2'))]).toEqual([false, true]);
    expect(await refusal(link.call('runs.get', { id: 'run-1' }))).toMatchObject({ code: 'run.unknown' });
  });
});

describe('the export', () => {
  test('holds every row matched, in order, with all digits, whatever a page would hold (S3)', async () => {
    const columns = ['val.recall@20', '=val.recall@20 / val.ndcg@20', 'n_layers', 'test.recall@20'];
    const query = { sort: [{ field: 'val.recall@20', descending: true }], limit: 1 };
    const { rows, content } = await link.call('runs.export', { query, columns });
    const records = parse(Buffer.from(content), { columns: true }) as Record<string, string>[];
    expect(rows).toBe(4);
    expect(records).toHaveLength(4);
    expect(records.map((record) => record['n_layers'])).toEqual(['3', '2', '1', '0']);
    expect(Number(records[0]!['val.recall@20/mean'])).toBeCloseTo(0.11, 12);
    expect(records[0]).toMatchObject({ 'val.recall@20/n': '3', runs: '3', seed: '0, 1, 2', 'test.recall@20/mean': '' });
    // A hash names a configuration; its words are beside it.
    expect(records.map((record) => record['differences'])).toEqual(['n_layers 3', 'n_layers 2', 'n_layers 1', '']);
    const single = await link.call('runs.exportTo', {
      query: { ...query, collapse: false, filter: 'seed = 1' },
      columns,
      path: join(home, 'out.csv'),
    });
    expect(single.rows).toBe(4);
    const lines = parse(readFileSync(single.path), { columns: true }) as Record<string, string>[];
    expect(lines.map((record) => record['id'])).toEqual(['run-10', 'run-7', 'run-4', 'run-1']);
    expect(Number(lines[0]!["'=val.recall@20 / val.ndcg@20"])).toBeCloseTo(2, 12);
  });
});

test('whatever the list of fields names can be a column, also a metric of another version', async () => {
  const { fields } = await link.call('runs.fields', {});
  const columns = fields.map(({ name }) => name);
  expect(columns).toContain('max.auc@10');
  const { content } = await link.call('runs.export', { query: { collapse: false }, columns });
  const records = parse(Buffer.from(content), { columns: true }) as Record<string, string>[];
  expect(records[0]!['val.auc@10']).toBe('0.7');
});

describe('the query', () => {
  test.each([
    ['model = lightgcn and ii_q > 1', 'runs.unknown-field', 'filter, character 22'],
    ['model = lightgcn and', 'runs.filter', 'filter, character 21'],
    ['seed = abc', 'runs.filter', 'filter, character 8'],
    ['elapsedSeconds + peakMemoryBytes > 1', 'runs.filter', 'filter, character 16'],
  ])('%s is refused with its place, in pages, changes and exports alike', async (filter, code, where) => {
    for (const work of [
      link.call('runs.page', { filter }),
      link.call('runs.matching', { filter }),
      link.call('runs.export', { query: { filter }, columns: [] }),
      link.call('runs.change', { query: { filter }, change: { type: 'trash' } }),
    ])
      expect(await refusal(work)).toMatchObject({ code, where });
    expect((await link.call('runs.page', {})).totalRuns).toBe(12);
  });

  test.each([
    ['recall@20 > 0.1', 'val.recall@20'],
    ['R@20 > 0.1', 'val.recall@20'],
    ['validation.ndcg@10 > 0.1', 'val.ndcg@10'],
    ['Time > 60', 'elapsedSeconds'],
    ['Best > 60', 'bestEpoch'],
    ['lr = 0.001', 'learningRate'],
  ])('%s is told the field that the screen calls so', async (filter, field) => {
    const problem = (await refusal(link.call('runs.page', { filter }))) as { fix: string };
    expect(problem.fix.startsWith(`Did you mean ${field}? `)).toBe(true);
  });

  test('a field that every object of the language has is as unknown as any other', async () => {
    const problem = (await refusal(link.call('runs.page', { filter: 'constructor > 3' }))) as { code: string; fix: string };
    expect(problem.code).toBe('runs.unknown-field');
    expect(problem.fix).not.toContain('function');
  });

  test('a formula column is refused with its place', async () => {
    expect(await refusal(link.call('runs.page', { columns: ['=val.recall@20 / 2 )'] }))).toMatchObject({
      code: 'runs.formula',
      where: 'formula, character 19',
    });
  });
});

describe('reported rows', () => {
  const csv =
    'source,split,dataset,model,metric,value,note\nA paper,random,demo,BPR,recall@20,0.9,\nA paper,random,demo,BPR,ndcg@20,0.4,\n';

  test('are kept once however often they are imported, and taken away again', async () => {
    for (let time = 0; time < 2; time++) {
      const found = await link.call('reported.import', { text: csv, fileName: 'papers.csv' });
      expect(found).toMatchObject({
        values: 2,
        rows: [{ citation: 'A paper', model: 'BPR', values: { 'recall@20': 0.9, 'ndcg@20': 0.4 } }],
      });
    }
    const { rows } = await link.call('reported.list', {});
    expect(rows).toHaveLength(1);
    await link.call('reported.remove', { ids: rows.map(({ id }) => id) });
    expect((await link.call('reported.list', {})).rows).toEqual([]);
    await link.call('reported.put', { rows });
    expect((await link.call('reported.list', {})).rows).toEqual(rows);
  });

  test('enter no mean, rank, count or field (G19)', async () => {
    const seen = async () => [
      await link.call('runs.page', { columns: ['val.recall@20'], group: ['dataset'] }),
      await link.call('compare.table', { scope: { runs: ids } }),
      await link.call('runs.fields', {}),
    ];
    const before = await seen();
    await link.call('reported.import', { text: csv, fileName: 'papers.csv' });
    expect(await seen()).toEqual(before);
  });

  test('come last in every form of an export, with their source and test values alone; not where single runs were chosen', async () => {
    await link.call('reported.import', { text: csv, fileName: 'papers.csv' });
    const columns = ['test.recall@20', 'val.recall@20', 'n_layers'];
    const whole = { query: {}, columns };
    const { content, ...counts } = await link.call('runs.export', whole);
    expect(counts).toEqual({ fileName: 'runs.csv', rows: 4, reported: 1 });
    const records = parse(Buffer.from(content), { columns: true }) as Record<string, string>[];
    expect(records.map(({ source }) => source)).toEqual(['', '', '', '', 'A paper']);
    expect(records[4]).toMatchObject({
      model: 'BPR',
      dataset: 'demo',
      'test.recall@20/mean': '0.9',
      'val.recall@20/mean': '',
      n_layers: '',
      runs: '',
    });
    const table = await link.call('runs.export', { ...whole, format: 'parquet' });
    const rows = await parquetReadObjects({ file: table.content.buffer });
    expect(rows.map((row) => [row['source'], row['test.recall@20/mean']])).toEqual([
      ...Array.from({ length: 4 }, () => [null, null]),
      ['A paper', 0.9],
    ]);
    const book = await link.call('runs.exportTo', { ...whole, query: { collapse: false }, format: 'xlsx', path: join(home, 'runs.xlsx') });
    const [header, ...body] = await readSheet(book.path, 'Runs');
    const cell = (row: number, key: string) => body[row]![header!.indexOf(key)];
    expect(body).toHaveLength(13);
    expect([cell(12, 'state'), cell(12, 'test.recall@20'), cell(12, 'source'), cell(0, 'source')]).toEqual([
      'reported',
      0.9,
      'A paper',
      null,
    ]);
    expect(await link.call('runs.export', { ...whole, query: { filter: 'model = lightgcn' } })).toMatchObject({ reported: 0 });
    expect(await link.call('runs.export', { ...whole, query: { ids: ['run-1'] } })).toMatchObject({ rows: 1, reported: 0 });
  });

  test('a file of another form is refused with file and line', async () => {
    expect(await refusal(link.call('reported.import', { text: 'a,b\n1,2\n', fileName: 'odd.csv' }))).toMatchObject({
      where: 'odd.csv:1',
    });
    expect(await refusal(link.call('reported.import', { text: csv.replace('0.4', 'high'), fileName: 'odd.csv' }))).toMatchObject({
      where: 'odd.csv:3',
    });
  });
});

test('views are kept, written over and taken away', async () => {
  const state = { filter: 'model = lightgcn', group: ['dataset'] };
  const { id } = await link.call('views.save', { name: ' Mine ', state });
  await link.call('views.save', { id, name: 'Ours', state: { ...state, filter: '' } });
  expect((await link.call('views.list', {})).views).toMatchObject([
    { id, name: 'Ours', state: { filter: '', group: ['dataset'], collapse: true } },
  ]);
  await link.call('views.remove', { id });
  expect((await link.call('views.list', {})).views).toEqual([]);
  expect(await refusal(link.call('views.save', { name: '  ', state }))).toBeDefined();
});
