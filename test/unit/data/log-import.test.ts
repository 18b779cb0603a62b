import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { findingSchema, type Finding } from '#contract/dataset-import.ts';
import { ProblemError, type Problem } from '#contract/problem.ts';
import { openDataset, readManifest } from '#data/dataset-folder.ts';
import { inspect } from '#data/inspect.ts';
import { ItemTable } from '#data/item-table.ts';
import { randomStream } from '#data/random.ts';
import { sequenceHashOf } from '#data/sequences.ts';
import { imported } from '#test/fixtures/dataset-folder.ts';
import {
  everythingBelow,
  features,
  folderWith,
  npyFile,
  rawValues,
  temporaryFolder,
  type FileContents,
} from '#test/fixtures/dataset-files.ts';

/** 30 users with six items each of twenty, times rising. */
function logText(): string {
  const random = randomStream(3, 'test');
  const rows = ['when,buyer,product,stars'];
  for (let user = 0; user < 30; user++) {
    const items = random.sampleWithoutReplacement(new Float64Array(20).fill(1), 6);
    items.forEach((item, turn) => rows.push(`${1_400_000_000 + turn * 1000 + user},u${user},P-${item},${1 + ((user + turn) % 5)}`));
  }
  return `${rows.join('\n')}\n`;
}

const mapping = { user: 'buyer', item: 'product', timestamp: 'when', rating: 'stars' };

async function importedLog(files: FileContents, change: Record<string, unknown> = {}): Promise<{ folder: string; source: string }> {
  const source = await folderWith(files);
  const root = await temporaryFolder();
  await run(source, root, change);
  return { folder: join(root, 'log'), source };
}

async function run(source: string, root: string, change: Record<string, unknown>): Promise<void> {
  const withPaths = JSON.parse(
    JSON.stringify({ from: 'log', file: '@/log.csv', name: 'Log', mapping, split: { rule: 'leave-one-out' }, ...change }).replaceAll(
      '@/',
      `${source}/`,
    ),
  ) as Record<string, unknown>;
  await imported(withPaths, root);
}

async function problemOf(files: FileContents, change: Record<string, unknown>): Promise<Problem | undefined> {
  const root = await temporaryFolder();
  try {
    await run(await folderWith(files), root, change);
    return undefined;
  } catch (error) {
    expect(await everythingBelow(root)).toEqual([]);
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
}

async function inspected(path: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of inspect(path)) findings.push(v.parse(findingSchema, finding));
  return findings;
}

describe('inspection of a log', () => {
  it('shows format, fifty rows, the guessed columns and counts', async () => {
    const folder = await folderWith({ 'log.csv.gz': gzipSync(logText().replace('buyer,product', 'user_id,item_id')) });
    const findings = await inspected(join(folder, 'log.csv.gz'));
    const preview = findings.find((finding) => finding.type === 'preview')?.preview;
    expect(preview).toMatchObject({
      format: { delimiter: ',', header: true, gzip: true },
      columns: ['when', 'user_id', 'item_id', 'stars'],
      mapping: { user: 'user_id', item: 'item_id', rating: 'stars' },
    });
    expect(preview?.rows).toHaveLength(50);
    expect(findings.find((finding) => finding.type === 'interactions')).toMatchObject({ users: 30, items: 20, rows: 180 });
    expect(findings.at(-1)).toMatchObject({ importable: true, suggestedName: 'log' });
  });

  it('recognises RecBole and names it', async () => {
    const folder = await folderWith({ 'x.inter': 'user_id:token\titem_id:token\ttimestamp:float\na\tb\t5\nc\td\t6\n' });
    const findings = await inspected(join(folder, 'x.inter'));
    expect(findings.find((finding) => finding.type === 'recognised')).toMatchObject({ layout: 'recbole' });
    expect(findings.find((finding) => finding.type === 'preview')).toMatchObject({
      preview: { preset: 'recbole', mapping: { user: 'user_id:token', timestamp: 'timestamp:float' } },
    });
  });

  it('lists bad rows with their lines and stays importable', async () => {
    const text = logText().split('\n');
    text[3] = 'soon,u1,P-1,4';
    text[7] = '1400000000,,P-1,4';
    text[9] = '1400000000,u1';
    const folder = await folderWith({ 'log.csv': text.join('\n').replace('buyer,product', 'user,item').replace('when', 'timestamp') });
    const findings = await inspected(join(folder, 'log.csv'));
    const codes = findings.flatMap((finding) =>
      finding.type === 'problem' ? [[finding.problem.code, finding.examples[0], finding.blocking]] : [],
    );
    expect(codes).toEqual([
      ['log.timestamp', 'log.csv:4', false],
      ['log.no-id', 'log.csv:8', false],
      ['log.column-count', 'log.csv:10', false],
    ]);
    expect(findings.at(-1)).toMatchObject({ importable: true });
  });
});

