import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { datasetDetailSchema, itemPageRequestSchema, itemPageSchema } from '#contract/dataset.ts';
import { findingSchema, importEventSchema, type Finding, type FolderImport, type ImportEvent } from '#contract/dataset-import.ts';
import { listDatasets, openDataset, readManifest, removalFolder, removeAbandoned } from '#data/dataset-folder.ts';
import { verifyDataset } from '#test/fixtures/verify-dataset.ts';
import { DatasetWriter, datasetId } from '#data/dataset-writer.ts';
import { originalIds } from '#data/external/ids.ts';
import { importDataset } from '#data/import.ts';
import { inspect } from '#data/inspect.ts';
import { ItemTable } from '#data/item-table.ts';
import { detailOf } from '#data/manifest.ts';
import { UserTable } from '#data/user-table.ts';
import { everythingBelow, features, folderWith, goodFolder, npyFile, rawValues, temporaryFolder } from '#test/fixtures/dataset-files.ts';

const request = (folder: string, choices: Record<string, string> = {}): FolderImport => ({
  from: 'folder',
  folder,
  name: 'My Set',
  choices,
});

async function imported(
  folder: string,
  choices: Record<string, string> = {},
): Promise<{ root: string; folder: string; events: ImportEvent[] }> {
  const root = await temporaryFolder();
  const events: ImportEvent[] = [];
  for await (const event of importDataset(request(folder, choices), { root })) events.push(v.parse(importEventSchema, event));
  return { root, folder: join(root, 'my-set'), events };
}

