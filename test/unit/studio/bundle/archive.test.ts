import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeArchive } from '#studio/bundle/archive.ts';

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
