import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { zipContents } from '#data/archive/zip.ts';
import { most, writeArchive } from '#studio/bundle/archive.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'avocet-archive-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const about = () => ({
  ...({ format: 'avocet-bundle', version: 1 } as const),
  ...{ title: 'A', createdAt: 1, program: 'Avocet', runs: [], tables: [], omitted: [] },
});

async function* entries(count: number, bytes = 1) {
  for (let n = 0; n < count; n++) yield Promise.resolve({ path: `runs/${n}.txt`, content: new Uint8Array(bytes) });
}

test('what a zip cannot count is refused in words, and the file of before stays', async () => {
  const path = join(folder, 'b.zip');
  const limits = { files: 4, bytes: 4000 };
  writeFileSync(path, 'before');
  for (const [count, bytes] of [
    [4, 1],
    [1, 4001],
  ] as const)
    await expect(writeArchive(path, entries(count, bytes), about(), limits)).rejects.toMatchObject({
      problem: { code: 'bundle.too-large', values: limits, where: path },
    });
  expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['before', ['b.zip']]);
  const written = await writeArchive(path, entries(3), about(), limits);
  expect([written.files, Object.keys(unzipSync(readFileSync(path)))]).toEqual([
    3,
    ['runs/0.txt', 'runs/1.txt', 'runs/2.txt', 'manifest.json'],
  ]);
});

test('a bundle of the most files is still read as it was written: 65,535 of them stand for an index that is elsewhere', async () => {
  const path = join(folder, 'b.zip');
  await writeArchive(path, entries(1), about());
  const bytes = readFileSync(path);
  const counted = async (files: number) => {
    bytes.writeUInt16LE(files, bytes.length - 12);
    writeFileSync(path, bytes);
    return zipContents(path).then(
      () => 'read',
      (error: Error) => error.message,
    );
  };
  expect(await counted(most.files)).not.toMatch(/larger than 4 GB/);
  expect(await counted(most.files + 1)).toMatch(/larger than 4 GB/);
});
