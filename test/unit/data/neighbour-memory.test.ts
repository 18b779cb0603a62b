import { chmod, mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '#data/dataset-folder.ts';
import type { Dataset, Modality, NeighbourMemory } from '#data/dataset.ts';
import { importDataset } from '#data/import.ts';
import { nearestNeighbours } from '#data/knn.ts';
import type { Neighbours } from '#data/knn.ts';
import { neighbourMemory } from '#data/neighbour-memory.ts';
import { openDevice } from '#engine/devices/open.ts';
import { rawNeighbours } from '#models/parts/modal-graphs.ts';
import { folderWith, goodFolder, temporaryFolder } from '#test/fixtures/dataset-files.ts';

const features = { rows: 4, width: 2, values: Float32Array.of(1, 0, 1, 0.1, 0, 1, 0, 0) };
const found = nearestNeighbours(features, { k: 2, self: true });
const image = { name: 'image', hash: 'a'.repeat(64), rows: 4 };
const file = 'neighbours.image.k2.bin';

describe('neighbour lists beside a dataset', () => {
  it('come back bit for bit, also where a row has fewer', async () => {
    const folder = await temporaryFolder();
    expect(neighbourMemory(folder, image).find(2)).toBeUndefined();
    neighbourMemory(folder, image).keep(found);
    expect(neighbourMemory(folder, image).find(2)).toEqual(found);
    expect([...found.ids.subarray(6)]).toEqual([-1, -1]);
    expect(await readdir(folder)).toEqual([file]);
  });

  it('are those of these features, this k and this number of items alone', async () => {
    const folder = await temporaryFolder();
    neighbourMemory(folder, image).keep(found);
    const stored = await readFile(join(folder, file));
    expect(neighbourMemory(folder, { ...image, hash: 'b'.repeat(64) }).find(2)).toBeUndefined();
    expect(neighbourMemory(folder, { ...image, rows: 8 }).find(1)).toBeUndefined();
    await writeFile(join(folder, 'neighbours.image.k1.bin'), stored);
    expect(neighbourMemory(folder, { ...image, rows: 8 }).find(1)).toBeUndefined();
    await writeFile(join(folder, 'neighbours.text.k2.bin'), stored);
    expect(neighbourMemory(folder, { ...image, name: 'text', hash: 'c'.repeat(64) }).find(2)).toBeUndefined();
  });

  it.each([
    ['one bit of it is another', (bytes: Buffer) => bytes.fill(bytes[40]! ^ 1, 40, 41)],
    ['it ends early', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4)],
    ['it is empty', () => Buffer.alloc(0)],
  ])('are computed again where %s', async (_, spoil) => {
    const folder = await temporaryFolder();
    const memory = neighbourMemory(folder, image);
    memory.keep(found);
    await writeFile(join(folder, file), spoil(await readFile(join(folder, file))));
    expect(memory.find(2)).toBeUndefined();
    memory.keep(found);
    expect(memory.find(2)).toEqual(found);
  });

  it('take along what a killed process left half written, and nothing that one may be writing', async () => {
    const folder = await temporaryFolder();
    const names = ['.neighbours.image.0badcafe', '.neighbours.image.00000001', '.neighbours.text.0badcafe'];
    const past = new Date(Date.now() - 3_600_000);
    for (const name of names) {
      await writeFile(join(folder, name), 'half');
      if (name.endsWith('0badcafe')) await utimes(join(folder, name), past, past);
    }
    neighbourMemory(folder, image).keep(found);
    expect((await readdir(folder)).sort()).toEqual([names[1], names[2], file]);
    neighbourMemory(folder, { ...image, name: 'text' }).keep(found);
    expect((await readdir(folder)).sort()).toEqual([names[1], file, 'neighbours.text.k2.bin']);
  });

  it('are left out where the folder takes no file', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, file));
    const memory = neighbourMemory(folder, image);
    memory.keep(found);
    expect(memory.find(2)).toBeUndefined();
    expect(await readdir(folder)).toEqual([file]);
  });

  it('are taken where they are known, and kept where they had to be computed', async () => {
    await openDevice('cpu');
    const kept: Neighbours[] = [];
    const known = { ...found, ids: Int32Array.of(0, 2, 1, 3, 2, 0, 3, 1), cosines: new Float32Array(8).fill(0.5) };
    const modality = (neighbours: NeighbourMemory): Modality => ({
      name: 'image',
      width: 2,
      values: features.values,
      sourceType: 'float32',
      hash: image.hash,
      missing: new Uint8Array(4),
      neighbours,
    });
    const dataset = { items: 4 } as Dataset;
    const keep = (lists: Neighbours) => void kept.push(lists);
    expect(rawNeighbours({ dataset, source: 'computed', k: 2 }, modality({ find: () => known, keep }))).toBe(known);
    expect(kept).toEqual([]);
    const computed = rawNeighbours({ dataset, source: 'computed', k: 2 }, modality({ find: () => undefined, keep }));
    expect(computed).toEqual(found);
    expect(kept).toEqual([computed]);
  });

  it('belong to every modality of an opened dataset, under the hash of its features', async () => {
    const root = await temporaryFolder();
    const request = { from: 'folder', folder: await folderWith(goodFolder()), name: 'set', choices: {} } as const;
    for await (const event of importDataset(request, { root })) void event;
    const folder = join(root, 'set');
    const { modalities, items } = await openDataset(folder);
    const [modality] = modalities;
    const own = nearestNeighbours({ rows: items, width: modality!.width, values: modality!.values }, { k: 2, self: true });
    modality!.neighbours!.keep(own);
    const again = (await openDataset(folder)).modalities[0]!;
    expect(again.neighbours!.find(2)).toEqual(own);
    await chmod(join(folder, 'manifest.json'), 0o644);
    const manifest = await readFile(join(folder, 'manifest.json'), 'utf8');
    await writeFile(join(folder, 'manifest.json'), manifest.replaceAll(again.hash, 'd'.repeat(64)));
    expect((await openDataset(folder)).modalities[0]!.neighbours!.find(2)).toBeUndefined();
  });
});