describe('import of an MMRec folder', () => {
  it('gives back exactly what the files hold', async () => {
    const { folder, events } = await imported(await folderWith(goodFolder()));
    const dataset = await openDataset(folder);
    expect(dataset).toMatchObject({ id: 'my-set', name: 'My Set', users: 4, items: 5 });
    expect([...dataset.train.users]).toEqual([0, 0, 1, 1, 2, 2, 3]);
    expect([...dataset.train.items]).toEqual([0, 1, 1, 2, 0, 4, 3]);
    expect([...dataset.validation.items]).toEqual([2, 3, 1, 0]);
    expect([...dataset.test.items]).toEqual([3, 4, 2, 1]);
    expect(dataset.modalities[0]).toMatchObject({ name: 'image', width: 3, sourceType: 'float32' });
    expect([...dataset.modalities[0]!.values.slice(0, 4)]).toEqual([1, Math.fround(1.1), Math.fround(1.2), 2]);
    expect([...dataset.graphs[0]!.matrix.indices]).toEqual([0, 1, 2, 3, 4]);
    expect(events.at(-1)).toMatchObject({ type: 'done', summary: { interactions: 15, train: 7, validation: 4, test: 4 } });
    const fractions = events.flatMap((event) => (event.type === 'progress' ? [event.fraction] : []));
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    await verifyDataset(folder);
  });

  it('stores the feature hash over type, shape and values, whatever the byte order or layout on disk', async () => {
    const values = Array.from({ length: 10 }, (_, i) => i + 0.5);
    const columns = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9].map((i) => values[i]!);
    const hashOf = async (file: Uint8Array): Promise<string> => {
      const { folder } = await imported(await folderWith({ ...goodFolder(), 'image_feat.npy': file }));
      expect([...(await openDataset(folder)).modalities[0]!.values]).toEqual(values);
      return (await readManifest(folder)).modalities[0]!.hash;
    };
    const expected = createHash('sha256').update('float64\t[5,2]\n').update(rawValues('f8', values)).digest('hex');
    expect(await hashOf(npyFile({ descr: '<f8', shape: [5, 2], data: rawValues('f8', values) }))).toBe(expected);
    expect(await hashOf(npyFile({ descr: '>f8', shape: [5, 2], data: rawValues('f8', values, true) }))).toBe(expected);
    expect(await hashOf(npyFile({ descr: '<f8', shape: [5, 2], data: rawValues('f8', columns), fortran: true }))).toBe(expected);
  });

  it.each([
    ['mean', 'mean', [3, 4], [3, 4]],
    ['zero', 'keep', [0, 0], [0, 0]],
  ])('fills NaN rows by %s and zero rows by %s', async (nan, zero, nanRow, zeroRow) => {
    const rows = [
      [1, 2],
      [Number.NaN, 9],
      [0, 0],
      [3, 4],
      [5, 6],
    ];
    const file = features(5, 2, (r, c) => rows[r]![c]!);
    const { folder } = await imported(await folderWith({ ...goodFolder(), 'image_feat.npy': file }), {
      'nan-rows:image': nan,
      'zero-rows:image': zero,
    });
    const { values, missing } = (await openDataset(folder)).modalities[0]!;
    expect([...values.slice(2, 4)]).toEqual(nanRow);
    expect([...values.slice(4, 6)]).toEqual(zeroRow);
    expect([...missing]).toEqual([0, 1, 1, 0, 0]);
    const manifest = await readManifest(folder);
    expect(manifest.choices).toEqual({ 'nan-rows:image': nan, 'zero-rows:image': zero });
    expect(manifest.modalities[0]).toMatchObject({ nanRows: 1, zeroRows: 1, covered: 3, missing: 2, filledBy: nan });
    expect(manifest.checks).toContainEqual(expect.objectContaining({ id: 'test-items-without-features', state: 'note', count: 2 }));
  });

  it('merges repeats by the answer and writes it into the recipe', async () => {
    const files = goodFolder();
    const repeated = String(files['set.inter']).replace('0\t0\t0\n', '0\t0\t0\n0\t0\t0\n');
    const { folder } = await imported(await folderWith({ ...files, 'set.inter': repeated }), { repeats: 'keep-first' });
    const manifest = await readManifest(folder);
    expect(manifest.rows.train).toBe(7);
    expect(manifest.recipe).toContainEqual(expect.objectContaining({ step: 'merge', rowsBefore: 16, rowsAfter: 15 }));
  });

  it('counts duplicate rows and norms', async () => {
    const file = features(5, 2, (r, c) => (r < 3 ? 3 + c : 1));
    const { folder } = await imported(await folderWith({ ...goodFolder(), 'image_feat.npy': file }));
    const health = (await readManifest(folder)).modalities[0]!;
    expect(health).toMatchObject({ duplicateRows: 3, covered: 5 });
    expect(health.norms.counts.reduce((a, b) => a + b)).toBe(5);
    expect(health.norms.edges.at(-1)).toBe(5);
  });

  it('cancelled, it leaves nothing', async () => {
    const folder = await folderWith(goodFolder());
    const root = await temporaryFolder();
    const controller = new AbortController();
    const run = async (): Promise<void> => {
      for await (const event of importDataset(request(folder), { root, signal: controller.signal }))
        if (event.type === 'progress') controller.abort();
    };
    await expect(run()).rejects.toMatchObject({ problem: { kind: 'cancelled', code: 'import.cancelled' } });
    expect(await everythingBelow(root)).toEqual([]);
  });

  it('finds what a killed program left behind', async () => {
    const root = await temporaryFolder();
    const writer = await DatasetWriter.create(root);
    await writer.write('train.users.i32', Int32Array.of(1));
    expect((await listDatasets(root)).manifests).toEqual([]);
    await mkdir(removalFolder(root, 'half-gone'));
    expect(await removeAbandoned(root)).toBe(2);
    expect(await everythingBelow(root)).toEqual([]);
  });

  it('makes ids that are safe folder names', () => {
    expect(datasetId('Amazon Baby (2014)')).toBe('amazon-baby-2014');
    expect(datasetId('../../étude')).toBe('etude');
    expect(datasetId('数据')).toBe('dataset');
  });
});