describe('import of a log', () => {
  it('numbers ids by first appearance and keeps raw ids and times', async () => {
    const { folder } = await importedLog({ 'log.csv': logText() });
    const dataset = await openDataset(folder);
    expect(dataset).toMatchObject({ users: 30, items: 20 });
    expect([dataset.train.users.length, dataset.validation.users.length, dataset.test.users.length]).toEqual([120, 30, 30]);
    const first = (await ItemTable.open(folder)).item(0);
    expect(first?.rawId).toBe(logText().split('\n')[1]!.split(',')[2]);
    // Leave-one-out by time: the test row of every user is its latest.
    expect([...dataset.test.times!].every((time) => time >= 1_400_005_000_000)).toBe(true);
    const manifest = await readManifest(folder);
    expect(manifest.fingerprint.sequenceHash).toBe(sequenceHashOf(dataset));
    expect(dataset.fingerprint.sequenceHash).toBe(manifest.fingerprint.sequenceHash);
    expect(manifest.checks).toContainEqual(expect.objectContaining({ id: 'train-after-held-out', count: 0 }));
    expect(manifest.distributions.timeline?.test.reduce((a, b) => a + b)).toBe(30);
  });

  it('is repeatable by seed', async () => {
    const split = { rule: 'mmrec-ratio' };
    const hash = async (seed: number) =>
      (await readManifest((await importedLog({ 'log.csv': logText() }, { split, seed })).folder)).fingerprint.splitHash;
    expect(await hash(1)).toBe(await hash(1));
    expect(await hash(1)).not.toBe(await hash(2));
  });

  it('reads JSON lines and :: to the same dataset', async () => {
    const rows = logText()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const json = rows.map(([when, buyer, product, stars]) => JSON.stringify({ when: Number(when), buyer, product, stars })).join('\n');
    const colons = rows.map((row) => row.join('::')).join('\n');
    const expected = (await readManifest((await importedLog({ 'log.csv': logText() })).folder)).fingerprint.splitHash;
    expect((await readManifest((await importedLog({ 'log.csv': json })).folder)).fingerprint.splitHash).toBe(expected);
    const numbered = { user: 'column 2', item: 'column 3', timestamp: 'column 1' };
    expect((await readManifest((await importedLog({ 'log.csv': colons }, { mapping: numbered })).folder)).fingerprint.splitHash).toBe(
      expected,
    );
  });

  it('merges, filters and peels in the order of the protocol, with counts in the recipe', async () => {
    const repeated = `${logText()}1300000000,u0,P-0,5\n1500000000,u0,P-0,5\n`;
    const { folder } = await importedLog({ 'log.csv': repeated }, { minRating: 2, kCore: { users: 3, items: 3 } });
    const { recipe } = await readManifest(folder);
    expect(recipe.map(({ step }) => step)).toEqual(['read', 'merge', 'rating', 'k-core', 'split']);
    for (let s = 1; s < recipe.length; s++) expect(recipe[s]!.rowsBefore).toBe(recipe[s - 1]!.rowsAfter);
    expect(recipe[0]).toMatchObject({ rowsBefore: 182, rowsAfter: 182 });
    expect(recipe[2]!.rowsAfter).toBeLessThan(recipe[2]!.rowsBefore);
  });

  it('takes labels as they are', async () => {
    const text = 'user,item,split\n' + [0, 1, 2, 3].map((u) => `u${u},a,train\nu${u},b${u},0\nu${u},c,valid\nu${u},d,2\n`).join('');
    const { folder } = await importedLog(
      { 'log.csv': text },
      { mapping: { user: 'user', item: 'item', label: 'split' }, split: { rule: 'labels' } },
    );
    expect((await readManifest(folder)).rows).toEqual({ train: 8, validation: 4, test: 4 });
  });

  it.each(['mean', 'zero'] as const)('attaches features by raw id, missing rows by %s', async (missing) => {
    // Rows of P-3, an unknown item, P-0 and P-1; everything else is missing.
    const files = {
      'log.csv': logText(),
      'v.npy': features(
        4,
        2,
        (r, c) =>
          [
            [1, 2],
            [50, 50],
            [3, 4],
            [5, 6],
          ][r]![c]!,
      ),
      'ids.txt': 'P-3\nnobody\nP-0\nP-1\n',
    };
    const { folder } = await importedLog(files, { features: [{ name: 'video', file: '@/v.npy', ids: '@/ids.txt', missing }] });
    const { modalities, items } = await openDataset(folder);
    const table = await ItemTable.open(folder);
    const { values, missing: mask } = modalities[0]!;
    for (let item = 0; item < items; item++) {
      const expected = { 'P-3': [1, 2], 'P-0': [3, 4], 'P-1': [5, 6] }[table.item(item)!.rawId];
      expect([...values.slice(2 * item, 2 * item + 2)]).toEqual(expected ?? (missing === 'mean' ? [3, 4] : [0, 0]));
      expect(mask[item]).toBe(expected === undefined ? 1 : 0);
    }
    expect((await readManifest(folder)).modalities[0]).toMatchObject({ covered: 3, missing: 17, filledBy: missing });
  });

  it('takes integer ids from .npy, titles and pictures from a table', async () => {
    const text = logText().replaceAll('P-', '10');
    const ids = npyFile({ descr: '<i8', shape: [2], data: rawValues('i8', [100, 101]) });
    const table = 'sku;name;photo\n100;Mug;img/0.png\n101;Lamp;https://x.org/1.jpg\n';
    const { folder, source } = await importedLog(
      { 'log.csv': text, 'v.npy': features(2, 3), 'ids.npy': ids, 'things.csv': table },
      {
        features: [{ name: 'image', file: '@/v.npy', ids: '@/ids.npy' }],
        itemTable: { file: '@/things.csv', id: 'sku', title: 'name', picture: 'photo' },
      },
    );
    const page = (await ItemTable.open(folder)).page({ dataset: 'log', offset: 0, limit: 60, search: '', filter: 'all', order: 'title' });
    expect(page.items.slice(0, 2)).toMatchObject([
      { rawId: '101', title: 'Lamp', picture: { at: 'url' } },
      { rawId: '100', title: 'Mug', picture: { at: 'file', location: join(source, 'img/0.png') } },
    ]);
    expect(page.counts['missing:image']).toBe(18);
  });

  it('Latin-1 is a choice: refused unanswered, read when chosen', async () => {
    const latin = Buffer.from(logText().replaceAll('P-7', 'Café'), 'latin1');
    expect(await problemOf({ 'log.csv': latin }, {})).toMatchObject({ code: 'import.choice-needed', values: { choices: 'encoding' } });
    const { folder } = await importedLog({ 'log.csv': latin }, { choices: { encoding: 'latin-1' } });
    const page = (await ItemTable.open(folder)).page({ dataset: 'log', offset: 0, limit: 60, search: 'café', filter: 'all', order: 'id' });
    expect(page.total).toBe(1);
    expect((await readManifest(folder)).choices).toEqual({ encoding: 'latin-1' });
  });

  const log = { 'log.csv': logText() };
  it.each([
    ['a column that is not there', log, { mapping: { user: 'buyer', item: 'thing' } }, 'log.no-column', 'log.csv:1'],
    ['user and item from one column', log, { mapping: { user: 'buyer', item: 'buyer' } }, 'log.same-column', 'log.csv:1'],
    ['a k-core nobody reaches', log, { kCore: { users: 99, items: 0 } }, 'log.nothing-left', 'log.csv'],
    ['a split by time without times', log, { mapping: { user: 'buyer', item: 'product' } }, 'split.no-times', 'log.csv'],
    ['cuts in the wrong order', log, { split: { rule: 'temporal', validationFrom: 5, testFrom: 4 } }, 'split.cuts', 'log.csv'],
    ['a cut after everything', log, { split: { rule: 'temporal', validationFrom: 3e12, testFrom: 4e12 } }, 'split.empty-part', 'log.csv'],
    ['labels without a label column', log, { split: { rule: 'labels' } }, 'split.no-labels', 'log.csv'],
    [
      'a label that is none',
      { 'log.csv': 'u,i,x\na,b,7\n' },
      { mapping: { user: 'u', item: 'i', label: 'x' }, split: { rule: 'labels' } },
      'log.label',
      'log.csv:2',
    ],
    [
      'a pair with two labels',
      { 'log.csv': 'u,i,x\na,b,0\na,c,1\na,b,2\n' },
      { mapping: { user: 'u', item: 'i', label: 'x' }, split: { rule: 'labels' } },
      'split.pair-in-two-parts',
      'log.csv:4',
    ],
    ['the wrong columns as times', log, { mapping: { user: 'buyer', item: 'stars', timestamp: 'product' } }, 'log.mostly-bad', 'log.csv'],
    [
      'a rating limit without ratings',
      log,
      { mapping: { user: 'buyer', item: 'product', timestamp: 'when' }, minRating: 3 },
      'log.no-rating',
      '',
    ],
    [
      'a file without rows',
      { 'log.csv': 'user,item,when\n' },
      { mapping: { user: 'user', item: 'item', timestamp: 'when' } },
      'log.no-rows',
      'log.csv',
    ],
    [
      'the same column twice',
      { 'log.csv': 'buyer,buyer,when\na,b,1\n' },
      { mapping: { user: 'buyer', item: 'when' } },
      'table.duplicate-column',
      'log.csv:1',
    ],
    [
      'ids that do not fit the features',
      { ...log, 'v.npy': features(3, 2), 'ids.txt': 'P-1\nP-2\n' },
      { features: [{ name: 'image', file: '@/v.npy', ids: '@/ids.txt' }] },
      'features.id-count',
      'v.npy',
    ],
    [
      'an id twice',
      { ...log, 'v.npy': features(2, 2), 'ids.txt': 'P-1\nP-1\n' },
      { features: [{ name: 'image', file: '@/v.npy', ids: '@/ids.txt' }] },
      'features.repeated-id',
      'ids.txt:2',
    ],
    [
      'ids of nothing in the log',
      { ...log, 'v.npy': features(2, 2), 'ids.txt': 'A\nB\n' },
      { features: [{ name: 'image', file: '@/v.npy', ids: '@/ids.txt' }] },
      'features.no-match',
      'ids.txt',
    ],
    [
      'two features of one name',
      { ...log, 'v.npy': features(1, 2), 'ids.txt': 'P-1\n' },
      { features: [1, 2].map(() => ({ name: 'image', file: '@/v.npy', ids: '@/ids.txt' })) },
      'features.duplicate-name',
      'v.npy',
    ],
    [
      'an item table of other items',
      { ...log, 'items.csv': 'id,title\nA,x\nB,y\n' },
      { itemTable: { file: '@/items.csv', id: 'id', title: 'title' } },
      'items.no-match',
      'items.csv',
    ],
    ['a file that is not there', log, { file: '@/nothing.csv' }, 'file.enoent', 'nothing.csv'],
  ])('names %s', async (_, files, change, code, where) => {
    const problem = await problemOf(files, change);
    expect(problem).toMatchObject({ code });
    expect(problem?.where ?? '').toContain(where);
    expect(problem?.fix).toBeTruthy();
  });

  it('says why most rows cannot be read, and how they could be', async () => {
    const files = { 'log.csv': 'user,item,day\na,b,05/31/2024\na,c,05/30/2024\n' };
    expect(await problemOf(files, { mapping: { user: 'user', item: 'item', timestamp: 'day' } })).toMatchObject({
      code: 'log.mostly-bad',
      message: 'Only 0 of 2 rows can be read: “05/31/2024” is not a time.',
      where: 'log.csv:2',
      fix: expect.stringMatching(/^Choose another Time column, or none\. A time is .*2024-05-31 12:30/),
    });
  });
});
