import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDataset, readManifest } from '#data/dataset-folder.ts';
import { imported } from '#test/fixtures/dataset-folder.ts';
import { folderWith, goodFolder, temporaryFolder } from '#test/fixtures/dataset-files.ts';

const train = 'train.items.i32';
const features = 'modality.image.f32';
const damaged = { problem: { kind: 'data', code: 'dataset.damaged' } };

async function importedSet(): Promise<string> {
  const root = await temporaryFolder();
  return join(root, (await imported({ from: 'folder', folder: await folderWith(goodFolder()), name: 'set' }, root)).id);
}

/** Turns one bit of a file over and leaves size and time of modification as they were. */
async function spoil(folder: string, file: string): Promise<void> {
  const path = join(folder, file);
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  bytes[1] = bytes[1]! ^ 1;
  await chmod(path, 0o644);
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
}

describe('the arrays of a dataset folder', () => {
  it('that changed without another size are found when they are opened', async () => {
    const folder = await importedSet();
    await spoil(folder, train);
    await expect(openDataset(folder)).rejects.toMatchObject(damaged);
  });

  it('are not trusted by their times right after they were written', async () => {
    const folder = await importedSet();
    await openDataset(folder);
    expect(existsSync(join(folder, 'checked.json'))).toBe(false);
  });

  it('are read when somebody looks at them, as far as they are features', async () => {
    const folder = await importedSet();
    await spoil(folder, features);
    const { modalities, items } = await openDataset(folder);
    expect(() => modalities[0]!.values).toThrow(`${features} does not have the stored hash`);
    expect(modalities[0]!.missing).toHaveLength(items);
  });

  it('give the same features however often they are looked at', async () => {
    const { modalities } = await openDataset(await importedSet());
    const { values } = modalities[0]!;
    expect(modalities[0]!.values).toBe(values);
    expect([...values.subarray(0, 2)]).toEqual([1, Math.fround(1.1)]);
  });

  describe('some time after the import', () => {
    beforeEach(() => {
      const now = Date.now();
      vi.spyOn(Date, 'now').mockReturnValue(now + 60_000);
    });
    afterEach(() => vi.restoreAllMocks());

    it('are remembered as checked, features once they were read', async () => {
      const folder = await importedSet();
      const dataset = await openDataset(folder);
      const hashes = async () => {
        const checked = JSON.parse(await readFile(join(folder, 'checked.json'), 'utf8')) as Record<string, { hash: string }>;
        return new Map(Object.entries(checked).map(([file, { hash }]) => [file, hash]));
      };
      const stored = new Map((await readManifest(folder)).arrays.map(({ file, hash }) => [file, hash]));
      expect((await hashes()).get(train)).toBe(stored.get(train));
      expect((await hashes()).has(features)).toBe(false);
      expect(dataset.modalities[0]!.values).toHaveLength(15);
      expect((await hashes()).get(features)).toBe(stored.get(features));
      expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    });

    it('are trusted as long as size and times are what they were', async () => {
      const folder = await importedSet();
      await openDataset(folder);
      await spoil(folder, train);
      const { size, mtimeMs, ctimeMs } = await stat(join(folder, train));
      const file = join(folder, 'checked.json');
      const checked = JSON.parse(await readFile(file, 'utf8')) as Record<string, object>;
      checked[train] = { ...checked[train], bytes: size, modifiedMs: mtimeMs, changedMs: ctimeMs };
      await writeFile(file, JSON.stringify(checked));
      expect((await openDataset(folder)).train.items).toHaveLength(7);
    });

    it('are hashed again when they changed since, also under an old time of modification', async () => {
      const folder = await importedSet();
      await openDataset(folder);
      await spoil(folder, train);
      await expect(openDataset(folder)).rejects.toMatchObject(damaged);
    });

    it.each(['', '{"train.items.i32": {', '[]', '{"train.items.i32": {"bytes": "many"}}'])(
      'are hashed where what was remembered is torn: %j',
      async (text) => {
        const folder = await importedSet();
        await openDataset(folder);
        await writeFile(join(folder, 'checked.json'), text);
        await openDataset(folder);
        await spoil(folder, train);
        await writeFile(join(folder, 'checked.json'), text);
        await expect(openDataset(folder)).rejects.toMatchObject(damaged);
      },
    );

    it('open in a folder that takes no further file', async () => {
      const folder = await importedSet();
      await mkdir(join(folder, 'checked.json'));
      expect((await openDataset(folder)).users).toBe(4);
      expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    });
  });
});