describe('a damaged dataset folder is named, not read', () => {
  const damages: Record<string, (folder: string) => Promise<void>> = {
    'a shortened array': (folder) => chmod(join(folder, 'train.items.i32'), 0o644).then(() => truncate(join(folder, 'train.items.i32'), 8)),
    'a missing array': (folder) => rm(join(folder, 'modality.image.f32')),
    'a manifest that is not JSON': (folder) =>
      chmod(join(folder, 'manifest.json'), 0o644).then(() => appendFile(join(folder, 'manifest.json'), '}')),
    'a manifest without counts': async (folder) => {
      await chmod(join(folder, 'manifest.json'), 0o644);
      const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Record<string, unknown>;
      delete manifest['users'];
      await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    },
  };

  it.each(Object.keys(damages))('%s', async (name) => {
    const { folder } = await imported(await folderWith(goodFolder()));
    await damages[name]!(folder);
    await expect(openDataset(folder)).rejects.toMatchObject({ problem: { code: 'dataset.damaged' } });
  });

  it('one of a later format, and a folder without dataset', async () => {
    const { root, folder } = await imported(await folderWith(goodFolder()));
    const manifest = join(folder, 'manifest.json');
    await chmod(manifest, 0o644);
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('avocet-dataset/1', 'avocet-dataset/9'));
    await expect(openDataset(folder)).rejects.toMatchObject({ problem: { code: 'dataset.newer' } });
    await expect(openDataset(join(root, 'nothing'))).rejects.toMatchObject({ problem: { code: 'dataset.missing' } });
    expect((await listDatasets(root)).broken).toMatchObject([{ id: 'my-set', problem: { code: 'dataset.newer' } }]);
  });

  it('changed bytes are found by verifying', async () => {
    const { folder } = await imported(await folderWith(goodFolder()));
    const path = join(folder, 'train.items.i32');
    await chmod(path, 0o644);
    const bytes = await readFile(path);
    bytes[0] = bytes[0]! ^ 1;
    await writeFile(path, bytes);
    await expect(verifyDataset(folder)).rejects.toMatchObject({ problem: { code: 'dataset.damaged' } });
  });
});

describe('the item table', () => {
  it('pages, searches and filters', async () => {
    const table =
      'itemID\tasin\timUrl\ttitle\n0\tA0\thttp://x.org/0.jpg\tRed mug\n1\tA1\t\tBlue mug\n2\tA2\tpictures/2.png\t\n3\tA3\t../../etc/passwd\tLamp\n';
    const source = await folderWith({ ...goodFolder(), 'items.tsv': table });
    const { folder } = await imported(source);
    const items = await ItemTable.open(folder);
    const page = (input: Record<string, unknown>) =>
      v.parse(itemPageSchema, items.page(v.parse(itemPageRequestSchema, { dataset: 'my-set', ...input })));
    expect(page({}).total).toBe(5);
    expect(page({ search: 'MUG' }).items.map(({ id }) => id)).toEqual([0, 1]);
    expect(page({ search: 'a3' }).items[0]).toMatchObject({ rawId: 'A3', title: 'Lamp' });
    expect(page({ limit: 2, offset: 2 }).items.map(({ id }) => id)).toEqual([2, 3]);
    expect(page({ order: 'popularity' }).items[0]).toMatchObject({ id: 0, trainRows: 2 });
    // A path that climbs out of the folder is no picture.
    expect(page({ filter: 'no-picture' }).items.map(({ id }) => id)).toEqual([1, 3, 4]);
    expect(items.item(2)?.picture).toEqual({ at: 'file', location: join(source, 'pictures/2.png') });
    expect(page({}).counts).toMatchObject({ all: 5, 'no-title': 2, head: 4, cold: 0 });
  });

  it('gives users and items the names that the mappings say, and the number where they say none', async () => {
    const files = {
      'i_id_mapping.csv': 'asin\titemID\nB0\t0\nB4\t4\n',
      'u_id_mapping.csv': 'user_id\tuserID\nA1YJ\t0\n=1+1\t2\nA9\t9\nA0\t\n\t3\n',
    };
    const source = await folderWith({ ...goodFolder(), ...files });
    const findings: Finding[] = [];
    for await (const finding of inspect(source)) findings.push(finding);
    expect(findings).toContainEqual(
      expect.objectContaining({ type: 'problem', problem: expect.objectContaining({ code: 'mapping.id', where: 'u_id_mapping.csv:4' }) }),
    );
    // An empty number is not that of the first user, an empty name none.
    const { folder } = await imported(source);
    expect(await originalIds(folder)).toEqual({ users: ['A1YJ', '1', '=1+1', '3'], items: ['B0', '1', '2', '3', 'B4'] });
    const users = await UserTable.open(folder);
    expect([users.find('a1'), users.find('2')]).toEqual([[0], [2]]);
    // Where a name is another one's number, the number is marked as such: no two are called alike.
    const numbered = await folderWith({
      ...goodFolder(),
      'u_id_mapping.csv': 'user_id\tuserID\n3\t0\n0\t1\n',
      'i_id_mapping.csv': 'asin\titemID\n2\t0\n',
    });
    const named = (await imported(numbered)).folder;
    expect(await originalIds(named)).toEqual({ users: ['3', '0', '2', '#3'], items: ['2', '1', '#2', '3', '4'] });
    expect((await UserTable.open(named)).find('#3')).toEqual([3]);
    const empty = await folderWith({ ...goodFolder(), 'u_id_mapping.csv': '' });
    expect((await originalIds((await imported(empty)).folder)).users).toEqual(['0', '1', '2', '3']);
  });
});

const shared = '../shared/data';
describe.skipIf(!existsSync(shared))('real datasets (skipped: no ../shared)', () => {
  it.each([
    ['baby', { users: 19445, items: 7050, train: 118551, validation: 20559, test: 21682 }, ['image', 'text'], 3, 'ce6fb744'],
    ['tiktok', { users: 9308, items: 6710, train: 59541, validation: 3051, test: 6130 }, ['audio', 'image'], 0, '7bcd4c4e'],
  ])('%s', async (name, counts, modalities, graphs, splitHash) => {
    const findings: Finding[] = [];
    for await (const finding of inspect(`${shared}/${name}`)) findings.push(v.parse(findingSchema, finding));
    expect(findings.find((finding) => finding.type === 'interactions')).toMatchObject(counts);
    expect(findings.filter((finding) => finding.type === 'modality').map(({ health }) => health.name)).toEqual(modalities);
    expect(findings.filter((finding) => finding.type === 'graph')).toHaveLength(graphs);
    expect(findings.at(-1)).toMatchObject({ type: 'finished', importable: true, suggestedName: name });

    const { folder } = await imported(`${shared}/${name}`);
    const manifest = await readManifest(folder);
    expect(manifest).toMatchObject({
      users: counts.users,
      items: counts.items,
      rows: { train: counts.train, validation: counts.validation, test: counts.test },
    });
    expect(manifest.fingerprint.splitHash).toMatch(new RegExp(`^${splitHash}`));
    v.parse(datasetDetailSchema, detailOf(manifest, folder));
    const dataset = await openDataset(folder);
    expect(dataset.modalities.map((modality) => [modality.name, modality.width, modality.values.length])).toEqual(
      modalities.map((modality) => [modality, 128, counts.items * 128]),
    );
  });

  it('Baby has its notes, titles and agreement; TikTok its ten users without train rows', async () => {
    const baby = await readManifest((await imported(`${shared}/baby`)).folder);
    expect(baby.itemTable).toMatchObject({ titled: 3416, pictured: 7037 });
    expect(baby.checks).toContainEqual(expect.objectContaining({ id: 'items-outside-train', count: 3, state: 'note' }));
    expect(baby.agreement[0]).toMatchObject({ first: 'image', second: 'text', k: 10 });
    const tiktok = await readManifest((await imported(`${shared}/tiktok`)).folder);
    expect(tiktok.checks).toContainEqual(expect.objectContaining({ id: 'users-without-train', count: 10 }));
    expect(tiktok.checks).toContainEqual(
      expect.objectContaining({ id: 'evaluated-users', text: 'Users evaluated (validation 3,046, test 6,125)' }),
    );
    expect(tiktok.modalities.map(({ sourceType }) => sourceType)).toEqual(['float16', 'float16']);
  });
});
